import Disk
import Identifiers
import Metadata

/// Damage that costs no record: to idle promises, clean stops and footers.
///
/// Zxids rise from record to record. So between two boundaries no record is missing if no zxid lies between
/// the last one before the first boundary and the first one behind the second. The far boundary must be
/// vouched for by something that was durable: the end that the successor's header declares, or a later
/// batch of the segment that promises what stood before it. Where reading goes on, the chain goes on from
/// what that header says, and still has to meet the declared end exactly.
extension BatchReader {
    /// The boundary behind what does not read at `position`, if no record stood between the two; nil if
    /// one may have.
    ///
    /// - Parameter declaredEnd: where the segment ends, as its successor or the slots say; nil if it is
    ///   not known.
    package func boundary(
        behindDamageAt position: LogPosition, declaredEnd: LogPosition?
    ) -> LogPosition? {
        let own = batchHeader(atByteOffset: Int(position.byteOffset))
            .flatMap { $0.ordinal == position.ordinal && $0.previousChain == position.chain ? $0 : nil }
        // A whole header that speaks of records is never overruled.
        if let own, own.recordCount > 0 { return nil }
        let end = min(endByteOffset, declaredEnd.map { Int($0.byteOffset) } ?? .max)
        var offset = Int(position.byteOffset) + LogFormat.blockByteCount
        while offset < end {
            if let next = batchHeader(atByteOffset: offset) {
                guard next.byteOffset == offset, isAdjacent(next, to: position, own: own) else { return nil }
                return next.boundary(after: position.lastZxid)
            }
            offset += LogFormat.blockByteCount
        }
        guard let declaredEnd, declaredEnd.lastZxid == position.lastZxid,
            position.hasRoom(before: declaredEnd)
        else { return nil }
        return declaredEnd
    }

    /// Whether `next` promises what stood at `position`, and no record can stand between.
    private func isAdjacent(_ next: BatchHeader, to position: LogPosition, own: BatchHeader?) -> Bool {
        guard next.durableEnd > position.ordinal,
            position.hasRoom(before: next.boundary(after: position.lastZxid))
        else { return false }
        if next.recordCount == 0 { return next.lastZxid == position.lastZxid }
        if let own, next.ordinal == position.ordinal + 1, next.previousChain == own.chain { return true }
        return next.firstZxid == position.lastZxid.next
    }
}

extension BatchHeader {
    /// The boundary before this batch, if `zxid` is the last record before it.
    fileprivate func boundary(after zxid: Zxid) -> LogPosition {
        LogPosition(
            segment: segment, byteOffset: UInt64(byteOffset), ordinal: ordinal, lastZxid: zxid,
            chain: previousChain)
    }
}

extension LogPosition {
    /// Whether the batches between this boundary and a later one, a block each at least, fit between them.
    fileprivate func hasRoom(before later: LogPosition) -> Bool {
        guard later.segment == segment, later.ordinal > ordinal, later.byteOffset > byteOffset else {
            return false
        }
        let blockCount = (later.byteOffset - byteOffset) / UInt64(LogFormat.blockByteCount)
        return later.ordinal - ordinal <= blockCount
    }
}
