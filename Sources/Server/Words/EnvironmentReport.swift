/// `envi`: ZooKeeper's lines. What only a Java program has is said to be `<NA>`, as Java says it.
package enum EnvironmentReport {
    static var text: String {
        lines.map { "\($0)=\($1)\n" }.reduce(into: "Environment:\n") { $0 += $1 }
    }

    /// Name and value, in ZooKeeper's order.
    package static var lines: [(String, String)] {
        let memory = SystemFacts.memoryMebibytes
        return [("zookeeper.version", ServerVersion.text), ("host.name", SystemFacts.hostName)]
            + java.map { ("java.\($0)", "<NA>") }
            + [
                ("os.name", "Linux"), ("os.arch", SystemFacts.javaArchitecture),
                ("os.version", SystemFacts.kernelRelease), ("user.name", SystemFacts.userName),
                ("user.home", SystemFacts.userHome), ("user.dir", SystemFacts.workingDirectory),
                // Of the machine and this process, where Java tells of its heap.
                ("os.memory.free", "\(memory.available)MB"), ("os.memory.max", "\(memory.all)MB"),
                ("os.memory.total", "\(memory.taken)MB"),
            ]
    }

    private static let java = [
        "version", "vendor", "home", "class.path", "library.path", "io.tmpdir", "compiler",
    ]
}
