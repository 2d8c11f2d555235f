import Foundation

/// What Package.swift says, read as text: running SwiftPM inside its own test run would wait for itself.
struct Manifest {
    /// Module name to the names of the modules of this package that it depends on.
    var dependencies: [String: [String]] = [:]
    /// Names of test targets.
    var tests: [String] = []
    /// Executable name to the folder its source folder stands in.
    var tools: [String: String] = [:]

    init() throws {
        let text = try String(
            contentsOf: House.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let code = text.split(separator: "\n").map { line in
            line.range(of: "//").map { line[..<$0.lowerBound] } ?? line
        }.joined(separator: "\n")
        for call in Self.calls(of: "module", in: code) {
            guard let name = call.first else { continue }
            dependencies[name] = call.dropFirst().filter(House.modules.contains)
        }
        for name in ["target", "systemLibrary"] {
            for call in Self.calls(of: "." + name, in: code) {
                if let labelled = call.first, House.modules.contains(labelled) {
                    dependencies[labelled] = []
                }
            }
        }
        tests = Self.calls(of: "tests", in: code).compactMap(\.first)
        for call in Self.calls(of: "tool", in: code) where call.count >= 2 { tools[call[0]] = call[1] }
    }

    /// The string literals inside each call of a function, in order.
    private static func calls(of function: String, in code: String) -> [[String]] {
        var calls: [[String]] = []
        var rest = Substring(code)
        while let start = rest.range(of: function + "(") {
            let before =
                start.lowerBound > code.startIndex ? code[code.index(before: start.lowerBound)] : " "
            rest = rest[start.upperBound...]
            guard !before.isLetter, before != "." || function.hasPrefix(".") else { continue }
            var depth = 1
            let end = rest.firstIndex { character in
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                return depth == 0
            }
            let arguments = rest[..<(end ?? rest.endIndex)].split(
                separator: "\"", omittingEmptySubsequences: false)
            calls.append(arguments.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) })
        }
        // The declarations of the shorthand functions themselves hold no module name.
        return calls.filter { !($0.first ?? "\\(").contains("\\(") }
    }
}
