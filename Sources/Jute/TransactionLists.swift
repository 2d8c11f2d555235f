import ByteCoding

/// A session's end, with the ephemeral nodes that go with it.
package struct CloseSessionTransaction: ~Escapable {
    package let paths: JuteStrings
    /// False in old logs and for very long lists: then the owner's nodes go, whatever they are.
    package let isListed: Bool

    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        isListed = try Self.isListPresent(reader)
        paths = isListed ? try reader.strings() : try reader.noStrings()
    }

    package static func encode(_ paths: [[UInt8]], into bytes: inout [UInt8]) {
        bytes.append(bigEndian: Int32(truncatingIfNeeded: paths.count))
        for path in paths { bytes.append(juteString: path.span.bytes) }
    }

    /// Nothing, or a digest alone, is no list. A digest starts with its version 2, and a list of two
    /// paths is longer than a digest, so the two cannot be taken for each other.
    private static func isListPresent(_ reader: borrowing JuteReader) throws(JuteDefect) -> Bool {
        guard reader.remainingByteCount > 0 else { return false }
        guard reader.remainingByteCount == TransactionDigest.byteCount else { return true }
        var ahead = reader.copy()
        return try ahead.int32() != TransactionDigest.currentVersion
    }
}

/// What a multi did, one transaction after another, each behind its type and length.
///
/// `init` checks the whole list, bodies included, so that applying it cannot stop half-way.
package struct MultiTransaction: ~Escapable {
    private var items: JuteReader
    /// How many are left.
    package private(set) var count: Int
    /// Some operation was refused: the multi changes nothing.
    package let isFailed: Bool

    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        let count = try reader.itemCount(itemByteCountMin: 8) ?? 0
        let start = reader.copy()
        var isFailed = false
        for _ in 0..<count {
            let type = try reader.int32()
            guard let operation = OperationCode(rawValue: type), operation.isMultiTransaction else {
                throw .unknownType(type)
            }
            if operation == .error { isFailed = true }
            var body = JuteReader(try reader.buffer().bytes)
            try operation.checkTransaction(&body)
        }
        items = start
        self.count = count
        self.isFailed = isFailed
    }

    /// The next item's type and body; nil at the end.
    @_lifetime(copy self)
    package mutating func next() -> MultiTransactionItem? {
        guard count > 0 else { return nil }
        count -= 1
        do {
            guard let type = OperationCode(rawValue: try items.int32()) else { return nil }
            return MultiTransactionItem(type: type, body: try items.buffer().bytes)
        } catch {
            return nil  // Cannot be: `init` has read the same bytes.
        }
    }

    /// Appends an item's type and a length to be filled in; returns where the body starts.
    package static func beginItem(_ type: OperationCode, into bytes: inout [UInt8]) -> Int {
        bytes.append(bigEndian: type.rawValue)
        bytes.append(bigEndian: Int32(0))
        return bytes.count
    }

    /// Fills in the length of the item whose body starts at `start`.
    package static func endItem(at start: Int, in bytes: inout [UInt8]) {
        bytes.replace(bigEndian: Int32(truncatingIfNeeded: bytes.count - start), at: start - 4)
    }
}

extension MultiTransaction {
    /// Calls `body` with the path of each item, until it returns false; errors have none.
    package static func forEachPath(
        _ reader: inout JuteReader, _ body: (RawSpan) -> Bool
    ) throws(JuteDefect) {
        for _ in 0..<(try reader.itemCount(itemByteCountMin: 8) ?? 0) {
            let type = try reader.int32()
            var item = JuteReader(try reader.buffer().bytes)
            if type == OperationCode.error.rawValue { continue }
            guard body(try item.path()) else { return }
        }
    }
}

/// One transaction of a multi.
package struct MultiTransactionItem: ~Escapable {
    package let type: OperationCode
    package let body: RawSpan

    @_lifetime(copy body)
    init(type: OperationCode, body: RawSpan) {
        self.type = type
        self.body = body
    }
}

extension OperationCode {
    /// May stand in a multi's transaction.
    package var isMultiTransaction: Bool { isMultiWrite || self == .error || self == .deleteContainer }

    /// Reads over a transaction's body, to know whether it can be read; leaves the digest, if any.
    package func checkTransaction(_ reader: inout JuteReader) throws(JuteDefect) {
        switch self {
        case .create, .create2, .createContainer, .createTTL: _ = try CreateTransaction(self, from: &reader)
        case .delete, .deleteContainer: _ = try DeleteTransaction(from: &reader)
        case .setData, .reconfig: _ = try SetDataTransaction(from: &reader)
        case .setACL: _ = try SetACLTransaction(from: &reader)
        case .check: _ = try CheckTransaction(from: &reader)
        case .multi: _ = try MultiTransaction(from: &reader)
        case .createSession, .error: _ = try reader.int32()
        case .closeSession: _ = try CloseSessionTransaction(from: &reader)
        default: throw .unknownType(rawValue)
        }
    }
}
