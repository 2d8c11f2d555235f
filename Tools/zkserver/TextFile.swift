import Glibc

/// Small text files.
enum TextFile {
    private static let byteCountMax = 1 << 20

    /// The text of a file of at most 1 MiB; nil if it cannot be read or is not UTF-8.
    static func contents(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= byteCountMax {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { return ferror(file) == 0 ? String(validating: bytes, as: UTF8.self) : nil }
            bytes += piece[..<count]
        }
        return nil
    }
}
