import Glibc

/// Who runs this process, where, and in how much memory.
extension SystemFacts {
    /// As Java names it.
    static var javaArchitecture: String { machine == "x86_64" ? "amd64" : machine }

    static var userName: String { account?.name ?? "?" }
    static var userHome: String { account?.home ?? "?" }

    static var workingDirectory: String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&path, path.count) != nil else { return "?" }
        return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether there is a directory, or a link to one.
    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// A path from the root. It is not looked at.
    static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        return workingDirectory + "/" + (path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
    }

    /// Mebibytes: what programs may still have, what the machine has, what this process has taken.
    static var memoryMebibytes: (available: Int, all: Int, taken: Int) {
        (
            kibibytes(of: "MemAvailable:", in: "/proc/meminfo") >> 10,
            kibibytes(of: "MemTotal:", in: "/proc/meminfo") >> 10,
            kibibytes(of: "VmRSS:", in: "/proc/self/status") >> 10
        )
    }

    /// The number behind a word at the beginning of a line; 0 if there is none.
    private static func kibibytes(of word: String, in path: String) -> Int {
        guard let file = fopen(path, "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix(word) {
                return text.dropFirst(word.count).split(whereSeparator: \.isWhitespace).first.flatMap {
                    Int($0)
                } ?? 0
            }
        }
        return 0
    }

    private static var account: (name: String, home: String)? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil,
            let name = entry.pw_name, let home = entry.pw_dir
        else { return nil }
        return (String(cString: name), String(cString: home))
    }
}
