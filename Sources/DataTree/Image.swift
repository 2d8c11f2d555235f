import ByteCoding
import Identifiers
import Jute

/// Why bytes are not a slice of an image, or slices and records no whole tree.
package enum ImageDefect: Error, Equatable {
    case malformed(JuteDefect)
    case unknownTag(UInt8)
    case unknownAccessList(UInt32)
    case invalidPath
    /// Names without a node are left.
    case parentsMissing(count: Int)
}

/// An image of the tree in slices, each of which stands for itself.
///
/// A slice is a run of items, each behind a tag byte; integers are big-endian, texts and buffers as in
/// Jute. `1`: an access list: a number (4 bytes) that holds within the slice, and the Jute vector. `2`:
/// a node: its full path (the root's is empty), data, the access list's number, then its stat in 60
/// bytes: czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner, all as
/// stored (cversion counts creations only). Sessions are not in it.
extension DataTree {
    /// Where an image's next slice begins.
    package struct ImageCursor: Equatable, Sendable {
        var nodeID: UInt32
        /// The last zxid applied before the first slice; nil until then.
        var firstZxid: Zxid?

        /// The first slice.
        package static let start = ImageCursor(nodeID: DataTree.rootID, firstZxid: nil)
    }

    static let accessListTag: UInt8 = 1
    static let nodeTag: UInt8 = 2

    /// Appends a slice of the image, about `maxByteCount` long (one node may exceed it); returns where
    /// the next one begins, nil after the last.
    ///
    /// Records may be applied between slices; the image is then fuzzy, and whoever loads it replays
    /// the records applied since before the first slice.
    package func encodeImageSlice(
        from cursor: ImageCursor, maxByteCount: Int, into slice: inout [UInt8]
    ) -> ImageCursor? {
        let limit = slice.count + maxByteCount
        let firstZxid = cursor.firstZxid ?? lastAppliedZxid
        var writtenLists: Set<UInt32> = []
        var id = cursor.nodeID
        while id < nodes.nextFresh {
            if slice.count >= limit { return ImageCursor(nodeID: id, firstZxid: firstZxid) }
            let node = nodes[id]
            if !node.pointee.isFree, !node.pointee.isPlaceholder {
                encodeImageNode(id, path: path(of: id), &writtenLists, into: &slice)
            }
            id += 1
        }
        for path in parentsWithUnlistedDeletions(since: firstZxid) {
            let id = find(path.span.bytes)
            if id != 0 { encodeImageNode(id, path: path, &writtenLists, into: &slice) }
        }
        return nil
    }

    private func encodeImageNode(
        _ id: UInt32, path: [UInt8], _ writtenLists: inout Set<UInt32>, into slice: inout [UInt8]
    ) {
        let node = nodes[id]
        if writtenLists.insert(node.pointee.acl).inserted {
            slice.append(Self.accessListTag)
            slice.append(bigEndian: node.pointee.acl)
            slice += accessLists.encoded(node.pointee.acl)
        }
        slice.append(Self.nodeTag)
        slice.append(juteString: path.span.bytes)
        slice.append(bigEndian: node.pointee.isDataNull ? -1 : node.pointee.rawDataByteCount)
        withData(of: node) { slice.append(contentsOf: $0) }
        slice.append(bigEndian: node.pointee.acl)
        node.pointee.stat.withEncoded { slice.append(contentsOf: $0) }
    }
}
