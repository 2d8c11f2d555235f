/// UTC dates by the calendar, for milliseconds since 1970.
package enum CivilTime {
    /// `2026-11-21T10:03:18.123Z`.
    package static func text(_ milliseconds: Int64) -> String {
        let (days, rest) = milliseconds.flooredQuotient(by: 86_400_000)
        let (year, month, day) = date(daysSince1970: days)
        let seconds = rest / 1000
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
            + ".\(padded(rest % 1000, 3))Z"
    }

    /// Reads `2026-11-21`, `2026-11-21T10:03`, with seconds, milliseconds and `Z` if wanted, or plain
    /// milliseconds since 1970; nil if it is none of these. Always UTC.
    package static func milliseconds(_ text: String) -> Int64? {
        if let plain = Int64(text) { return plain }
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        let date = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count <= 2, date.count == 3, let year = date[0], let month = date[1], let day = date[2],
            1970...9999 ~= year, 1...12 ~= month, 1...31 ~= day
        else { return nil }
        let midnight = days(year: year, month: month, day: day) * 86_400_000
        guard parts.count == 2 else { return midnight }
        guard let time = timeOfDay(parts[1].hasSuffix("Z") ? parts[1].dropLast() : parts[1]) else {
            return nil
        }
        return midnight + time
    }

    private static func timeOfDay(_ text: Substring) -> Int64? {
        let halves = text.split(separator: ".", omittingEmptySubsequences: false)
        let fields = halves[0].split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard halves.count <= 2, 2...3 ~= fields.count, let hour = fields[0], let minute = fields[1],
            let second = fields.count == 3 ? fields[2] : 0,
            0...23 ~= hour, 0...59 ~= minute, 0...59 ~= second
        else { return nil }
        var milliseconds: Int64 = 0
        if halves.count == 2 {
            guard 1...3 ~= halves[1].utf8.count, let digits = Int64(halves[1]), digits >= 0 else {
                return nil
            }
            milliseconds = digits * [100, 10, 1][halves[1].utf8.count - 1]
        }
        return ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds
    }

    /// Days of the Gregorian calendar, counted in eras of 400 years that begin in March.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shifted.flooredQuotient(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredQuotient(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

extension Int64 {
    /// Quotient and remainder, the remainder never negative.
    fileprivate func flooredQuotient(by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
