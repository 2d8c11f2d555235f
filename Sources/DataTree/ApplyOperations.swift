import Identifiers
import Jute

/// What each transaction does to a tree that is exactly at the record before.
extension DataTree {
    /// Applies one operation, alone or out of a multi; appends the body of its reply.
    mutating func applyOperation(
        _ type: OperationCode, _ reader: inout JuteReader, _ header: TransactionHeader, _ mode: ApplyMode,
        _ output: inout ApplyOutput
    ) throws(JuteDefect) -> ErrorCode {
        switch type {
        case .setData, .reconfig:
            let transaction = try SetDataTransaction(from: &reader)
            if mode == .live { return applySetData(transaction, header, &output) }
            replaySetData(transaction, header)
        case .create, .create2, .createContainer, .createTTL:
            let transaction = try CreateTransaction(type, from: &reader)
            // An image with such a node could never be loaded again.
            guard transaction.path.byteCount > 1, Path.isValid(transaction.path) else { return .badArguments }
            if mode == .live { return applyCreate(type, transaction, header, &output) }
            replayCreate(type, transaction, header)
        case .delete, .deleteContainer:
            let transaction = try DeleteTransaction(from: &reader)
            if mode == .live { return applyDelete(transaction.path, header, &output) }
            replayDelete(transaction.path, header.zxid)
        case .setACL:
            let transaction = try SetACLTransaction(from: &reader)
            if mode == .live { return applySetACL(transaction, header, &output) }
            replaySetACL(transaction, header)
        case .check:
            _ = try CheckTransaction(from: &reader)
        default:
            throw .unknownType(type.rawValue)
        }
        return .ok
    }

    private mutating func applySetData(
        _ transaction: borrowing SetDataTransaction, _ header: TransactionHeader, _ output: inout ApplyOutput
    ) -> ErrorCode {
        let path = Path.stored(transaction.path)
        let hash = hash(path)
        let id = findAny(path, hash: hash)
        guard id != 0 else { return .noNode }
        let oldByteCount = nodes[id].pointee.dataByteCount
        setData(of: id, path: path, transaction, header)
        noteResized(path, by: nodes[id].pointee.dataByteCount - oldByteCount)
        counts.writes.note(path, amount: path.byteCount + nodes[id].pointee.dataByteCount)
        fireNode(
            .nodeDataChanged, path, hash: hash, zxid: header.zxid, acl: nodes[id].pointee.acl,
            into: &output.events)
        if output.wantsReply { shownStat(of: id).encode(into: &output.reply) }
        return .ok
    }

    mutating func setData(
        of id: UInt32, path: RawSpan, _ transaction: borrowing SetDataTransaction, _ header: TransactionHeader
    ) {
        let node = nodes[id]
        node.pointee.stat.version = transaction.version
        node.pointee.stat.mzxid = header.zxid.rawValue
        node.pointee.stat.mtime = header.time
        replaceData(of: id, path: path, with: transaction.data)
        refreshDigest(of: id, path: path)
    }

    private mutating func applyCreate(
        _ type: OperationCode, _ transaction: borrowing CreateTransaction, _ header: TransactionHeader,
        _ output: inout ApplyOutput
    ) -> ErrorCode {
        let path = transaction.path
        let lastSlash = Path.lastSlash(path)
        guard lastSlash >= 0, path.byteCount > 1 else { return .badArguments }
        let parentPath = path.extracting(first: lastSlash)
        let parentHash = hash(parentPath)
        let parent = findAny(parentPath, hash: parentHash)
        guard parent != 0 else { return .noNode }
        let hash = hash(path)
        guard findAny(path, hash: hash) == 0 else { return .nodeExists }
        guard let acl = accessLists.intern(transaction.acl) else { return .marshallingError }

        countCreation(in: parent, path: parentPath, cversion: transaction.parentCversion, header.zxid)
        let id = insert(
            path, hash: hash, parent: parent, data: transaction.data, acl: acl,
            stat: Self.stat(type, transaction, header))
        counts.writes.note(path, amount: path.byteCount + nodes[id].pointee.dataByteCount)
        noteCreated(id, path)
        if type == .createTTL { counts.timedNodesCreated &+= 1 }
        fireNode(.nodeCreated, path, hash: hash, zxid: header.zxid, acl: acl, into: &output.events)
        fireChildren(
            of: parentPath, hash: parentHash, zxid: header.zxid, acl: nodes[parent].pointee.acl,
            into: &output.events)
        if output.wantsReply {
            output.reply.append(juteString: path)
            if type != .create { shownStat(of: id).encode(into: &output.reply) }
        }
        return .ok
    }

