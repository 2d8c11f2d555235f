import ByteCoding
import Identifiers
import Jute

extension DataTree {
    mutating func prepareCreate(
        _ operation: OperationCode, _ request: borrowing CreateRequest, _ origin: borrowing RequestOrigin,
        _ undo: inout [PendingChanges.Undo]?, into record: inout [UInt8]
    ) throws(ErrorCode) {
        let mode = try CreateMode(operation, request, rules)
        let type = operation.transactionType(flags: request.flags)
        guard Path.hasParentAndNoNull(request.path) else { throw .badArguments }
        let acl = try internRequested(request.acl, by: origin.identities)
        defer { accessLists.release(acl) }
        let parentPath = Path.stored(request.path.extracting(first: Path.lastSlash(request.path)))
        let parentHash = hash(parentPath)
        var parent = state(parentPath, hash: parentHash)
        guard parent.exists else { throw absence(of: parentPath, from: origin.identities) }
        try require(.create, by: parent.acl, to: origin.identities)

        var sequential: [UInt8] = []
        if mode.isSequential {
            sequential = request.path.withUnsafeBytes { [UInt8]($0) }
            CreateMode.appendSequence(parent.stat.cversion, to: &sequential)
        }
        let sequentialPath = sequential.span.bytes
        let path = mode.isSequential ? sequentialPath : request.path
        guard Path.isValid(path) else { throw .badArguments }
        // Only the root's path is stored otherwise than written, and the root exists.
        guard path.byteCount > 1 else { throw .nodeExists }
        let hash = hash(path)
        guard !state(path, hash: hash).exists else { throw .nodeExists }
        if kind(parent.stat.ephemeralOwner) == .ephemeral { throw .noChildrenForEphemerals }
        try requireQuota(path, count: 1, byteCount: request.data.bytes.byteCount)

        parent.stat.cversion &+= 1
        CreateTransaction.encode(
            type, path: path, data: request.data,
            acl: accessLists.encoded(acl).span.bytes, isEphemeral: mode.isEphemeral,
            parentCversion: parent.stat.cversion, ttl: request.ttl, into: &record)

        parent.stat.pzxid = origin.zxid.rawValue
        parent.childCount += 1
        stage(parentPath, hash: parentHash, parent, zxid: origin.zxid, undo: &undo)
        var node = NodeState()
        node.exists = true
        node.dataByteCount = UInt32(request.data.bytes.byteCount)
        node.acl = acl
        node.stat = NodeStat(
            createdAt: origin.zxid, time: origin.time,
            ephemeralOwner: Self.owner(type, mode, sessionID: origin.sessionID, timeToLive: request.ttl))
        if !Path.isUncounted(path) {
            node.contentCRC = CRC32.of(request.data.bytes, continuing: CRC32.of(path))
        }
        stage(path, hash: hash, node, zxid: origin.zxid, undo: &undo)
        expectInQuotas(path, count: 1, byteCount: request.data.bytes.byteCount, zxid: origin.zxid)
    }

    /// The same that applying the record gives the node. createContainer makes a container whatever its
    /// flags; they only say whether its name gets a number.
    private static func owner(
        _ type: OperationCode, _ mode: CreateMode, sessionID: SessionID, timeToLive: Int64
    ) -> Int64 {
        switch type {
        case .createContainer: NodeKind.containerOwner
        case .createTTL: NodeKind.owner(timeToLive: timeToLive)
        default: mode.isEphemeral ? sessionID.rawValue : 0
        }
    }
}
