import Glibc

/// What the system says of this process, read at the moment of asking.
extension Measure {
    /// Under ZooKeeper's names. Takes some milliseconds while thousands of connections are open.
    ///
    /// - Parameter withProcess: also under the names that clients of Prometheus use everywhere. Those that
    ///   the system does not tell are left out.
    package static func ofSystem(withProcess: Bool) -> [Measure] {
        let openCount = SystemFacts.openFileCount
        let openCountMax = SystemFacts.openFileCountMax
        let descriptors: [Measure] = [
            .gauge("open_file_descriptor_count", openCount),
            .gauge("max_file_descriptor_count", openCountMax),
        ]
        guard withProcess else { return descriptors }
        var measures = descriptors
        measures += [.gauge("process_open_fds", openCount), .gauge("process_max_fds", openCountMax)]
        if let memory = SystemFacts.memoryByteCounts {
            measures += [
                .gauge("process_virtual_memory_bytes", memory.virtual),
                .gauge("process_resident_memory_bytes", memory.resident),
            ]
        }
        if let seconds = SystemFacts.processorSeconds {
            measures.append(Measure("process_cpu_seconds_total", .counter(.decimal(seconds))))
        }
        if let seconds = SystemFacts.startSeconds {
            measures.append(.gauge("process_start_time_seconds", decimal: seconds))
        }
        return measures
    }
}

extension SystemFacts {
    /// Bytes of this process's addresses, and of the memory behind them.
    fileprivate static var memoryByteCounts: (virtual: Int, resident: Int)? {
        let pages = numbers(in: "/proc/self/statm")
        let pageByteCount = sysconf(Int32(_SC_PAGESIZE))
        guard pages.count >= 2, pageByteCount > 0 else { return nil }
        return (pages[0] * pageByteCount, pages[1] * pageByteCount)
    }

    /// Time that processors have spent on this process, in user and system mode.
    fileprivate static var processorSeconds: Double? {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return Double(seconds) + Double(microseconds) / 1_000_000
    }

    /// When this process began, in seconds since 1970.
    fileprivate static var startSeconds: Double? {
        // Behind the name, which may hold anything, the 20th field is the start in ticks since the boot.
        let fields = numbers(in: "/proc/self/stat", behind: UInt8(ascii: ")"))
        let ticksPerSecond = sysconf(Int32(_SC_CLK_TCK))
        var sinceBoot = timespec()
        guard fields.count >= 20, ticksPerSecond > 0, clock_gettime(CLOCK_BOOTTIME, &sinceBoot) == 0 else {
            return nil
        }
        let age = Double(sinceBoot.tv_sec) - Double(fields[19]) / Double(ticksPerSecond)
        return (Double(Clock.wallMilliseconds()) / 1000 - age).rounded()
    }

    /// The words of a line of the kernel's; 0 for what is no number.
    private static func numbers(in path: String, behind mark: UInt8? = nil) -> [Int] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        let line = [UInt8](unsafeUninitializedCapacity: 1024) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
        var bytes = line[...]
        if let mark, let end = bytes.lastIndex(of: mark) { bytes = bytes[(end + 1)...] }
        return bytes.split { $0 <= 0x20 }.map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
    }
}
