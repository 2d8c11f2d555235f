/// The figures of one run, as text for people and as one JSON object for scripts.
struct Report {
    private enum Value {
        case text(String)
        case integer(Int)
        case number(Double)
    }

    private var fields: [(name: String, value: Value)] = []

    mutating func add(_ name: String, _ text: String) { fields.append((name, .text(text))) }
    mutating func add(_ name: String, _ integer: Int) { fields.append((name, .integer(integer))) }
    mutating func add(_ name: String, _ number: Double) { fields.append((name, .number(number))) }

    /// Adds what every run measures. Server figures are 0 when no process id was given.
    mutating func add(_ measurement: borrowing Measurement) {
        let begin = measurement.begin
        let end = measurement.end
        let span = Double(max(1, end.timeNanoseconds - begin.timeNanoseconds))
        let count = Double(max(1, measurement.answeredCount))
        let server = Double(end.serverNanoseconds - begin.serverNanoseconds)
        let client = Double(end.clientNanoseconds - begin.clientNanoseconds)
        let machine = Double(end.machineNanoseconds - begin.machineNanoseconds)
        add("seconds", span / 1e9)
        add("operations", measurement.answeredCount)
        add("operations_per_second", Double(measurement.answeredCount) * 1e9 / span)
        add("p50_us", Double(measurement.latencies.percentile(0.5)) / 1000)
        add("p99_us", Double(measurement.latencies.percentile(0.99)) / 1000)
        add("p999_us", Double(measurement.latencies.percentile(0.999)) / 1000)
        add("max_us", Double(measurement.latencies.maxNanoseconds) / 1000)
        add("mean_us", Double(measurement.latencies.meanNanoseconds) / 1000)
        add("unanswered", measurement.unansweredCount)
        add("server_cpu_us_per_operation", server / count / 1000)
        add("server_cores", server / span)
        add("client_cpu_us_per_operation", client / count / 1000)
        add("foreign_cores", (machine - server - client) / span)
        add("steal_cores", Double(end.stealNanoseconds - begin.stealNanoseconds) / span)
        add("server_rss_bytes", measurement.memory.resident)
        add("server_rss_peak_bytes", measurement.memory.peak)
    }

    /// One line of JSON.
    var json: String {
        let members = fields.map { field in
            switch field.value {
            case .text(let text): "\"\(field.name)\":\"\(text)\""
            case .integer(let integer): "\"\(field.name)\":\(integer)"
            case .number(let number): "\"\(field.name)\":\(fixed(number, 3))"
            }
        }
        return "{\(members.joined(separator: ","))}"
    }

    /// One figure a line.
    var text: String {
        let width = fields.map(\.name.count).max() ?? 0
        let lines = fields.map { field in
            let padding = String(repeating: " ", count: width - field.name.count)
            return switch field.value {
            case .text(let text): "\(field.name)\(padding)  \(text)"
            case .integer(let integer): "\(field.name)\(padding)  \(integer)"
            case .number(let number): "\(field.name)\(padding)  \(fixed(number, 3))"
            }
        }
        return lines.joined(separator: "\n")
    }
}

/// A number with a fixed count of decimals (0...6).
func fixed(_ number: Double, _ decimals: Int) -> String {
    var scale = 1
    for _ in 0..<decimals { scale *= 10 }
    guard number.isFinite, abs(number) < 1e12 else { return "0" }
    let scaled = Int((abs(number) * Double(scale)).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % scale)
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(sign)\(scaled / scale).\(zeros)\(fraction)"
}
