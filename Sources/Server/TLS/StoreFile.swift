import Glibc

/// Why a key store or a trust store cannot be used. Holds no password.
package struct StoreFileError: Error, Equatable, CustomStringConvertible, Sendable {
    package var file: String
    /// What is wrong, and what would be right.
    package var problem: String

    package var description: String { "\(file): \(problem)" }
}

/// A file that holds keys or certificates, and how it is opened.
package struct StoreFile: Equatable, Sendable {
    package enum Kind: String, Equatable, Sendable, CaseIterable {
        case pem, pkcs12, jks, bcfks

        /// What a file's name says, as Apache ZooKeeper reads it: by its ending, in lower case.
        package init?(fileName: String) {
            let endings: [String: Kind] = ["pem": .pem, "p12": .pkcs12, "jks": .jks, "bcfks": .bcfks]
            guard let dot = fileName.lastIndex(of: "."),
                let kind = endings[String(fileName[fileName.index(after: dot)...])]
            else { return nil }
            self = kind
        }
    }

    package var path: String
    package var kind: Kind
    package var password: Secret
    /// A file with the password, which counts instead of `password`; it is read each time anew.
    package var passwordPath: String?

    package init(path: String, kind: Kind, password: Secret = Secret(""), passwordPath: String? = nil) {
        self.path = path
        self.kind = kind
        self.password = password
        self.passwordPath = passwordPath
    }

    static let byteCountMax = 16 << 20

    func contents() throws(StoreFileError) -> [UInt8] { try Self.contents(of: path) }

    /// The password; empty if there is none.
    func currentPassword() throws(StoreFileError) -> [UInt8] {
        guard let passwordPath else { return Array(password.revealed.utf8) }
        var bytes = try Self.contents(of: passwordPath)
        // One line end, as an editor leaves it, is no part of it.
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return bytes
    }

    private static func contents(of path: String) throws(StoreFileError) -> [UInt8] {
        guard let file = fopen(path, "re") else { throw failure(path, errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 {
                guard ferror(file) == 0 else { throw failure(path, errno) }
                return bytes
            }
            bytes += piece[..<count]
            guard bytes.count <= byteCountMax else {
                throw StoreFileError(file: path, problem: "is longer than \(byteCountMax >> 20) MiB")
            }
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> StoreFileError {
        let words = strerror(code).map { String(cString: $0) } ?? "errno \(code)"
        return StoreFileError(file: path, problem: "cannot be read: \(words)")
    }

    /// Looks different whenever one of the files has been changed or replaced; nil marks a missing one.
    func fingerprint() -> [FileMark?] { ([path] + (passwordPath.map { [$0] } ?? [])).map(FileMark.init) }
}

/// What tells one state of a file from another.
struct FileMark: Equatable {
    private var numbers: [Int]

    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        numbers = [
            Int(status.st_dev), Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec,
            status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
        ]
    }
}
