import ByteCoding
import Identifiers
import Jute

/// The checks of each operation, in ZooKeeper's order, because the first that fails names the error.
///
/// Each appends its transaction's body, stages its changes, or throws having staged nothing (what it
/// has appended by then the caller removes).
extension DataTree {
    mutating func prepareSetData(
        _ request: borrowing SetDataRequest, _ origin: borrowing RequestOrigin,
        _ undo: inout [PendingChanges.Undo]?, into record: inout [UInt8]
    ) throws(ErrorCode) {
        guard Path.isValid(request.path) else { throw .badArguments }
        let path = Path.stored(request.path)
        let hash = hash(path)
        var state = state(path, hash: hash)
        guard state.exists else { throw absence(of: path, from: origin.identities) }
        try require(.write, by: state.acl, to: origin.identities)
        let growth = request.data.bytes.byteCount - Int(state.dataByteCount)
        try requireQuota(path, count: 0, byteCount: growth)
        let version = try Self.version(after: state.stat.version, expected: request.version)
        SetDataTransaction.encode(path: request.path, data: request.data, version: version, into: &record)
        state.stat.version = version
        state.stat.mtime = origin.time
        state.stat.mzxid = origin.zxid.rawValue
        state.dataByteCount = UInt32(request.data.bytes.byteCount)
        if !Path.isUncounted(path) {
            state.contentCRC = CRC32.of(request.data.bytes, continuing: CRC32.of(path))
        }
        stage(path, hash: hash, state, zxid: origin.zxid, undo: &undo)
        expectInQuotas(path, count: 0, byteCount: growth, zxid: origin.zxid)
    }

    mutating func prepareDelete(
        _ request: borrowing PathNumberRequest, _ origin: borrowing RequestOrigin,
        _ undo: inout [PendingChanges.Undo]?, into record: inout [UInt8]
    ) throws(ErrorCode) {
        let path = request.path
        guard Path.hasParentAndNoNull(path), !Path.isReserved(path) else { throw .badArguments }
        let parentPath = Path.stored(path.extracting(first: Path.lastSlash(path)))
        let parent = state(parentPath, hash: hash(parentPath))
        guard parent.exists else { throw absence(of: parentPath, from: origin.identities) }
        try require(.delete, by: parent.acl, to: origin.identities)
        let hash = hash(path)
        let node = state(path, hash: hash)
        guard node.exists else { throw absence(of: path, from: origin.identities) }
        _ = try Self.version(after: node.stat.version, expected: request.number)
        guard node.childCount == 0 else { throw .notEmpty }
        DeleteTransaction.encode(path: path, into: &record)
        stageDelete(path, origin.zxid, &undo)
    }

    /// For the reaper: checked again here, because somebody may have come in between.
    mutating func prepareDeleteContainer(
        _ request: borrowing PathRequest, _ origin: borrowing RequestOrigin,
        _ undo: inout [PendingChanges.Undo]?, into record: inout [UInt8]
    ) throws(ErrorCode) {
        let path = request.path
        guard Path.hasParentAndNoNull(path), !Path.isReserved(path) else { throw .badArguments }
        let node = state(path, hash: hash(path))
        guard node.exists else { throw .noNode }
        guard node.childCount == 0 else { throw .notEmpty }
        switch kind(node.stat.ephemeralOwner) {
        case .container, .timeToLive: break
        case .persistent, .ephemeral: throw .badVersion
        }
        DeleteTransaction.encode(path: path, into: &record)
        stageDelete(path, origin.zxid, &undo)
    }

    mutating func prepareSetACL(
        _ request: borrowing SetACLRequest, _ origin: borrowing RequestOrigin,
        _ undo: inout [PendingChanges.Undo]?, into record: inout [UInt8]
    ) throws(ErrorCode) {
        guard Path.isValid(request.path) else { throw .badArguments }
        let acl = try internRequested(request.acl, by: origin.identities)
        defer { accessLists.release(acl) }
        let path = Path.stored(request.path)
        let hash = hash(path)
        var state = state(path, hash: hash)
        guard state.exists else { throw absence(of: path, from: origin.identities) }
        try require(.admin, by: state.acl, to: origin.identities)
        let version = try Self.version(after: state.stat.aversion, expected: request.version)
        SetACLTransaction.encode(
            path: request.path, acl: accessLists.encoded(acl).span.bytes, version: version, into: &record)
        state.stat.aversion = version
        state.acl = acl
        stage(path, hash: hash, state, zxid: origin.zxid, undo: &undo)
    }

    func prepareCheck(
        _ request: borrowing PathNumberRequest, _ origin: borrowing RequestOrigin, into record: inout [UInt8]
    ) throws(ErrorCode) {
        guard Path.isValid(request.path) else { throw .badArguments }
        let path = Path.stored(request.path)
        let state = state(path, hash: hash(path))
        guard state.exists else { throw absence(of: path, from: origin.identities) }
        try require(.read, by: state.acl, to: origin.identities)
        let version = try Self.version(after: state.stat.version, expected: request.number)
        CheckTransaction.encode(path: request.path, version: version, into: &record)
    }

    /// Stages the end of a node that will exist, and what that does to its parent.
    mutating func stageDelete(_ path: RawSpan, _ zxid: Zxid, _ undo: inout [PendingChanges.Undo]?) {
        let parentPath = Path.stored(path.extracting(first: Path.lastSlash(path)))
        let parentHash = hash(parentPath)
        var parent = state(parentPath, hash: parentHash)
        parent.childCount -= 1
        parent.stat.pzxid = zxid.rawValue
        stage(parentPath, hash: parentHash, parent, zxid: zxid, undo: &undo)
        let hash = hash(path)
        var node = state(path, hash: hash)
        node.exists = false
        stage(path, hash: hash, node, zxid: zxid, undo: &undo)
        expectInQuotas(path, count: -1, byteCount: -Int(node.dataByteCount), zxid: zxid)
    }

    /// The version that follows, if the current one is what the request expects (-1: anything).
    ///
    /// -1 means "any", so no version becomes it.
    static func version(after current: Int32, expected: Int32) throws(ErrorCode) -> Int32 {
        guard expected == -1 || expected == current else { throw .badVersion }
        let next = current &+ 1
        return next == -1 ? 0 : next
    }
}
