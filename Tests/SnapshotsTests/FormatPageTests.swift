import Compression
import Disk
import Foundation
import Identifiers
import TestSupport
import Testing

@testable import Snapshots

/// The worked example of docs/snapshot-format.md is this file, byte for byte.
@Suite struct FormatPageTests {
    @Test func theExampleInTheFormatPageIsWhatIsWritten() throws {
        let file = try Self.example()
        let shown = try Self.dumpInFormatPage()
        #expect(!shown.isEmpty)
        for (offset, bytes) in shown {
            let end = min(offset + bytes.count, file.count)
            let written = offset < end ? Array(file[offset..<end]) : []
            #expect(bytes == written, "at byte \(offset): \(Self.line(offset, written))")
        }
        // What the page leaves out is zero.
        var hidden = file
        for (offset, bytes) in shown {
            for place in offset..<min(offset + bytes.count, file.count) { hidden[place] = 0 }
        }
        #expect(hidden.firstIndex { $0 != 0 } == nil)
        #expect(shown.last.map { $0.offset + $0.bytes.count } == file.count)
    }

    private static func example() throws -> [UInt8] {
        let directory = try TemporaryDirectory()
        let header = SnapshotHeader(
            storeID: 0x0F0E_0D0C_0B0A_0908_0706_0504_0302_0100,
            nonce: 0x1F1E_1D1C_1B1A_1918_1716_1514_1312_1110, startZxid: Zxid(rawValue: 0x5_0000_0010),
            generation: 7, creationTime: 1_700_000_000_123, codec: .lz4)
        var writer = try SnapshotWriter(
            on: kernelDisk, directory: directory.path, header: header, pacing: .none)
        try writer.append(.sessions, recordCount: 1, bytes: Array("one session".utf8).span)
        try writer.append(.nodes, recordCount: 2, bytes: Array("node node node node node node ".utf8).span)
        var tail: [UInt8] = []
        TailReader.encode(record: Array("a record".utf8).span.bytes, into: &tail)
        try writer.append(.tail, recordCount: 1, bytes: tail.span)
        let written = try writer.finish(
            SnapshotEnd(
                zxid: Zxid(rawValue: 0x5_0000_0011), epoch: Epoch(rawValue: 5), digestVersion: 2,
                digest: 0x1122_3344_5566_7788,
                totals: SnapshotTotals(
                    nodeCount: 2, ephemeralCount: 1, sessionCount: 1, dataByteCount: 24, tailRecordCount: 1)))
        return try directory.contents(of: written.name.fileName)
    }

    /// The page's lines of the form `00001000: 0a 1b ...  text`.
    private static func dumpInFormatPage() throws -> [(offset: Int, bytes: [UInt8])] {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/snapshot-format.md"), encoding: .utf8)
        return page.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ": ", maxSplits: 1)
            guard fields.count == 2, fields[0].utf8.count == 8, let offset = Int(fields[0], radix: 16)
            else { return nil }
            let bytes = fields[1].prefix(48).split(separator: " ").compactMap { UInt8($0, radix: 16) }
            return (offset, bytes)
        }
    }

    private static func line(_ offset: Int, _ bytes: [UInt8]) -> String {
        let hexadecimal = bytes.map { String(format: "%02x", $0) }.joined(separator: " ")
        return String(format: "%08x: ", offset) + hexadecimal
    }
}
