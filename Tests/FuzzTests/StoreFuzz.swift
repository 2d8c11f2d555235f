import Identifiers
@testable import Metadata
import Simulation
import Storage
import Testing
import TransactionLog

/// A whole store whose files were damaged or forged is opened, read and written, or refused with a type.
extension FuzzTests {
    @Test func damagedStores() {
        FuzzRun.target("store", rounds: 10_000) { random in
            let disk = LogSample.crashed.disk.processCrash()
            for _ in 0..<1 + random.below(3) { Self.damage(disk, &random) }
            let storage: Storage<SimulatedDisk>
            do throws(StorageError) {
                storage = try Storage.open(LogSample.configuration, on: disk, time: 1_700_000_100_000) { _ in
                }
            } catch {
                return try demand(!error.description.isEmpty, "an error without words")
            }
            try demand(storage.report.log.recovery.verdict.isSafe, "an unsafe log was opened")
            try Self.readAll(storage)
            let end = storage.log.end.lastZxid
            guard let next = end.next, next > .zero else { return }
            var buffer = RecordBuffer()
            buffer.append(zxid: next, [1, 2, 3].span.bytes)
            do throws(LogError) {
                _ = try storage.log.commit(buffer, time: 1_700_000_100_001, committed: end)
            } catch {
                throw Violation("an opened log cannot be written: \(error)")
            }
        }
    }

    private static func readAll(_ storage: Storage<SimulatedDisk>) throws(Violation) {
        let cursor = LogCursor(after: .zero, mode: .durable, tail: storage.log.tail, on: storage.disk)
        var last = Zxid(rawValue: .min)
        var isRising = true
        do throws(LogError) {
            while let slice = try cursor.next() {
                slice.forEachRecord { zxid, _ in
                    isRising = isRising && zxid > last
                    last = zxid
                }
            }
        } catch {
            throw Violation("an opened log cannot be read: \(error)")
        }
        try demand(isRising, "records out of order")
        try demand(last <= storage.log.end.lastZxid, "records behind the end")
    }

    private static func damage(_ disk: SimulatedDisk, _ random: inout SeededRandom) {
        let path = random.element(of: disk.paths.filter { !$0.hasSuffix("LOCK") })
        guard var bytes = disk.contents(of: path), !bytes.isEmpty else { return }
        if path.hasSuffix("/meta"), random.below(4) > 0 {
            forgeSlot(&bytes, &random)
        } else if path.contains("/seg-"), random.below(3) > 0 {
            let offsets = SegmentBytes.batchOffsets(in: bytes)
            guard !offsets.isEmpty else { return }
            if random.oneIn(3) {
                Mutation.overwriteOnce(&bytes, in: 8..<128, &random)
                bytes.replaceSubrange(4096..<8192, with: bytes[0..<4096])
                SegmentBytes.sealHeader(&bytes)
            } else {
                let offset = random.element(of: offsets)
                Mutation.overwriteOnce(&bytes, in: offset + 4..<offset + 200, &random)
            }
            SegmentBytes.sealBatches(&bytes, at: offsets, keepsChain: false)
        } else if random.oneIn(6) {
            disk.apply(.remove(path: path))
            return
        } else {
            Mutation.overwrite(&bytes, &random)
        }
        disk.apply(.overwrite(path: path, offset: 0, bytes: bytes))
    }

    /// The newest generation says something else, in both copies and with right checksums.
    private static func forgeSlot(_ file: inout [UInt8], _ random: inout SeededRandom) {
        let pair = random.oneIn(2) ? 0 : 2
        let stride = MetadataSlots<SimulatedDisk>.slotStride
        var slot = Array(file[pair * stride..<pair * stride + SlotCoding.slotByteCount])
        for _ in 0..<1 + random.below(2) { Mutation.overwriteOnce(&slot, in: 20..<160, &random) }
        for copy in pair...pair + 1 {
            let sealed = SlotBytes.sealed(slot, for: copy)
            file.replaceSubrange(copy * stride..<copy * stride + sealed.count, with: sealed)
        }
    }
}
