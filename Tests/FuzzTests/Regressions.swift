import ByteCoding
import DataTree
import Identifiers
import Jute
import Simulation
import Testing

@testable import Metadata
@testable import TransactionLog

/// Inputs that once found something, each named for what it found.
@Suite struct FuzzRegressions {
    /// Target store, seed 5567922972040952135: twice the generation did not fit its integer.
    @Test(arguments: [(UInt64(1) << 62) + 1, UInt64(1) << 63, UInt64.max])
    func aGenerationThatNobodyCountsToIsDamage(_ generation: UInt64) {
        var metadata = StoreMetadata(storeID: 1)
        metadata.newestSegment = 3
        let slot = 2 * Int(generation % 2)
        let bytes = SlotCoding.encode(metadata, generation: generation, slot: slot)
        #expect(SlotCoding.decode(bytes.span.bytes, slot: slot) == .damaged)
    }

    /// The same, for numbers to which recovery and openings add.
    @Test func countersThatNobodyCountsToAreDamage() {
        let changes: [(inout StoreMetadata) -> Void] = [
            { $0.incarnation = .max }, { $0.newestSegment = .max }, { $0.firstNeededSegment = .max },
            { $0.watermark.byteOffset = .max }, { $0.watermark.ordinal = .max },
            { $0.truncation = TruncationIntent(lastKeptZxid: .zero, cut: .start, successor: .max) },
        ]
        for change in changes {
            var metadata = StoreMetadata(storeID: 1)
            change(&metadata)
            let bytes = SlotCoding.encode(metadata, generation: 1, slot: 2)
            #expect(SlotCoding.decode(bytes.span.bytes, slot: 2) == .damaged)
        }
    }

    /// A generation in the other pair's slots would be overwritten by the commit after next.
    @Test func aGenerationInTheWrongPairIsDamage() {
        let bytes = SlotCoding.encode(StoreMetadata(storeID: 1), generation: 1, slot: 0)
        #expect(SlotCoding.decode(bytes.span.bytes, slot: 0) == .damaged)
    }

    /// Target log-fields, seed 15516369919317602360: an offset became negative.
    @Test func aBatchWhoseOffsetFitsNoIntegerIsNone() {
        var block = [UInt8](repeating: 0, count: LogFormat.batchHeaderByteCount)
        block.replace(littleEndian: LogFormat.batchMagic, at: 0)
        block[4] = 1
        block.replace(littleEndian: UInt64.max, at: 16)
        let checksum = CRC32C.of(block.span.bytes.extracting(droppingLast: 4))
        block.replace(littleEndian: checksum, at: block.count - 4)
        #expect(BatchHeader(decoding: block.span.bytes, seed: 0) == nil)
        block.replace(littleEndian: UInt64(8192), at: 16)
        let right = CRC32C.of(block.span.bytes.extracting(droppingLast: 4))
        block.replace(littleEndian: right, at: block.count - 4)
        #expect(BatchHeader(decoding: block.span.bytes, seed: 0) != nil)
    }

    /// The epoch behind the last one there is would not fit its 32 bits, nor a zxid its 64.
    @Test(arguments: [Int64.max, -1]) func aBatchOfAnEpochThatNobodyCountsToIsNone(lastZxid: Int64) {
        var block = [UInt8](repeating: 0, count: LogFormat.batchHeaderByteCount)
        block.replace(littleEndian: LogFormat.batchMagic, at: 0)
        block[4] = 1
        block.replace(littleEndian: lastZxid, at: 40)
        block.replace(
            littleEndian: CRC32C.of(block.span.bytes.extracting(droppingLast: 4)), at: block.count - 4)
        #expect(BatchHeader(decoding: block.span.bytes, seed: 0) == nil)
    }

    /// Target apply, seed 2900322282066524989: a changed record made a node that no image could bring back.
    @Test(arguments: [ApplyMode.live, .replay]) func aRecordWithAPathThatIsNoneMakesNoNode(_ mode: ApplyMode)
        throws
    {
        var tree = DataTree(hashSeed: 1)
        var record: [UInt8] = []
        TransactionHeader(
            sessionID: SessionID(rawValue: 1), cxid: 1, zxid: Zxid(rawValue: 1), time: 1, type: .create
        ).encode(into: &record)
        record.append(juteString: "/\u{1}")
        record.append(juteBuffer: [])
        AccessList.encode([.open], into: &record)
        record.append(jute: false)
        record.append(bigEndian: Int32(1))
        let nodeCount = tree.nodeCount
        var reply: [UInt8] = []
        var events: [WatchEvent] = []
        let applied = try tree.apply(
            record.span.bytes, mode: mode, wantsReply: true, reply: &reply, events: &events)
        #expect(applied.error == .badArguments)
        #expect(tree.nodeCount == nodeCount)
        try tree.demandSound()
    }
}
