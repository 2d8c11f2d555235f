import Identifiers
import Jute

/// What each transaction does to a fuzzy image, which may hold its change already, or a later one.
///
/// Every node of the image is as it was after some record W between the image's first and last slice;
/// W differs from node to node. Replaying all records since before the first slice brings all nodes to
/// the same record, because each rule below changes nothing that is newer than its record:
///
/// - A node created after the record is another one of the same name: the record is not for it.
/// - What was there when the record was made, and is not in the image, was deleted before its slice
///   was taken; the deletion is among the records, so nothing needs to be made up for it.
/// - Items of one multi have one zxid; they are replayed together, so "newer" means strictly newer.
extension DataTree {
    mutating func replayCreate(
        _ type: OperationCode, _ transaction: borrowing CreateTransaction, _ header: TransactionHeader
    ) {
        let path = transaction.path
        let lastSlash = Path.lastSlash(path)
        guard lastSlash >= 0, path.byteCount > 1 else { return }
        let parentPath = path.extracting(first: lastSlash)
        let parent = find(parentPath)
        guard parent != 0, nodes[parent].pointee.stat.czxid <= header.zxid.rawValue else { return }
        // A log of before 3.4 says -1, which is not newer than any count that it can have led to.
        if Self.isNewer(transaction.parentCversion, than: nodes[parent].pointee.stat.cversion) {
            nodes[parent].pointee.stat.cversion = transaction.parentCversion
            refreshDigest(of: parent, path: parentPath)
        }
        raisePzxid(of: parent, path: parentPath, to: header.zxid)

        let hash = hash(path)
        let id = findAny(path, hash: hash)
        let isKept = id != 0 && !nodes[id].pointee.isPlaceholder
        if isKept, nodes[id].pointee.stat.czxid >= header.zxid.rawValue { return }
        guard let acl = accessLists.intern(transaction.acl) else { return }
        let stat = Self.stat(type, transaction, header)
        if id == 0 {
            insert(path, hash: hash, parent: parent, data: transaction.data, acl: acl, stat: stat)
        } else {
            fill(id, path: path, data: transaction.data, acl: acl, stat: stat)
        }
    }

    mutating func replayDelete(_ path: RawSpan, _ zxid: Zxid) {
        let lastSlash = Path.lastSlash(path)
        guard lastSlash >= 0, path.byteCount > 1 else { return }
        let parentPath = path.extracting(first: lastSlash)
        let parent = find(parentPath)
        if parent != 0 { raisePzxid(of: parent, path: parentPath, to: zxid) }
        let hash = hash(path)
        let id = findAny(path, hash: hash)
        guard id != 0, nodes[id].pointee.stat.czxid <= zxid.rawValue else { return }
        if nodes[id].pointee.childCount > 0 {
            // The children are newer than the deletion, so another node of this name will come.
            empty(id, path: path)
        } else {
            remove(id, path: path, hash: hash)
            removeBarePlaceholders(from: parentPath)
        }
    }

    mutating func replaySetData(_ transaction: borrowing SetDataTransaction, _ header: TransactionHeader) {
        let path = Path.stored(transaction.path)
        let id = find(path)
        guard id != 0, nodes[id].pointee.stat.mzxid <= header.zxid.rawValue else { return }
        setData(of: id, path: path, transaction, header)
    }

    /// An access list's version says whether it is newer; its zxid is not stored.
    mutating func replaySetACL(_ transaction: borrowing SetACLTransaction, _ header: TransactionHeader) {
        let path = Path.stored(transaction.path)
        let id = find(path)
        guard id != 0, nodes[id].pointee.stat.czxid <= header.zxid.rawValue,
            Self.isNewer(transaction.version, than: nodes[id].pointee.stat.aversion)
        else { return }
        _ = setACL(of: id, path: path, transaction)
    }
}
