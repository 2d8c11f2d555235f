import ByteCoding
import Compression
import Identifiers
import Sessions
import Simulation
import Snapshots
import Testing
import TransactionLog

/// File names, session tables, compressed bytes.
extension FuzzTests {
    @Test func fileNames() {
        FuzzRun.target("names", rounds: 60_000) { random in
            let names = [
                SegmentName.live(sequence: random.next(), firstZxid: Zxid(rawValue: 1)).text,
                SegmentName.prepared(sequence: random.next()).text,
                SegmentName.setAside(sequence: random.next(), successor: 2).text,
                SnapshotName(startZxid: Zxid(rawValue: .min), generation: .max).fileName,
                "bad-snap-x", "tmp-snap-\u{e9}", "seg--.zkl", ".zkl", "-", "",
            ]
            var bytes = Array(random.element(of: names).utf8)
            if random.below(4) > 0 { Mutation.change(&bytes, &random) }
            let name = String(decoding: bytes, as: UTF8.self)
            if let segment = SegmentName(name) {
                try demand(segment.text == name, "\(name) is \(segment.text)")
            }
            if let snapshot = SnapshotName(fileName: name), name.hasPrefix("snap-"), name.utf8.count == 34 {
                try demand(snapshot.fileName == name, "\(name) is \(snapshot.fileName)")
            }
        }
    }

    @Test func sessionTables() {
        FuzzRun.target("sessions", rounds: 100_000) { random in
            var bytes: [UInt8] = []
            let count = random.below(6)
            bytes.append(bigEndian: Int32(count))
            for _ in 0..<count {
                bytes.append(bigEndian: random.next())
                bytes.append(bigEndian: Int32(truncatingIfNeeded: random.next()))
            }
            if random.oneIn(2) { Mutation.change(&bytes, &random) }
            try FuzzRun.decoding(bytes.count) {
                let lines: [SessionTimeout]
                do throws(SessionTableDefect) {
                    lines = try Sessions.decodeTable(bytes.span.bytes)
                } catch { return }
                var again: [UInt8] = []
                again.append(bigEndian: Int32(lines.count))
                for line in lines {
                    again.append(bigEndian: line.id.rawValue)
                    again.append(bigEndian: line.timeoutMilliseconds)
                }
                try demand(again == bytes, "\(lines.count) sessions are written otherwise")
            }
        }
    }

    @Test func compressedBytes() {
        FuzzRun.target("codec", rounds: 60_000) { random in
            let codec = random.element(of: Codec.allCases)
            let raw = (0..<random.length(below: 2000)).map { _ in random.oneIn(3) ? random.byte() : 7 }
            var stored = [UInt8](repeating: 0, count: codec.compressedByteCountMax(for: raw.count))
            let count = raw.withUnsafeBytes { raw in
                stored.withUnsafeMutableBytes { codec.compress(raw, into: $0) }
            }
            stored.removeLast(stored.count - (count ?? 0))
            let isChanged = random.below(4) > 0
            if isChanged { Mutation.change(&stored, &random) }
            // Guards on both sides show a write outside the destination.
            let length = random.oneIn(4) ? random.length(below: 4000) : raw.count
            var room = [UInt8](repeating: 0xA5, count: length + 64)
            do {
                try stored.span.bytes.withUnsafeBytes { source throws(DecompressionError) in
                    var destination = room.mutableSpan
                    try destination.withUnsafeMutableBytes { target throws(DecompressionError) in
                        try codec.decompress(
                            source, into: UnsafeMutableRawBufferPointer(rebasing: target[32..<32 + length]))
                    }
                }
                try demand(isChanged || room[32..<32 + length].elementsEqual(raw), "other bytes came out")
            } catch is DecompressionError {
                try demand(isChanged || length != raw.count, "\(codec) does not undo itself")
            }
            try demand(
                room.prefix(32).allSatisfy { $0 == 0xA5 } && room.suffix(32).allSatisfy { $0 == 0xA5 },
                "written outside the destination")
        }
    }
}
