import Glibc

/// Why a run ended without a result: a broken connection, a wrong reply, a refused request.
struct LoadFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }

    /// A system call failed; `code` is its -errno.
    init(_ call: String, code: some SignedInteger) {
        let words = strerror(Int32(-code)).map { String(cString: $0) } ?? "unknown error"
        self.init("\(call): \(words) (errno \(-code))")
    }
}

/// Nanoseconds of the clock that nobody sets.
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

let nanosecondsPerSecond: Int64 = 1_000_000_000
