import Disk
import Identifiers
import Metadata

/// What stands behind a place where the log seems to end.
struct TailEvidence {
    /// A later header promises that a batch at the place was durable.
    var isPromised = false
    /// The segment was sealed behind the place.
    var isSealed = false
    /// The first record of the next batch whose header is whole.
    var next: Zxid?
}

extension BatchReader {
    /// Looks at every block from `position` on. Headers are aligned to blocks and seeded by place, so a
    /// match was written there.
    func promises(from position: LogPosition) -> TailEvidence {
        var evidence = TailEvidence()
        var offset = Int(position.byteOffset)
        while offset < endByteOffset {
            if let header = batchHeader(atByteOffset: offset) {
                if header.durableEnd > position.ordinal { evidence.isPromised = true }
                if header.ordinal > position.ordinal, header.recordCount > 0, evidence.next == nil {
                    evidence.next = header.firstZxid
                }
            } else if let seal = seal(atByteOffset: offset), seal.footer.ordinal > position.ordinal {
                evidence.isSealed = true
            }
            offset += LogFormat.blockByteCount
        }
        return evidence
    }

    /// Whether any byte from `position` to the end of the file is not zero, a seal aside.
    ///
    /// A block that cannot be read counts as bytes.
    func hasBytes(from position: LogPosition) -> Bool {
        var offset = Int(position.byteOffset)
        while offset < endByteOffset {
            if seal(atByteOffset: offset) == nil, isZeroBlock(atByteOffset: offset) != true { return true }
            offset += LogFormat.blockByteCount
        }
        return false
    }
}
