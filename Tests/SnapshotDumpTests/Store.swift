import Compression
import DataTree
import Disk
import Foundation
import Identifiers
import Jute
import Snapshots
import TestSupport

/// A directory with snapshots of a small tree, made as the server makes them.
final class Store {
    private let directory: TemporaryDirectory
    var path: String { directory.path }
    private let disk = KernelDisk(syncMode: .bufferedThenSync)
    private var tree: DataTree
    private var nextZxid: Int64 = 0x1_0000_0001
    /// What was committed since `beginImage`.
    private var tail: [[UInt8]] = []

    init(extendedTypes: Bool = false) throws {
        directory = try TemporaryDirectory()
        var rules = TreeRules()
        rules.areExtendedTypesEnabled = extendedTypes
        tree = DataTree(hashSeed: 7, rules: rules)
    }

    func create(_ path: String, _ data: String, flags: Int32 = 0, session: Int64 = 0x1001) throws {
        var body: [UInt8] = []
        CreateRequest.encode(path, data: Array(data.utf8), acl: [.open], flags: flags, into: &body)
        try submit(.create, body, session: session)
    }

    func submit(_ operation: OperationCode, _ body: [UInt8], session: Int64 = 0x1001) throws {
        var record: [UInt8] = []
        let origin = RequestOrigin(
            sessionID: SessionID(rawValue: session), cxid: 1, zxid: Zxid(rawValue: nextZxid),
            time: 1_700_000_000_000, identities: [])
        nextZxid += 1
        _ = try tree.prepare(operation, body.span.bytes, origin, into: &record)
        var reply: [UInt8] = []
        var events: [WatchEvent] = []
        _ = try tree.apply(record.span.bytes, wantsReply: false, reply: &reply, events: &events)
        tail.append(record)
    }

    /// Writes a snapshot: the image, during which `meanwhile` changes the tree, and the tail.
    ///
    /// - Parameter edit: changes what the footer says.
    @discardableResult
    func snapshot(
        generation: UInt32 = 1, sessions: [(Int64, Int32)] = [(0x1001, 30_000)],
        edit: (inout SnapshotEnd) -> Void = { _ in }, meanwhile: () throws -> Void = {}
    ) throws -> WrittenSnapshot {
        tail = []
        let header = SnapshotHeader(
            storeID: 0xABCD, nonce: UInt128(generation), startZxid: tree.lastAppliedZxid,
            generation: generation, creationTime: 1_700_000_000_123, codec: .lz4)
        var writer = try SnapshotWriter(
            on: disk, directory: path, header: header,
            pacing: SnapshotPacing(
                byteCountPerSecond: nil, expectedByteCount: 0, reservedByteCount: 0, pause: { _ in }))
        try writer.append(.sessions, recordCount: sessions.count, bytes: Self.table(sessions).span)
        var cursor: DataTree.ImageCursor? = .start
        var isFirst = true
        while let next = cursor {
            var slice: [UInt8] = []
            cursor = tree.encodeImageSlice(from: next, maxByteCount: 200, into: &slice)
            if !slice.isEmpty { try writer.append(.nodes, recordCount: 1, bytes: slice.span) }
            try writer.endBlock()
            if isFirst { try meanwhile() }
            isFirst = false
        }
        for record in tail {
            var framed: [UInt8] = []
            TailReader.encode(record: record.span.bytes, into: &framed)
            try writer.append(.tail, recordCount: 1, bytes: framed.span)
        }
        var end = SnapshotEnd(
            zxid: tree.lastAppliedZxid, epoch: Epoch(rawValue: 1), digestVersion: 2, digest: tree.digest,
            totals: SnapshotTotals(
                nodeCount: tree.nodeCount, ephemeralCount: tree.ephemeralCount,
                sessionCount: sessions.count, dataByteCount: tree.dataByteCount,
                tailRecordCount: tail.count))
        edit(&end)
        return try writer.finish(end)
    }

    func flipBit(of file: String, at offset: Int) throws {
        let name = URL(fileURLWithPath: file).lastPathComponent
        var bytes = try directory.contents(of: name)
        bytes[offset] ^= 1
        try directory.write(bytes, to: name)
    }

    private static func table(_ sessions: [(Int64, Int32)]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(contentsOf: withUnsafeBytes(of: Int32(sessions.count).bigEndian, Array.init))
        for (id, timeout) in sessions {
            bytes.append(contentsOf: withUnsafeBytes(of: id.bigEndian, Array.init))
            bytes.append(contentsOf: withUnsafeBytes(of: timeout.bigEndian, Array.init))
        }
        return bytes
    }
}
