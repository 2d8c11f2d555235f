import Disk
import Glibc

/// The file of the audit log: lines are appended, and at a certain length it is set aside.
///
/// What was set aside is called `.1` (the newest) to `.N`, as logging libraries of Java do it. Somebody else
/// may move or remove the file, too: the next lines begin a new one. A pipe or a terminal is written to as
/// it is.
struct AuditFile: ~Copyable {
    /// The group may read it, so that a program that collects logs can.
    private static let permissions: mode_t = 0o640

    private let path: String
    private let byteCountMax: Int
    private let backupCount: Int
    private var descriptor: CInt
    private var identity: FileIdentity
    /// Nil for what is no regular file.
    private var byteCount: Int?
    /// At this length it is set aside; further off once it could not be.
    private var rotatesAt: Int
    private var rotationProblem: DiskError?

    /// Opens the file, and makes it if there is none. A line that was cut off by a crash is ended.
    init(_ path: String, byteCountMax: Int, backupCount: Int) throws(DiskError) {
        self.path = path
        self.byteCountMax = byteCountMax
        self.backupCount = backupCount
        rotatesAt = byteCountMax
        (descriptor, identity, byteCount) = try Self.open(path)
    }

    private init(_ descriptor: CInt) {
        path = "standard error"
        byteCountMax = .max
        backupCount = 0
        rotatesAt = .max
        self.descriptor = descriptor
        identity = FileIdentity()
    }

    /// What belongs to the whole process: one write for each line, so that other lines do not break it.
    static var standardError: AuditFile { AuditFile(STDERR_FILENO) }

    private var isStandardError: Bool { descriptor == STDERR_FILENO }

    deinit { if descriptor != STDERR_FILENO { close(descriptor) } }

    /// Why the file could not be set aside, once each time that it could not.
    mutating func takeRotationProblem() -> DiskError? {
        defer { rotationProblem = nil }
        return rotationProblem
    }

    /// Writes the lines from `offset` on, and moves that behind what is written, after a failure too.
    mutating func write(_ lines: [UInt8], from offset: inout Int) throws(DiskError) {
        if !isStandardError { try followPath() }
        while offset < lines.count {
            let isBetweenLines = offset == 0 || lines[offset - 1] == Self.lineEnd
            if let byteCount, byteCount >= rotatesAt, isBetweenLines { try rotate() }
            let end = endOfPiece(lines, from: offset)
            while offset < end {
                let count = try Self.write(lines.span.bytes.extracting(offset..<end), to: descriptor, path)
                offset += count
                byteCount = byteCount.map { $0 + count }
            }
        }
    }

    private static let lineEnd = UInt8(ascii: "\n")

    /// Behind a line, and no further than the line with which the file is full.
    private func endOfPiece(_ lines: [UInt8], from offset: Int) -> Int {
        var place = offset
        if let byteCount {
            place += max(0, rotatesAt - byteCount - 1)
        } else if !isStandardError {
            return lines.count
        }
        while place < lines.count, lines[place] != Self.lineEnd { place += 1 }
        return min(place + 1, lines.count)
    }

    private static func write(
        _ bytes: RawSpan, to descriptor: CInt, _ path: String
    ) throws(DiskError) -> Int {
        while true {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { return count }
            let code = count == 0 ? EIO : errno
            if code != EINTR { throw DiskError(.write, path, code: code) }
        }
    }

    // MARK: Names

    /// Begins a new file if the one that is written to is no longer at its path.
    private mutating func followPath() throws(DiskError) {
        guard byteCount != nil, FileIdentity(path) != identity else { return }
        let opened = try Self.open(path)
        close(descriptor)
        (descriptor, identity, byteCount) = opened
        rotatesAt = byteCountMax
    }

    /// Sets the file aside, which makes the oldest go. If that fails, it goes on growing.
    private mutating func rotate() throws(DiskError) {
        for number in stride(from: backupCount, through: 1, by: -1) {
            let from = number == 1 ? path : "\(path).\(number - 1)"
            guard rename(from, "\(path).\(number)") != 0, errno != ENOENT else { continue }
            rotationProblem = DiskError(.rename, from, code: errno)
            rotatesAt = (byteCount ?? 0) + byteCountMax
            return
        }
        try followPath()
    }

    private static func open(
        _ path: String
    ) throws(DiskError) -> (descriptor: CInt, identity: FileIdentity, byteCount: Int?) {
        let descriptor = Glibc.open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, permissions)
        guard descriptor >= 0 else { throw DiskError(.open, path, code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw DiskError(.open, path, code: code)
        }
        let identity = FileIdentity(status)
        guard status.st_mode & S_IFMT == S_IFREG else { return (descriptor, identity, nil) }
        var last = lineEnd
        if status.st_size > 0, pread(descriptor, &last, 1, status.st_size - 1) == 1, last != lineEnd {
            var end = lineEnd
            _ = Glibc.write(descriptor, &end, 1)
        }
        return (descriptor, identity, Int(status.st_size))
    }
}

/// Which file it is, whatever its name.
private struct FileIdentity: Equatable {
    private var device: UInt = 0
    private var number: UInt = 0

    /// Of no file.
    init() {}

    /// Of the file at a path; of no file if there is none.
    init(_ path: String) {
        var status = stat()
        if stat(path, &status) == 0 { self.init(status) } else { self.init() }
    }

    init(_ status: stat) {
        device = UInt(status.st_dev)
        number = UInt(status.st_ino)
    }
}
