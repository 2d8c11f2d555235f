import Foundation

/// The repository as text: which modules there are, what they import, what the manifest says.
enum House {
    /// Ground floor first. A module imports only what stands on a floor above it in this list.
    static let floors: [[String]] = [
        ["CDisk", "CChecksum", "CCacheLines", "CLZ4", "CZlib"],
        ["Identifiers"],
        ["ByteCoding"],
        ["Compression"],
        ["Disk"],
        ["Metadata"],
        ["TransactionLog"],
        ["Snapshots"],
        ["Storage"],
        ["Jute"],
        ["DataTree"],
        ["Sessions"],
        ["Loading"],
        ["Replication"],
        ["Simulation"],
        ["Server"],
        ["Admin"],
    ]

    /// The standard library's own modules, which any module may import.
    static let standard: Set<String> = ["Swift", "Synchronization"]

    /// What a module may import besides those and modules of this package.
    static let outsiders: [String: Set<String>] = [
        "Disk": ["Glibc"],
        "TransactionLog": ["Collections", "DequeModule"],
        "DataTree": ["Crypto", "Glibc"],
        "Server": [
            "Glibc", "Collections", "DequeModule", "Logging", "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS",
            "Crypto",
            "CryptoExtras", "SwiftASN1",
        ],
        "Admin": [
            "Glibc", "HTTPTypes", "HummingbirdCore", "Logging", "NIOCore", "NIOHTTPTypes", "NIOPosix",
            "NIOSSL",
        ],
    ]

    /// Modules that take time, chance and new identifiers as part of an event, so that a seed replays a run.
    static let pureMachines = ["Jute", "DataTree", "Sessions", "Replication"]

    static let modules = floors.flatMap { $0 }

    /// The floor of a module; nil if it does not stand in the house.
    static func floor(of module: String) -> Int? {
        floors.firstIndex { $0.contains(module) }
    }

    /// The folder that holds Package.swift.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// One file of the repository.
    struct File {
        /// Relative to the root, for messages.
        let path: String
        let lines: [Substring]

        /// Module names of `import` lines, whatever stands before and after the name.
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ")
                guard let at = words.firstIndex(of: "import"), at + 1 < words.count else { return nil }
                let isImport = words[..<at].allSatisfy {
                    $0.hasPrefix("@") || ["package", "public"].contains($0)
                }
                guard isImport else { return nil }
                let kinds: Set<Substring> = ["struct", "class", "enum", "func", "let", "var", "protocol"]
                let next = kinds.contains(words[at + 1]) && at + 2 < words.count ? at + 2 : at + 1
                return words[next].split(separator: ".").first.map(String.init)
            }
        }

        /// Lines with their comments cut off, and their numbers.
        var code: [(number: Int, text: Substring)] {
            lines.enumerated().map { index, line in
                (index + 1, line.range(of: "//").map { line[..<$0.lowerBound] } ?? line)
            }
        }
    }

    /// The folders directly inside a folder of the root.
    static func folders(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
            .filter { !$0.hasPrefix(".") && isFolder("\(folder)/\($0)") }.sorted()
    }

    /// All readable text files below a folder of the root.
    static func files(below folder: String, withExtensions extensions: Set<String>? = nil) throws
        -> [File]
    {
        let top = root.appendingPathComponent(folder).resolvingSymlinksInPath()
        guard let walk = FileManager.default.enumerator(atPath: top.path) else { return [] }
        var found: [File] = []
        for case let name as String in walk where !isFolder("\(folder)/\(name)") {
            let suffix = (name as NSString).pathExtension
            guard extensions?.contains(suffix) ?? true, !name.contains("__pycache__") else { continue }
            let data = try Data(contentsOf: top.appendingPathComponent(name))
            guard let text = String(data: data, encoding: .utf8) else { continue }
            found.append(
                File(
                    path: "\(folder)/\(name)",
                    lines: text.split(separator: "\n", omittingEmptySubsequences: false)))
        }
        return found.sorted { $0.path < $1.path }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(
            atPath: root.appendingPathComponent(path).path, isDirectory: &isDirectory)
        return exists && isDirectory.boolValue
    }
}
