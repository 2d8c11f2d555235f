/// How long the core's loop let everybody wait, at most, in the last half to whole minute.
///
/// Two things tell: how late the regular beat comes, which any cause moves (a long reply, a machine without
/// processor time, a stopped process), and how long one connection's turn took. Neither costs a reading of
/// the clock that was not made before.
struct LoopPauses {
    static let spanNanoseconds: Int64 = 30_000_000_000
    /// What `jvm.pause.info-threshold.ms` is in ZooKeeper.
    static let saidFromNanoseconds: Int64 = 1_000_000_000

    private var longest: Int64 = 0
    private var longestBefore: Int64 = 0
    private var spanBegan: Int64

    init(now: Int64) { spanBegan = now }

    @inline(__always)
    mutating func note(nanoseconds: Int64) {
        if nanoseconds > longest { longest = nanoseconds }
    }

    /// A beat came at `now` that was due earlier; true if everybody waited so long that it is worth a line.
    mutating func noteBeat(now: Int64, late nanoseconds: Int64) -> Bool {
        if now - spanBegan >= Self.spanNanoseconds {
            longestBefore = now - spanBegan >= 2 * Self.spanNanoseconds ? 0 : longest
            longest = 0
            spanBegan = now
        }
        note(nanoseconds: nanoseconds)
        return nanoseconds >= Self.saidFromNanoseconds
    }

    var longestMilliseconds: Int64 { max(longest, longestBefore) / 1_000_000 }
}
