import Glibc
import Testing

@testable import Server

/// The files of `Tests/Vectors/TLS`; what they are stands in the README there.
enum TLSVectors {
    static let directory =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Vectors/TLS/"

    static func path(_ name: String) -> String { directory + name }

    static func bytes(_ name: String) throws(StoreFileError) -> [UInt8] {
        try StoreFile(path: path(name), kind: .pem).contents()
    }

    static func store(_ name: String, password: String = "secret") throws -> StoreFile {
        StoreFile(
            path: path(name), kind: try #require(StoreFile.Kind(fileName: name)), password: Secret(password))
    }

    static func bytes(hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map { index in
            UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) ?? 0
        }
    }

    static func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "w") else { return }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }
}
