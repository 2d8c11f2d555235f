import Glibc

/// Small files.
package enum TextFile {
    package static let byteCountMax = 1 << 20

    /// Why a file was not read.
    package enum Problem: Error {
        case missing
        case tooLong
        /// The system's words for it.
        case unreadable(String)

        package var reason: String {
            switch self {
            case .missing: "there is no such file"
            case .tooLong: "the file is longer than \(TextFile.byteCountMax) bytes"
            case .unreadable(let words): "the file cannot be read: \(words)"
            }
        }

        fileprivate init(errno code: Int32) {
            self =
                code == ENOENT
                ? .missing : .unreadable(strerror(code).map { String(cString: $0) } ?? "errno \(code)")
        }
    }

    /// The bytes of a file of at most 1 MiB.
    package static func contents(of path: String) throws(Problem) -> [UInt8] {
        guard let file = fopen(path, "r") else { throw Problem(errno: errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= byteCountMax {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 {
                guard ferror(file) == 0 else { throw Problem(errno: errno) }
                return bytes
            }
            bytes += piece[..<count]
        }
        throw .tooLong
    }
}
