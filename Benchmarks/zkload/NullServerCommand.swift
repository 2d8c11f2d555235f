import ArgumentParser

/// Answers every request at once without doing anything: what is measured against it is the generator.
struct NullServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "null-server",
        abstract: "A server that answers at once and keeps nothing, to measure the generator itself.")

    @Option(name: .long, help: "The port to listen on, on 127.0.0.1.")
    var port: UInt16

    @Option(name: .long, help: "Bytes of the value that every get is answered with.")
    var valueBytes = 100

    @Option(name: .long, help: "Answer this request (counted from 1 over all connections) with error -101.")
    var failAt: Int?

    func validate() throws {
        guard (0...valueByteCountMax).contains(valueBytes) else {
            throw ValidationError("values of 0 to \(valueByteCountMax) bytes")
        }
    }

    func run() throws {
        var server = try NullServer(port: port, valueByteCount: valueBytes, failAt: failAt)
        try server.serve()
    }
}
