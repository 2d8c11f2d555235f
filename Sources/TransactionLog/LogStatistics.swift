import Synchronization

/// Counts in classes of powers of two, from 1 up; enough for a percentile to a factor of two's quarter.
///
/// Each power of two is divided into four, so a percentile is at most 25 % too high.
package struct Histogram: Sendable {
    private var counts = [UInt64](repeating: 0, count: 64 * 4)
    package private(set) var count: UInt64 = 0
    package private(set) var sum: UInt64 = 0
    package private(set) var max: UInt64 = 0
    private var least = UInt64.max

    package init() {}

    /// The least recorded value; 0 if there is none.
    package var min: UInt64 { count == 0 ? 0 : least }

    package mutating func record(_ value: UInt64) {
        counts[Self.bucket(of: value)] += 1
        count += 1
        sum += value
        max = Swift.max(max, value)
        least = Swift.min(least, value)
    }

    /// The value that `fraction` (0...1) of all recorded ones do not exceed, rounded up to its class.
    package func percentile(_ fraction: Double) -> UInt64 {
        let wanted = UInt64((Double(count) * fraction).rounded(.up))
        var seen: UInt64 = 0
        for (bucket, inBucket) in counts.enumerated() {
            seen += inBucket
            if seen >= wanted, seen > 0 { return Swift.min(Self.upperBound(of: bucket), max) }
        }
        return max
    }

    private static func bucket(of value: UInt64) -> Int {
        guard value >= 4 else { return Int(value) }
        let power = 63 - value.leadingZeroBitCount
        return power * 4 + Int((value >> UInt64(power - 2)) & 3)
    }

    private static func upperBound(of bucket: Int) -> UInt64 {
        guard bucket >= 8 else { return UInt64(bucket) }
        let power = UInt64(bucket / 4)
        let quarter = UInt64(bucket % 4)
        return ((4 + quarter + 1) << (power - 2)) &- 1
    }
}

/// What the log counts from its first day. A copy of the counters at one moment.
package struct LogStatistics: Sendable {
    /// Microseconds from the submission of a batch until it was durable.
    package var syncMicroseconds = Histogram()
    /// Records a batch.
    package var batchRecordCounts = Histogram()
    /// Bytes a batch takes in its file.
    package var batchByteCounts = Histogram()
    package var batchCount: UInt64 = 0
    package var recordCount: UInt64 = 0
    /// Bytes of records before compression, and of batches as written.
    package var rawByteCount: UInt64 = 0
    package var storedByteCount: UInt64 = 0
    package var idlePromiseCount: UInt64 = 0
    package var rollCount: UInt64 = 0
    /// Rolls that found no prepared segment and had to wait for one.
    package var prepareLagCount: UInt64 = 0
    package var slotCommitCount: UInt64 = 0

    package init() {}
}