    /// The stat of a node that a transaction creates.
    static func stat(
        _ type: OperationCode, _ transaction: borrowing CreateTransaction, _ header: TransactionHeader
    ) -> NodeStat {
        let owner: Int64 =
            switch type {
            case .createContainer: NodeKind.containerOwner
            case .createTTL: NodeKind.owner(timeToLive: transaction.ttl)
            default: transaction.isEphemeral ? header.sessionID.rawValue : 0
            }
        return NodeStat(createdAt: header.zxid, time: header.time, ephemeralOwner: owner)
    }

    /// Moves a parent's cversion and pzxid on, if the creation is newer than what they count.
    ///
    /// - Parameter cversion: the one after; -1 in very old logs, which count on.
    private mutating func countCreation(in parent: UInt32, path: RawSpan, cversion: Int32, _ zxid: Zxid) {
        let node = nodes[parent]
        let new = cversion == -1 ? node.pointee.stat.cversion &+ 1 : cversion
        guard Self.isNewer(new, than: node.pointee.stat.cversion) else { return }
        node.pointee.stat.cversion = new
        node.pointee.stat.pzxid = zxid.rawValue
        refreshDigest(of: parent, path: path)
    }

    /// Versions wrap around, so the newer one is the one less than half the numbers ahead.
    static func isNewer(_ version: Int32, than other: Int32) -> Bool { version &- other > 0 }

    mutating func applyDelete(
        _ path: RawSpan, _ header: TransactionHeader, _ output: inout ApplyOutput
    ) -> ErrorCode {
        let lastSlash = Path.lastSlash(path)
        guard lastSlash >= 0, path.byteCount > 1 else { return .badArguments }
        let parentPath = path.extracting(first: lastSlash)
        let hash = hash(path)
        let id = findAny(path, hash: hash)
        guard id != 0 else { return .noNode }
        guard nodes[id].pointee.childCount == 0 else { return .notEmpty }
        let parent = nodes[id].pointee.parent

        // Fired first, while the access list is still there to be looked at.
        fireNode(
            .nodeDeleted, path, hash: hash, zxid: header.zxid, acl: nodes[id].pointee.acl,
            into: &output.events)
        fireChildren(
            of: parentPath, hash: self.hash(parentPath), zxid: header.zxid, acl: nodes[parent].pointee.acl,
            into: &output.events)
        noteDeleted(id, path)
        counts.writes.note(path, amount: path.byteCount)
        if case .timeToLive = kind(nodes[id].pointee.stat.ephemeralOwner) { counts.timedNodesDeleted &+= 1 }
        remove(id, path: path, hash: hash)
        raisePzxid(of: parent, path: parentPath, to: header.zxid)
        return .ok
    }

    mutating func raisePzxid(of id: UInt32, path: RawSpan, to zxid: Zxid) {
        guard nodes[id].pointee.stat.pzxid < zxid.rawValue else { return }
        nodes[id].pointee.stat.pzxid = zxid.rawValue
        refreshDigest(of: id, path: path)
    }

    private mutating func applySetACL(
        _ transaction: borrowing SetACLTransaction, _ header: TransactionHeader, _ output: inout ApplyOutput
    ) -> ErrorCode {
        let path = Path.stored(transaction.path)
        let id = findAny(path)
        guard id != 0 else { return .noNode }
        guard setACL(of: id, path: path, transaction) else { return .marshallingError }
        if output.wantsReply { shownStat(of: id).encode(into: &output.reply) }
        return .ok
    }

    mutating func setACL(
        of id: UInt32, path: RawSpan, _ transaction: borrowing SetACLTransaction
    ) -> Bool {
        guard let acl = accessLists.intern(transaction.acl) else { return false }
        accessLists.release(nodes[id].pointee.acl)
        nodes[id].pointee.acl = acl
        nodes[id].pointee.stat.aversion = transaction.version
        refreshDigest(of: id, path: path)
        return true
    }
}
