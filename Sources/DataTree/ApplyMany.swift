import ByteCoding
import Identifiers
import Jute

/// Transactions that do several things at one zxid.
extension DataTree {
    /// Applies all items of a multi, or none if one of them is an error; the reply tells of each.
    mutating func applyMulti(
        _ transaction: consuming MultiTransaction, _ header: TransactionHeader, _ mode: ApplyMode,
        _ output: inout ApplyOutput
    ) throws(JuteDefect) {
        let isFailed = transaction.isFailed
        var hasSeenError = false
        while let item = transaction.next() {
            var reader = JuteReader(item.body)
            var error = ErrorCode.ok
            let start = output.reply.count
            if item.type == .error {
                error = ErrorCode(rawValue: try reader.int32())
                hasSeenError = hasSeenError || error != .ok
                appendError(error, at: start, &output)
            } else if isFailed {
                // ZooKeeper's leaders leave what went well before the failure as it was.
                appendError(hasSeenError ? .runtimeInconsistency : .ok, at: start, &output)
            } else {
                if output.wantsReply {
                    MultiHeader(type: item.type.resultType.rawValue, error: 0).encode(into: &output.reply)
                }
                error = try applyOperation(item.type, &reader, header, mode, &output)
                if error != .ok { appendError(error, at: start, &output) }
            }
        }
        if output.wantsReply { MultiHeader.end.encode(into: &output.reply) }
    }

    private func appendError(_ error: ErrorCode, at start: Int, _ output: inout ApplyOutput) {
        guard output.wantsReply else { return }
        output.reply.removeSubrange(start...)
        MultiHeader(type: OperationCode.error.rawValue, error: error.rawValue).encode(into: &output.reply)
        output.reply.append(bigEndian: error.rawValue)
    }

    /// Deletes the listed nodes, then whatever else the session still owns.
    mutating func applyCloseSession(
        _ transaction: consuming CloseSessionTransaction, _ header: TransactionHeader, _ mode: ApplyMode,
        _ output: inout ApplyOutput
    ) {
        let isListed = transaction.isListed
        var paths = transaction.paths
        while let path = paths.next() { closeNode(path, header, mode, &output) }
        let left = ephemeralPaths(of: header.sessionID.rawValue)
        if !isListed { noteUnlistedDeletions(left, header.zxid) }
        for path in left { closeNode(path.span.bytes, header, mode, &output) }
    }

    private mutating func closeNode(
        _ path: RawSpan, _ header: TransactionHeader, _ mode: ApplyMode, _ output: inout ApplyOutput
    ) {
        switch mode {
        case .live:
            // A path that is gone already has been deleted by its owner; ZooKeeper ignores it too.
            _ = applyDelete(path, header, &output)
        case .replay:
            replayDelete(path, header.zxid)
        }
    }
}

extension OperationCode {
    /// How a multi's reply calls the item.
    var resultType: OperationCode {
        switch self {
        case .create2, .createContainer, .createTTL: .create2
        case .deleteContainer: .delete
        default: self
        }
    }
}
