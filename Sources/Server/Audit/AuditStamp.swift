import Glibc

/// What a line of the audit log begins with: when it was, whether something was refused, and whose line it
/// is.
struct AuditStamp {
    enum Form: Sendable {
        /// A file of its own: as Apache's `conf/logback.xml` has it, in the time zone of this machine.
        case ownFile
        /// Between the lines of the server's log, and like them: in UTC.
        case serverLog
    }

    private let form: Form
    private var milliseconds: Int64 = -1
    /// The moment as text; many lines have the same.
    private var moment: [UInt8] = []

    init(_ form: Form) { self.form = form }

    /// - Parameter milliseconds: since 1970.
    mutating func append(milliseconds: Int64, isFailure: Bool, to bytes: inout [UInt8]) {
        if milliseconds != self.milliseconds {
            self.milliseconds = milliseconds
            moment = Array(Self.moment(milliseconds, form).utf8)
        }
        bytes += moment
        bytes += (isFailure ? " ERROR " : " INFO ").utf8
        switch form {
        case .ownFile: bytes += "o.a.z.a.Slf4jAuditLogger: ".utf8
        case .serverLog: bytes += "audit: ".utf8
        }
    }

    /// `2026-01-31 23:59:59,999`, or `2026-01-31T23:59:59.999Z`.
    private static func moment(_ milliseconds: Int64, _ form: Form) -> String {
        var seconds = time_t(milliseconds / 1000)
        var fields = tm()
        let layout: String
        switch form {
        case .ownFile:
            localtime_r(&seconds, &fields)
            layout = "%Y-%m-%d %H:%M:%S,"
        case .serverLog:
            gmtime_r(&seconds, &fields)
            layout = "%Y-%m-%dT%H:%M:%S."
        }
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer -> String in
            guard let start = buffer.baseAddress, strftime(start, buffer.count, layout, &fields) > 0
            else { return "-" }
            return String(cString: start)
        }
        let rest = String(milliseconds % 1000)
        let digits = String(repeating: "0", count: 3 - rest.count) + rest
        return text + digits + (form == .serverLog ? "Z" : "")
    }
}
