import ByteCoding
import Identifiers
import Jute

/// A node as an image's slice holds it.
private struct ImageNode: ~Escapable {
    let path: RawSpan
    let data: JuteBuffer
    let accessListNumber: UInt32
    let stat: NodeStat

    @_lifetime(copy reader)
    init(from reader: inout JuteReader) throws(JuteDefect) {
        path = try reader.string()
        data = try reader.buffer()
        accessListNumber = UInt32(bitPattern: try reader.int32())
        stat = try NodeStat(from: &reader)
    }
}

extension DataTree {
    /// Adds a slice's nodes to this tree, which must be fresh or hold other slices of the same image.
    ///
    /// Slices may come in any order. A slice that throws may have added some of its nodes.
    package mutating func loadImageSlice(_ slice: RawSpan) throws(ImageDefect) {
        _ = try loadImageSlice(slice, onlyHashes: nil)
    }

    /// What the nodes that were left out would have added.
    struct LeftOut {
        var digest: UInt64 = 0
        var nodeCount = 0
    }

    /// Adds the slice's nodes whose path's hash is among `hashes`; all of them if that is nil.
    mutating func loadImageSlice(
        _ slice: RawSpan, onlyHashes hashes: Set<UInt32>?
    ) throws(ImageDefect) -> LeftOut {
        var acls: [UInt32: UInt32] = [:]
        defer { for acl in acls.values { accessLists.release(acl) } }
        var leftOut = LeftOut()
        var reader = JuteReader(slice)
        while reader.remainingByteCount > 0 { try loadImageItem(&reader, &acls, hashes, &leftOut) }
        return leftOut
    }

    /// Declares image and replay complete: every name must have its node.
    ///
    /// - Parameter zxid: the last record that the image, with its tail, contains. Whoever loads compares
    ///   `digest` with what the image's writer saw there.
    package mutating func finishLoading(at zxid: Zxid) throws(ImageDefect) {
        guard placeholderCount == 0 else { throw .parentsMissing(count: placeholderCount) }
        lastAppliedZxid = zxid
        rebuildQuotas()
    }

    private mutating func loadImageItem(
        _ reader: inout JuteReader, _ acls: inout [UInt32: UInt32], _ hashes: Set<UInt32>?,
        _ leftOut: inout LeftOut
    ) throws(ImageDefect) {
        let tag: UInt8
        do { tag = try reader.uint8() } catch { throw .malformed(error) }
        switch tag {
        case Self.accessListTag:
            try loadAccessList(&reader, &acls)
        case Self.nodeTag:
            let node: ImageNode
            do { node = try ImageNode(from: &reader) } catch { throw .malformed(error) }
            guard let acl = acls[node.accessListNumber] else {
                throw .unknownAccessList(node.accessListNumber)
            }
            if let hashes, !hashes.contains(hash(node.path)) {
                try Self.count(node, in: &leftOut)
            } else {
                try load(node, acl: acl)
            }
        default:
            throw .unknownTag(tag)
        }
    }

    private mutating func loadAccessList(
        _ reader: inout JuteReader, _ acls: inout [UInt32: UInt32]
    ) throws(ImageDefect) {
        let number: UInt32
        let encoded: RawSpan
        do throws(JuteDefect) {
            number = UInt32(bitPattern: try reader.int32())
            encoded = try reader.accessList()
        } catch { throw .malformed(error) }
        guard let acl = accessLists.intern(encoded) else { throw .unknownAccessList(number) }
        if let old = acls.updateValue(acl, forKey: number) { accessLists.release(old) }
    }

    private static func count(
        _ node: borrowing ImageNode, in leftOut: inout LeftOut
    ) throws(ImageDefect) {
        guard node.path.byteCount > 1, Path.isValid(node.path) else { throw .invalidPath }
        leftOut.nodeCount += 1
        guard !Path.isUncounted(node.path) else { return }
        let content = CRC32.of(node.data.bytes, continuing: CRC32.of(node.path))
        leftOut.digest &+= UInt64(node.stat.digest(continuing: content))
    }

    private mutating func load(_ node: borrowing ImageNode, acl: UInt32) throws(ImageDefect) {
        let path = node.path
        guard path.byteCount == 0 || (path.byteCount > 1 && Path.isValid(path)) else { throw .invalidPath }
        let id = findAny(path)
        if id == 0 {
            let parent = findOrMakePlaceholder(path.extracting(first: Path.lastSlash(path)))
            accessLists.retain(acl)
            insert(path, hash: hash(path), parent: parent, data: node.data, acl: acl, stat: node.stat)
        } else if nodes[id].pointee.isPlaceholder || !Self.isOlder(node.stat, than: nodes[id].pointee.stat) {
            accessLists.retain(acl)
            fill(id, path: path, data: node.data, acl: acl, stat: node.stat)
        }
    }

    /// Whether a node as one slice has it is older than the same path's as another slice had it.
    ///
    /// A node that was deleted and made again while the walk went on may be in the image twice, and so
    /// is a parent that `parentsWithUnlistedDeletions` brings.
    private static func isOlder(_ stat: NodeStat, than other: NodeStat) -> Bool {
        // The reserved nodes of a fresh tree give way to the image's, whatever numbers those have.
        var fresh = other
        if fresh.aversion == -1 { fresh.aversion = 0 }
        if fresh == NodeStat() { return false }
        if stat.czxid != other.czxid { return stat.czxid < other.czxid }
        return stat.mzxid < other.mzxid || stat.pzxid < other.pzxid
            || isNewer(other.aversion, than: stat.aversion) || isNewer(other.cversion, than: stat.cversion)
    }
}

/// The one record whose replay needs more than an image has: a closed session without a list of its
/// nodes. If a node was deleted by it before its slice was taken, and its parent's slice was taken before
/// the record, nothing tells the replay to raise that parent's pzxid. So such parents are remembered, and
/// an image under way brings them once more at its end.
extension DataTree {
    mutating func noteUnlistedDeletions(_ paths: [[UInt8]], _ zxid: Zxid) {
        if paths.isEmpty { return }
        // Parents that are gone need not be remembered, so the list stays shorter than the tree.
        for path in unlistedDeletions.keys where find(path.span.bytes) == 0 { unlistedDeletions[path] = nil }
        for path in paths {
            let parent = path.span.bytes.extracting(first: max(0, Path.lastSlash(path.span.bytes)))
            unlistedDeletions[parent.withUnsafeBytes { [UInt8]($0) }] = zxid
        }
    }

    func parentsWithUnlistedDeletions(since zxid: Zxid) -> [[UInt8]] {
        unlistedDeletions.filter { $0.value > zxid }.map(\.key).sorted { $0.lexicographicallyPrecedes($1) }
    }
}
