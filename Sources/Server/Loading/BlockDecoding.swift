import Disk
import Snapshots

/// Decodes a snapshot's blocks on threads of its own while the caller consumes them.
struct BlockDecoding {
    private typealias Decoded = (number: Int, result: Result<SnapshotBlock, SnapshotReadError>)

    private static let threadCount = 2
    /// Decoded blocks that may wait to be consumed, for each thread.
    private static let blockCountAhead = 16

    private let snapshot: SnapshotReader<KernelDisk>

    init(_ snapshot: SnapshotReader<KernelDisk>) { self.snapshot = snapshot }

    /// Calls `body` on the calling thread with each of the blocks, in no order.
    func forEachBlock(
        _ numbers: [Int], _ body: (_ number: Int, _ block: SnapshotBlock) throws -> Void
    ) throws {
        let wanted = (0..<Self.threadCount).map { _ in WorkQueue<Int>() }
        let decoded = WorkQueue<Decoded>()
        let threads = wanted.map { numbers in
            NamedThread.start("snapshot-load") { [snapshot] in
                Self.decode(numbers, of: snapshot, into: decoded)
            }
        }
        defer {
            for queue in wanted { queue.close() }
            for thread in threads { thread.join() }
        }
        var asked = 0
        func askForMore(_ count: Int) {
            for number in numbers.dropFirst(asked).prefix(count) {
                wanted[asked % Self.threadCount].put(number)
                asked += 1
            }
        }
        askForMore(Self.threadCount * Self.blockCountAhead)
        var consumedCount = 0
        var arrived: [Decoded] = []
        while consumedCount < numbers.count {
            guard decoded.takeAll(into: &arrived, deadline: nil) == .items else { return }
            askForMore(arrived.count)
            for (number, result) in arrived { try body(number, try result.get()) }
            consumedCount += arrived.count
            arrived.removeAll(keepingCapacity: true)
        }
    }

    private static func decode(
        _ wanted: WorkQueue<Int>, of snapshot: SnapshotReader<KernelDisk>, into decoded: WorkQueue<Decoded>
    ) {
        var numbers: [Int] = []
        while wanted.takeAll(into: &numbers, deadline: nil) == .items {
            for number in numbers {
                do throws(SnapshotReadError) {
                    decoded.put((number, .success(try snapshot.decodeBlock(number))))
                } catch {
                    decoded.put((number, .failure(error)))
                }
            }
            numbers.removeAll(keepingCapacity: true)
        }
    }
}
