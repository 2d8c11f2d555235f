import ArgumentParser

/// Creates many znodes and reports what one costs in memory.
struct PopulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "populate",
        abstract: "Creates the key space, pipelined, and reports resident memory for each znode.",
        discussion: "The server must not have these znodes yet; they stay.")

    @OptionGroup var target: ServerOptions

    @Option(name: .long, help: "Znodes to create.")
    var count = 1_000_000

    @Option(name: .long, help: "Bytes of a value.")
    var valueBytes = 100

    func validate() throws {
        guard (1...PathShape.numberMax).contains(count) else { throw ValidationError("1 to 99999999 znodes") }
        guard (0...valueByteCountMax).contains(valueBytes) else {
            throw ValidationError("values of 0 to \(valueByteCountMax) bytes")
        }
    }

    func run() throws {
        let before = try ProcessSample.memory(of: target.serverPid)
        let measurement = try KeySpace(
            servers: try target.servers(), shape: .keys(valueByteCount: valueBytes), count: count,
            valueByteCount: valueBytes
        ).populate(target.serverPid)
        let after = try ProcessSample.memory(of: target.serverPid)
        var report = Report()
        report.add("operation", "populate")
        report.add("znodes", count)
        report.add("value_bytes", valueBytes)
        report.add(measurement)
        report.add("server_rss_before_bytes", before.resident)
        report.add(
            "server_rss_growth_bytes_per_znode", Double(after.resident - before.resident) / Double(count))
        report.add("server_rss_bytes_per_znode", Double(after.resident) / Double(count))
        target.show(report)
    }
}
