import CDisk
import Glibc

/// What had been used at one moment: by the servers, by the generator, by the whole machine.
struct ProcessSample {
    var timeNanoseconds: Int64
    var serverNanoseconds: Int64 = 0
    var clientNanoseconds: Int64
    /// All processors, all processes, kernel included, without steal; counted from any beginning.
    var machineNanoseconds: Int64 = 0
    /// What the hypervisor took.
    var stealNanoseconds: Int64 = 0

    /// Takes the sample; `servers` are process ids. A process that has ended is a failure.
    init(servers: [Int32]) throws(LoadFailure) {
        let tick = nanosecondsPerSecond / Int64(sysconf(Int32(_SC_CLK_TCK)))
        for server in servers {
            serverNanoseconds += try Self.ticks(ofProcess: server) * tick
        }
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        clientNanoseconds = Self.nanoseconds(usage.ru_utime) + Self.nanoseconds(usage.ru_stime)
        timeNanoseconds = monotonicNanoseconds()
        // cpu user nice system idle iowait irq softirq steal guest guest_nice. Idle time is kept exactly;
        // the busy kinds are sampled at ticks, which miss a process that only ever runs for microseconds.
        let fields = try Self.text("/proc/stat").prefix { $0 != "\n" }.split(separator: " ").dropFirst()
        let values = fields.compactMap { Int64($0) }
        guard values.count >= 8 else { throw LoadFailure("/proc/stat has no cpu line") }
        stealNanoseconds = values[7] * tick
        let idle = (values[3] + values[4]) * tick
        machineNanoseconds =
            timeNanoseconds * Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN))) - idle - stealNanoseconds
    }

    /// The resident memory of the servers together, now and at most, in bytes.
    static func memory(of servers: [Int32]) throws(LoadFailure) -> (resident: Int, peak: Int) {
        var sum = (resident: 0, peak: 0)
        for server in servers {
            for line in try text("/proc/\(server)/status").split(separator: "\n") {
                let words = line.split { $0 == " " || $0 == "\t" }
                guard words.count >= 2, let kilobytes = Int(words[1]) else { continue }
                if words[0] == "VmRSS:" { sum.resident += kilobytes * 1024 }
                if words[0] == "VmHWM:" { sum.peak += kilobytes * 1024 }
            }
        }
        return sum
    }

    private static func ticks(ofProcess process: Int32) throws(LoadFailure) -> Int64 {
        // The name in parentheses may hold anything; what follows the last one is plain.
        let line = try text("/proc/\(process)/stat")
        let fields = line.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Int64(fields[11]), let system = Int64(fields[12]) else {
            throw LoadFailure("/proc/\(process)/stat is not as expected")
        }
        return user + system
    }

    private static func nanoseconds(_ time: timeval) -> Int64 {
        Int64(time.tv_sec) * nanosecondsPerSecond + Int64(time.tv_usec) * 1000
    }

    private static func text(_ path: String) throws(LoadFailure) -> String {
        let descriptor = cdisk_open(path, Int32(CDISK_READ))
        guard descriptor >= 0 else { throw LoadFailure("open \(path)", code: descriptor) }
        defer { _ = cdisk_close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16 * 1024)
        let count = bytes.withUnsafeMutableBytes { cdisk_read(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw LoadFailure("read \(path)", code: count) }
        return String(decoding: bytes[..<Int(count)], as: UTF8.self)
    }
}
