import Disk
import Synchronization

/// Keeps zeroed segments ready, so that an append never waits for space and never meets a full disk.
///
/// `prepare` runs on a background thread; `take` on the writer's. The lock is never held during I/O.
package final class SegmentSupply<D: Disk>: Sendable {
    private struct State {
        var nextSequence: UInt64
        var ready: [UInt64] = []
        /// Sealed files and their lengths: the space behind them can be given back.
        var surplus: [(path: String, byteCount: Int)] = []
        /// Why the last attempt to prepare a segment failed; nil if it did not.
        var shortage: SupplyShortage?
    }

    /// One ready and one in reserve.
    package static var readyCountGoal: Int { 2 }
    /// The shortest segment that is made for want of space; it takes a dozen small batches.
    private static var byteCountMin: Int { 64 * 1024 }
    /// Small, because a sync of the log may have to wait behind one.
    private static var chunkByteCount: Int { 256 * 1024 }
    /// With the write itself, about a quarter of the time: 64 MiB in a third of a second.
    private static var pauseNanoseconds: UInt64 { 1_000_000 }

    private let directory: LogDirectory<D>
    package let segmentByteCount: Int
    private let state: Mutex<State>

    init(_ directory: LogDirectory<D>, segmentByteCount: Int, firstSequence: UInt64) {
        self.directory = directory
        self.segmentByteCount = LogFormat.roundUpToBlock(segmentByteCount)
        state = Mutex(State(nextSequence: firstSequence))
    }

    /// Segments that stand ready, and why there are not more.
    package var level: SupplyLevel { state.withLock { SupplyLevel($0.ready.count, $0.shortage) } }

    /// Gives back space behind sealed segments and prepares what is missing.
    ///
    /// - Parameter pause: sleeps so many nanoseconds between two chunks, so that syncs of the log find the
    ///   disk free. Not called while no segment stands ready: then the log may be waiting.
    /// - Returns: whether everything is prepared. False means that the disk is full; call again later.
    /// - Throws: any other error of the disk; `level` then says `failed` if a segment is missing for it.
    ///   A later call tries another file.
    package func prepare(pause: (_ nanoseconds: UInt64) -> Void = { _ in }) throws(DiskError) -> Bool {
        try giveBackSurplus()
        while level.readyCount < Self.readyCountGoal {
            let isPrepared = try prepareOne {
                if level.readyCount > 0 { pause(Self.pauseNanoseconds) }
            }
            guard isPrepared else { return false }
        }
        return true
    }

    /// Prepares and takes the segment in which a start goes on; a shorter one, half as long or half of that
    /// and so on, if the disk has no room for a whole one, so that a start on a full disk can take the
    /// deletes that make room. Nil if not even the shortest fits.
    func prepareFirst() throws(DiskError) -> (sequence: UInt64, byteCount: Int)? {
        var byteCount = segmentByteCount
        while try !prepareOne(byteCount: byteCount) {
            guard byteCount > Self.byteCountMin else { return nil }
            byteCount = max(LogFormat.roundUpToBlock(byteCount / 2), Self.byteCountMin)
        }
        return take().map { ($0, byteCount) }
    }

    /// Prepares one segment; false if the disk is full. Nothing is left behind if it fails.
    ///
    /// - Parameter byteCount: nil for a whole segment.
    func prepareOne(byteCount: Int? = nil, pause: () -> Void = {}) throws(DiskError) -> Bool {
        let sequence = takeSequence()
        let path = directory.path(.prepared(sequence: sequence))
        do {
            try Self.writeZeroes(
                path, byteCount: byteCount ?? segmentByteCount, on: directory.disk, for: .segmentZeroesSynced,
                pause: pause)
        } catch {
            state.withLock { $0.shortage = error.isDiskFull ? .diskFull : .failed(error) }
            // The file may not have been created at all.
            if try directory.disk.contains(
                SegmentName.prepared(sequence: sequence).text, in: directory.directory)
            {
                try directory.disk.unlink(path)
            }
            guard error.isDiskFull else { throw error }
            return false
        }
        state.withLock { state in
            state.ready.append(sequence)
            state.shortage = nil
        }
        return true
    }

    /// Creates a file of zeroes whose blocks are allocated and written; durable in content and size on
    /// return, not in name. A write into such a file needs no journal commit.
    ///
    /// - Parameter pause: called after each chunk, to leave the disk to others.
    static func writeZeroes(
        _ path: String, byteCount: Int, on disk: D, for rule: DurabilityRule, pause: () -> Void = {}
    ) throws(DiskError) {
        let file = try disk.create(path, access: .direct)
        try file.allocate(byteCount: byteCount)
        let zeroes = AlignedBuffer(byteCount: min(chunkByteCount, byteCount))
        var offset = 0
        while offset < byteCount {
            let count = min(zeroes.byteCount, byteCount - offset)
            try file.write(UnsafeRawBufferPointer(rebasing: zeroes.bytes[0..<count]), at: offset)
            offset += count
            pause()
        }
        try file.sync(for: rule)
        try file.dropCache()
    }

    /// A sequence number that no file of this log ever had.
    func takeSequence() -> UInt64 {
        state.withLock { state in
            defer { state.nextSequence += 1 }
            return state.nextSequence
        }
    }

    /// A prepared segment; nil if none is ready.
    func take() -> UInt64? {
        state.withLock { $0.ready.isEmpty ? nil : $0.ready.removeFirst() }
    }

    /// Gives back a segment that was taken and did not become live.
    func putBack(_ sequence: UInt64) {
        state.withLock { $0.ready.insert(sequence, at: 0) }
    }

    /// Notes that a sealed file is longer than what it holds.
    func noteSurplus(_ path: String, usedByteCount: Int) {
        state.withLock { $0.surplus.append((path, usedByteCount)) }
    }

    private func giveBackSurplus() throws(DiskError) {
        let surplus = state.withLock { state in
            defer { state.surplus.removeAll() }
            return state.surplus
        }
        for (path, byteCount) in surplus { try trim(path, to: byteCount) }
    }

    /// Cuts a sealed segment behind its last block. Its successor's header says where it ends, so
    /// nothing depends on this being durable.
    private func trim(_ path: String, to byteCount: Int) throws(DiskError) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        // It may have been purged meanwhile.
        guard try directory.disk.contains(name, in: directory.directory) else { return }
        let file = try directory.disk.open(path, access: .buffered)
        guard try file.byteCount() > byteCount else { return }
        try file.truncate(to: byteCount)
    }
}
