import ByteCoding

/// The body of multi and multiRead: operations one after another.
///
/// `init` checks the whole list, so that nothing is done before all of it is known to be readable.
package struct MultiRequest: ~Escapable {
    private var reader: JuteReader

    /// Checks the list; throws when an item cannot be read or is not one that `operation` may hold.
    @_lifetime(copy reader)
    package init(_ operation: OperationCode, from reader: inout JuteReader) throws(JuteDefect) {
        let start = reader.copy()
        while let item = try reader.multiItem() {
            guard operation == .multi ? item.isMultiWrite : item.isMultiRead else {
                throw .unknownType(item.rawValue)
            }
            var ahead = reader.copy()
            _ = try ahead.path()
            if item.isCreation {
                try CreateRequest(item, from: &reader).checkAsItem(item)
            } else {
                try item.checkBody(&reader)
            }
        }
        self.reader = start
    }

    /// The next item's operation, nil at the end. The item's body must then be read from `reader`,
    /// by the initializer of its request, before the next call.
    package mutating func next() throws(JuteDefect) -> OperationCode? { try reader.multiItem() }

    /// The body of the item that `next` announced.
    @_lifetime(copy self)
    package mutating func create(_ operation: OperationCode) throws(JuteDefect) -> CreateRequest {
        try CreateRequest(operation, from: &reader)
    }

    @_lifetime(copy self)
    package mutating func setData() throws(JuteDefect) -> SetDataRequest { try SetDataRequest(from: &reader) }

    /// Of delete and check.
    @_lifetime(copy self)
    package mutating func pathVersion() throws(JuteDefect) -> PathNumberRequest {
        try PathNumberRequest(from: &reader)
    }

    /// Of getData and getChildren.
    @_lifetime(copy self)
    package mutating func pathWatch() throws(JuteDefect) -> PathWatchRequest {
        try PathWatchRequest(from: &reader)
    }
}

extension MultiRequest {
    /// Calls `body` with the path of each item, as far as the list can be read, until it returns false.
    ///
    /// Checks no more than it needs to find them.
    package static func forEachPath(
        _ reader: inout JuteReader, _ body: (RawSpan) -> Bool
    ) throws(JuteDefect) {
        while let item = try reader.multiItem() {
            var ahead = reader.copy()
            guard body(try ahead.path()) else { return }
            try item.checkBody(&reader)
        }
    }
}

extension JuteReader {
    /// The operation in the header of a multi's next item; nil at the end mark.
    mutating func multiItem() throws(JuteDefect) -> OperationCode? {
        let header = try MultiHeader(from: &self)
        if header.isDone { return nil }
        guard let operation = OperationCode(rawValue: header.type) else { throw .unknownType(header.type) }
        return operation
    }
}

extension OperationCode {
    /// May stand in a multi.
    package var isMultiWrite: Bool {
        switch self {
        case .create, .create2, .createContainer, .createTTL, .delete, .setData, .check: true
        default: false
        }
    }

    var isCreation: Bool {
        self == .create || self == .create2 || self == .createContainer || self == .createTTL
    }

    /// May stand in a multiRead.
    package var isMultiRead: Bool { self == .getData || self == .getChildren }

    /// Reads over a request's body, to know whether it can be read.
    ///
    /// Requests without a body, and operations that clients cannot ask for, pass.
    package func checkBody(_ reader: inout JuteReader) throws(JuteDefect) {
        switch self {
        case .create, .create2, .createContainer, .createTTL: _ = try CreateRequest(self, from: &reader)
        case .setData: _ = try SetDataRequest(from: &reader)
        case .setACL: _ = try SetACLRequest(from: &reader)
        case .delete, .check, .checkWatches, .removeWatches, .addWatch:
            _ = try PathNumberRequest(from: &reader)
        case .exists, .getData, .getChildren, .getChildren2: _ = try PathWatchRequest(from: &reader)
        case .getACL, .getAllChildrenNumber, .deleteContainer: _ = try PathRequest(from: &reader)
        case .sync, .getEphemerals: _ = try reader.buffer()
        case .multi, .multiRead: _ = try MultiRequest(self, from: &reader)
        case .setWatches, .setWatches2: _ = try SetWatchesRequest(self, from: &reader)
        case .auth: _ = try AuthRequest(from: &reader)
        case .reconfig: _ = try ReconfigRequest(from: &reader)
        case .sasl: _ = try reader.buffer()
        case .createSession: _ = try reader.int32()
        case .notification, .ping, .whoAmI, .closeSession, .error: break
        }
    }
}
