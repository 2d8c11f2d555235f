import Foundation

/// One of the package's programs, run as a user runs it, to its end.
package struct ToolRun {
    package let exitCode: Int32
    package let output: String
    package let problems: String

    /// - Parameter tool: the program's name; the test's target must depend on it, so that it is built beside.
    package init(_ tool: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = Self.url(of: tool)
        process.arguments = arguments
        let (output, problems) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = problems
        try process.run()
        self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        self.problems = String(decoding: problems.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        exitCode = process.terminationStatus
    }

    package var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The output of --json, line by line.
    package func objects() throws -> [[String: Any]] {
        try lines.map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }

    static func url(of tool: String) -> URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent(tool)
    }
}

/// One of the package's programs while it runs; killed with the last reference.
package final class RunningTool {
    private let process = Process()
    private let file: URL

    /// - Parameter file: where its output goes.
    package init(_ tool: String, _ arguments: [String], output file: String) throws {
        self.file = URL(fileURLWithPath: file)
        try Data().write(to: self.file)
        process.executableURL = ToolRun.url(of: tool)
        process.arguments = arguments
        process.standardOutput = try FileHandle(forWritingTo: self.file)
        try process.run()
    }

    deinit {
        // Foundation starts programs with SIGTERM blocked.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// The whole lines of its output so far.
    package func lines() throws -> [String] {
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    /// The lines, once there are so many; those there are after `seconds` if there are still fewer.
    package func lines(atLeast count: Int, within seconds: Double = 20) throws -> [String] {
        let end = Date(timeIntervalSinceNow: seconds)
        while try lines().count < count, process.isRunning, Date() < end {
            Thread.sleep(forTimeInterval: 0.02)
        }
        return try lines()
    }
}
