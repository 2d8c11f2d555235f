import ByteCoding
import Identifiers
import Jute

extension DataTree {
    /// Appends the transaction of a multi: each operation sees those before it; after the first refusal
    /// everything is taken back, and the items say only what went wrong where.
    ///
    /// The request has been checked whole, so reading its items cannot fail.
    mutating func prepareMulti(
        _ request: consuming MultiRequest, _ origin: borrowing RequestOrigin, into record: inout [UInt8]
    ) throws(JuteDefect) {
        let start = record.count
        let digest = preparedDigest
        var undo: [PendingChanges.Undo]? = []
        var count: Int32 = 0
        var failure: (index: Int32, error: ErrorCode)?
        record.append(bigEndian: Int32(0))
        while let operation = try request.next() {
            var error = try prepareItem(
                operation, &request, origin, isSkipped: failure != nil, &undo, into: &record)
            // Only access lists make a record that much longer than its request.
            if failure == nil, record.count - start > rules.multiByteCountMax { error = .invalidACL }
            if error != .ok { failure = (count, error) }
            count += 1
        }
        if let failure {
            rollBack(undo ?? [], zxid: origin.zxid, digest: digest)
            record.removeSubrange((start + 4)...)
            for index in 0..<count {
                let isBefore = index < failure.index
                let error: ErrorCode = isBefore ? .ok : .runtimeInconsistency
                let item = MultiTransaction.beginItem(.error, into: &record)
                record.append(bigEndian: (index == failure.index ? failure.error : error).rawValue)
                MultiTransaction.endItem(at: item, in: &record)
            }
        } else {
            forget(undo ?? [])
        }
        record.replace(bigEndian: count, at: start)
    }

    /// Prepares one operation, or only reads over it.
    private mutating func prepareItem(
        _ operation: OperationCode, _ request: inout MultiRequest, _ origin: borrowing RequestOrigin,
        isSkipped: Bool, _ undo: inout [PendingChanges.Undo]?, into record: inout [UInt8]
    ) throws(JuteDefect) -> ErrorCode {
        var error = ErrorCode.ok
        switch operation {
        case .setData:
            let item = try request.setData()
            if isSkipped { return .ok }
            let start = MultiTransaction.beginItem(.setData, into: &record)
            do { try prepareSetData(item, origin, &undo, into: &record) } catch let refusal {
                error = refusal
            }
            MultiTransaction.endItem(at: start, in: &record)
        case .delete, .check:
            let item = try request.pathVersion()
            if isSkipped { return .ok }
            let start = MultiTransaction.beginItem(operation, into: &record)
            do throws(ErrorCode) {
                if operation == .delete {
                    try prepareDelete(item, origin, &undo, into: &record)
                } else {
                    try prepareCheck(item, origin, into: &record)
                }
            } catch let refusal { error = refusal }
            MultiTransaction.endItem(at: start, in: &record)
        default:
            let item = try request.create(operation)
            if isSkipped { return .ok }
            let meaning = item.meaning(ofItem: operation)
            let type = meaning.transactionType(flags: item.flags)
            let start = MultiTransaction.beginItem(type, into: &record)
            do { try prepareCreate(meaning, item, origin, &undo, into: &record) } catch let refusal {
                error = refusal
            }
            MultiTransaction.endItem(at: start, in: &record)
        }
        return error
    }
}
