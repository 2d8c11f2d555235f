import Compression
import Disk
import Identifiers
import Synchronization
import TestSupport
import Testing

@testable import Snapshots

@Suite struct SnapshotWriterTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func nothingIsBegunWithoutSpaceForAllOfIt() throws {
        let available = try kernelDisk.availableByteCount(at: directory.path)
        var pacing = SnapshotPacing.none
        pacing.expectedByteCount = available
        pacing.reservedByteCount = 1 << 30
        let error = #expect(throws: SnapshotWriteError.self) {
            try Sample(seed: 1).write(on: kernelDisk, in: directory.path, pacing: pacing)
        }
        #expect(error?.isDiskFull == true)
        #expect(try directory.names() == [])
    }

    @Test func aGivenUpSnapshotLeavesNothing() throws {
        var writer = try SnapshotWriter(
            on: kernelDisk, directory: directory.path, header: Sample(seed: 1).header, pacing: .none)
        try writer.append(.nodes, recordCount: 1, bytes: [1, 2, 3].span)
        #expect(try directory.names() == ["tmp-snap-0000000500000010-00000007.zks"])
        try writer.abort()
        #expect(try directory.names() == [])
    }

    @Test func aPieceThatNoBlockCanHoldEndsTheSnapshot() throws {
        var writer = try SnapshotWriter(
            on: kernelDisk, directory: directory.path, header: Sample(seed: 1).header, pacing: .none)
        let most = SnapshotFormat.blockByteCountMax
        let piece = [UInt8](repeating: 0, count: most + 1)
        #expect(throws: SnapshotWriteError.pieceTooLong(byteCount: most + 1, byteCountMax: most)) {
            try Self.append(piece, to: &writer)
        }
        #expect(throws: SnapshotWriteError.pieceTooLong(byteCount: most + 1, byteCountMax: most)) {
            try Self.append([1], to: &writer)
        }
        #expect(try directory.names() == [])
        try writer.abort()
    }

    @Test func thePieceThatJustFitsIsReadBack() throws {
        var sample = Sample(seed: 1)
        let most = SnapshotFormat.blockByteCountMax
        sample.pieces = [
            Sample.Piece(kind: .nodes, recordCount: 1, bytes: [UInt8](repeating: 3, count: most))
        ]
        sample.end.totals.tailRecordCount = 0
        let written = try sample.write(on: kernelDisk, in: directory.path)
        #expect(written.byteCount < most / 100)
        #expect(try SnapshotReader(written.path, on: kernelDisk).decodeBlock(0).bytes.count == most)
    }

    @Test func aSnapshotThatLostTailRecordsIsNotFinished() throws {
        var sample = Sample(seed: 1)
        let count = sample.end.totals.tailRecordCount
        sample.end.totals.tailRecordCount += 1
        #expect(throws: SnapshotWriteError.tailCountMismatch(stated: count + 1, appended: count)) {
            try sample.write(on: kernelDisk, in: directory.path)
        }
        #expect(try directory.names() == [])
    }

    @Test func aSnapshotDoesNotEndBeforeItBegins() throws {
        var sample = Sample(seed: 1)
        sample.end.zxid = Zxid(rawValue: sample.header.startZxid.rawValue - 1)
        #expect(throws: SnapshotWriteError.endBeforeStart) {
            try sample.write(on: kernelDisk, in: directory.path)
        }
        #expect(try directory.names() == [])
    }

    @Test func aTakenNameIsNotWrittenOver() throws {
        let sample = Sample(seed: 1)
        try sample.write(on: kernelDisk, in: directory.path)
        let before = try directory.contents(of: sample.header.name.fileName)
        var other = Sample(seed: 2)
        other.header.generation = sample.header.generation
        #expect(throws: SnapshotWriteError.self) { try other.write(on: kernelDisk, in: directory.path) }
        #expect(try directory.names() == [sample.header.name.fileName])
        #expect(try directory.contents(of: sample.header.name.fileName) == before)
    }

    @Test func writingIsPacedToTheByte() throws {
        let paused = Mutex<[UInt64]>([])
        let sample = Sample(seed: 2, codec: .none, pieceCount: 60, pieceByteCountMax: 200_000)
        let written = try sample.write(
            on: kernelDisk, in: directory.path,
            pacing: SnapshotPacing(
                byteCountPerSecond: 10_000_000, expectedByteCount: 0, reservedByteCount: 0,
                pause: { pause in paused.withLock { $0.append(pause) } }))
        let pauses = paused.withLock { $0 }
        #expect(written.byteCount > 2 << 20)
        #expect(pauses.reduce(0, +) == UInt64(written.byteCount) * 100)
        // No pause is so long that the disk idles and then gets a burst.
        #expect(pauses.allSatisfy { $0 <= 30_000_000 })
    }

    private static func append(
        _ bytes: [UInt8], to writer: inout SnapshotWriter<KernelDisk>
    ) throws(SnapshotWriteError) {
        try writer.append(.nodes, recordCount: 1, bytes: bytes.span)
    }
}
