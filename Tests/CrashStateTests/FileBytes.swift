import Storage
import Identifiers
import Metadata
import Simulation
import TransactionLog

/// I12: every byte of a segment belongs to its header, to a batch, to the seal, or is zero; others
/// stand only behind the end that the successor declares, and only of a batch that was cut.
enum FileBytes {
    static func check(_ store: OpenStore, on disk: SimulatedDisk) throws {
        let recovery = store.storage.report.log.recovery
        guard case .clean = recovery.verdict else { return }
        guard let last = recovery.segments.last, let end = last.end else { return }
        // Behind the end of a log that needed no cut there may be a seal and nothing else.
        guard let bytes = disk.contents(of: last.path) else { throw Broken(.bytes, "\(last.path) is gone") }
        for start in stride(from: Int(end.byteOffset), to: bytes.count, by: LogFormat.blockByteCount) {
            let block = bytes[start..<min(bytes.count, start + LogFormat.blockByteCount)]
            guard block.starts(with: "AVRYSEAL".utf8) || block.allSatisfy({ $0 == 0 }) else {
                throw Broken(.bytes, "bytes behind the end of \(last.path) at \(start)")
            }
        }
    }

    /// I13: what was purged is gone before anybody removes it again.
    static func checkPurged(_ expected: Expectation, on disk: SimulatedDisk) throws {
        for path in disk.paths {
            guard let name = path.split(separator: "/").last,
                case .live(let sequence, _)? = SegmentName(String(name)),
                sequence < expected.firstNeededSegment
            else { continue }
            throw Broken(.removed, "\(path) was purged and came back")
        }
    }

    /// I13: what an installation set aside is there, under another name, until a purge.
    static func checkReplaced(_ expected: Expectation, on disk: SimulatedDisk) throws {
        guard !expected.replacedSegments.isEmpty else { return }
        let aside = disk.paths.compactMap { path -> UInt64? in
            guard let name = path.split(separator: "/").last,
                case .setAside(let sequence, _)? = SegmentName(String(name))
            else { return nil }
            return sequence
        }
        for sequence in expected.replacedSegments where !aside.contains(sequence) {
            throw Broken(.removed, "segment \(sequence) was to be kept when a snapshot took its place")
        }
    }

    /// What was cut can be looked at: in its segment as long as that is not cut short, or kept aside.
    static func checkCuts(_ expected: Expectation, on disk: SimulatedDisk) throws {
        for cut in expected.cuts {
            let aside = disk.contents(of: "data/log/lost+cut/cut-\(cut.segment)-\(cut.byteOffset)")
            if let aside, !aside.allSatisfy({ $0 == 0 }) { continue }
            let segment = disk.paths.first {
                guard let name = $0.split(separator: "/").last else { return false }
                guard case .live(cut.segment, _)? = SegmentName(String(name)) else { return false }
                return true
            }
            // Purged with its segment, or never more than zeroes.
            guard let segment, let bytes = disk.contents(of: segment) else { continue }
            guard bytes.count > cut.byteOffset else {
                throw Broken(.bytes, "the bytes cut from \(segment) at \(cut.byteOffset) are nowhere")
            }
        }
    }
}
