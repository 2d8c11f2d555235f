import Glibc

/// The two clocks of the shell. Nothing below this module reads a clock.
package enum Clock {
    /// Nanoseconds of a clock that never goes back; its zero means nothing.
    package static func monotonicNanoseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }

    /// Milliseconds since 1970, for what clients see as time.
    package static func wallMilliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    /// A moment as Java prints it, in the time zone of this machine: `Sat Nov 21 19:22:44 UTC 2026`.
    static func javaDate(wallMilliseconds: Int64) -> String {
        var seconds = time_t(wallMilliseconds / 1000)
        var fields = tm()
        localtime_r(&seconds, &fields)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress,
                strftime(start, buffer.count, "%a %b %d %H:%M:%S %Z %Y", &fields) > 0
            else { return "-" }
            return String(cString: start)
        }
    }
}
