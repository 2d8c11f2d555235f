/// A system call on a file or directory failed.
package struct DiskError: Error, Equatable, Sendable {
    package enum Operation: String, Sendable {
        case open, create, close, read, write, sync, syncDirectory, allocate, truncate, rename, unlink, list
        case makeDirectory, lock, available
    }

    package var operation: Operation
    package var path: String
    /// The positive errno; 0 if the call did not fail but the file was poisoned by an earlier one.
    package var code: Int32

    package init(_ operation: Operation, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// The file system or quota is full.
    package var isDiskFull: Bool { code == Errno.noSpace || code == Errno.quotaExceeded }
}

/// The errno values that change what the engine does.
package enum Errno {
    package static let noEntry: Int32 = 2
    package static let interrupted: Int32 = 4
    package static let inputOutput: Int32 = 5
    package static let again: Int32 = 11
    package static let noAccess: Int32 = 13
    package static let exists: Int32 = 17
    package static let invalid: Int32 = 22
    package static let noSpace: Int32 = 28
    package static let notImplemented: Int32 = 38
    package static let tooManyLinks: Int32 = 40
    package static let notSupported: Int32 = 95
    package static let quotaExceeded: Int32 = 122
}

extension DiskError: CustomStringConvertible {
    package var description: String {
        code == 0
            ? "\(operation.rawValue) \(path): refused after an earlier write or sync of this file failed"
            : "\(operation.rawValue) \(path): \(Errno.text(code)) (errno \(code))"
    }
}
