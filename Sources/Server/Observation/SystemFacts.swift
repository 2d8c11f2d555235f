import Glibc

/// What the system says about itself and this process.
enum SystemFacts {
    static var processID: Int32 { getpid() }
    static var hostName: String { names.node }
    static var machine: String { names.machine }
    static var kernelRelease: String { names.release }

    /// Descriptors that this process has open; -1 if the system does not tell.
    static var openFileCount: Int {
        guard let directory = opendir("/proc/self/fd") else { return -1 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Less `.`, `..` and the directory itself.
        return count - 3
    }

    /// The lengths of all files in a directory and those below it, added up; what cannot be read counts
    /// nothing. Links are not followed.
    static func byteCount(below directory: String) -> Int {
        guard let stream = opendir(directory) else { return 0 }
        defer { closedir(stream) }
        var sum = 0
        while let entry = readdir(stream) {
            let name = text(entry.pointee.d_name)
            var status = stat()
            let path = directory + "/" + name
            guard name != ".", name != "..", lstat(path, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: sum += byteCount(below: path)
            case S_IFREG: sum += Int(status.st_size)
            default: break
            }
        }
        return sum
    }

    /// When a file was changed, since 1970; -1 if nobody knows.
    static func modificationSeconds(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_mtim.tv_sec) : -1
    }

    /// Differs from boot to boot, so that a process identifier of an earlier one deceives nobody.
    static var bootID: String {
        guard let file = fopen("/proc/sys/kernel/random/boot_id", "re") else { return "unknown" }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, Int32(line.count), file) != nil else { return "unknown" }
        return String(decoding: line.prefix { $0 > 0x20 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static var openFileCountMax: Int {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
            ? Int(clamping: limit.rlim_cur) : -1
    }

    private static var names: (node: String, machine: String, release: String) {
        var names = utsname()
        guard uname(&names) == 0 else { return ("unknown", "unknown", "unknown") }
        return (text(names.nodename), text(names.machine), text(names.release))
    }

    private static func text<Field>(_ field: Field) -> String {
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
