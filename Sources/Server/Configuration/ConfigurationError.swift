/// A settings file that a server cannot start from.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file, or the environment variable or command line that a Java property stands in.
    package var file: String
    /// The line of the key, from 1; nil when the key is missing or stands in no file.
    package var lineNumber: Int?
    /// Nil when it is the file as a whole that cannot be used.
    package var key: String?
    /// What is wrong, and what would be right.
    package var problem: String

    package init(file: String, lineNumber: Int?, key: String?, problem: String) {
        self.file = file
        self.lineNumber = lineNumber
        self.key = key
        self.problem = problem
    }

    package init(_ setting: Setting, problem: String) {
        let key = LogText.escaped(setting.writtenKey)
        switch setting.origin {
        case .line(let number, let file):
            self.init(file: file, lineNumber: number, key: key, problem: problem)
        case .property(let source):
            self.init(file: source, lineNumber: nil, key: key, problem: problem)
        }
    }

    package var description: String {
        let place = lineNumber.map { "\(file), line \($0)" } ?? file
        return key.map { "\(place): \($0): \(problem)" } ?? "\(place): \(problem)"
    }
}
