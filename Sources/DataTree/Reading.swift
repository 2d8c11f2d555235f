import ByteCoding
import Jute

/// Who reads, and whether changes shall be told.
package struct Reader: Sendable {
    package var identities: [Identity]
    /// The connection that watches from now on; nil for no watch.
    package var watcher: UInt32?

    package init(identities: [Identity], watcher: UInt32? = nil) {
        self.identities = identities
        self.watcher = watcher
    }
}

/// Reads: each appends the body of its reply, or throws the code for the reply's header and appends
/// nothing. Watches are one-shot; `exists` sets its watch on a missing node too.
extension DataTree {
    package mutating func exists(
        _ path: RawSpan, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(ErrorCode) {
        for index in 0..<path.byteCount where Path.byte(path, index) == 0 { throw .badArguments }
        let id = find(path)
        if id != 0 {
            try require(.read, by: nodes[id].pointee.acl, to: reader.identities)
        } else if hides(path, 0, from: reader.identities) {
            throw .noAuth
        }
        watch(path, .data, reader)
        guard id != 0 else { throw .noNode }
        shownStat(of: id).encode(into: &reply)
        noteRead(path, 0)
    }

    package mutating func getData(
        _ path: RawSpan, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(ErrorCode) {
        let id = try readable(path, to: reader)
        appendData(of: id, into: &reply)
        watch(path, .data, reader)
        noteRead(path, nodes[id].pointee.dataByteCount)
    }

    /// - Parameter withStat: getChildren2.
    package mutating func getChildren(
        _ path: RawSpan, withStat: Bool, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(ErrorCode) {
        let id = try readable(path, to: reader)
        let nameByteCount = try appendChildren(of: id, into: &reply)
        if withStat { shownStat(of: id).encode(into: &reply) }
        watch(path, .child, reader)
        noteRead(path, nameByteCount)
    }

    /// Who may not change the list does not see the digests in it.
    package func getACL(
        _ path: RawSpan, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(ErrorCode) {
        let id = find(path)
        guard id != 0 else { throw absence(of: path, from: reader.identities) }
        let acl = nodes[id].pointee.acl
        try require([.read, .admin], by: acl, to: reader.identities)
        if isAllowed(.admin, by: acl, to: reader.identities) {
            reply += accessLists.encoded(acl)
        } else {
            AccessList.encode(accessLists.entries(acl).map(Self.withoutDigest), into: &reply)
        }
        shownStat(of: id).encode(into: &reply)
    }

    /// The count of all descendants.
    package func getAllChildrenNumber(
        _ path: RawSpan, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(ErrorCode) {
        let id = try readable(path, to: reader)
        reply.append(bigEndian: Int32(clamping: descendantCount(of: id)))
    }

    /// The session's ephemeral nodes whose path starts with `prefix`, sorted; all of them for one that is
    /// blank, or "/" amid blanks (to Java a blank is anything up to U+0020).
    package func getEphemerals(
        _ sessionID: Int64, prefix: RawSpan, into reply: inout [UInt8]
    ) throws(ErrorCode) {
        var prefix = prefix.withUnsafeBytes { [UInt8]($0) }
        let word = prefix.drop { $0 <= 0x20 }
        if word.isEmpty || (word.first == Path.slash && word.dropFirst().allSatisfy { $0 <= 0x20 }) {
            prefix = []
        }
        var paths: [[UInt8]] = []
        var byteCount = 4
        for id in ephemerals.ids(of: sessionID) {
            let path = path(of: id)
            guard path.starts(with: prefix) else { continue }
            byteCount += 4 + path.count
            guard byteCount <= rules.listReplyByteCountMax else { throw .marshallingError }
            paths.append(path)
        }
        paths.sortByBytes()
        reply.append(bigEndian: Int32(truncatingIfNeeded: paths.count))
        for path in paths { reply.append(juteString: path.span.bytes) }
    }

    /// A whole multiRead: items fail one by one, watches are never set.
    ///
    /// - Throws: when the body cannot be read, or the results become too long: then what was appended is
    ///   worth nothing.
    package mutating func multiRead(
        _ body: RawSpan, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(JuteDefect) {
        var bodyReader = JuteReader(body)
        var request = try MultiRequest(.multiRead, from: &bodyReader)
        let start = reply.count
        while let operation = try request.next() {
            guard reply.count - start <= rules.multiReadByteCountMax else {
                throw .unreasonableLength(Int32(clamping: reply.count - start))
            }
            let item = try request.pathWatch()
            let itemStart = reply.count
            do {
                let id = try readable(item.path, to: reader)
                MultiHeader(type: operation.rawValue, error: 0).encode(into: &reply)
                if operation == .getData {
                    appendData(of: id, into: &reply)
                    noteRead(item.path, nodes[id].pointee.dataByteCount)
                } else {
                    noteRead(item.path, try appendChildren(of: id, into: &reply))
                }
            } catch {
                reply.removeLast(reply.count - itemStart)
                MultiHeader(type: OperationCode.error.rawValue, error: error.rawValue).encode(into: &reply)
                reply.append(bigEndian: error.rawValue)
            }
        }
        MultiHeader.end.encode(into: &reply)
    }

    /// - Parameter byteCount: of the data, or of the names of children.
    @inline(__always)
    private mutating func noteRead(_ path: RawSpan, _ byteCount: Int) {
        counts.reads.note(path, amount: path.byteCount + byteCount + TreeCounts.statByteCount)
    }

    /// The data watch on a node fires too when it is created: the tables are by path.
    private mutating func watch(_ path: RawSpan, _ modes: WatchModes, _ reader: borrowing Reader) {
        if let watcher = reader.watcher { watches.add(modes, at: Path.stored(path), connection: watcher) }
    }

    @inline(__always)
    private func readable(_ path: RawSpan, to reader: borrowing Reader) throws(ErrorCode) -> UInt32 {
        let id = find(path)
        guard id != 0 else { throw absence(of: path, from: reader.identities) }
        try require(.read, by: nodes[id].pointee.acl, to: reader.identities)
        return id
    }

    private func appendData(of id: UInt32, into reply: inout [UInt8]) {
        let node = nodes[id]
        reply.append(bigEndian: node.pointee.isDataNull ? -1 : node.pointee.rawDataByteCount)
        withData(of: node) { reply.append(contentsOf: $0) }
        shownStat(of: id).encode(into: &reply)
    }

    /// Returns the bytes of the names.
    ///
    /// - Throws: marshallingError when the list becomes too long for a reply; then nothing is appended.
    private func appendChildren(of id: UInt32, into reply: inout [UInt8]) throws(ErrorCode) -> Int {
        let start = reply.count
        let end = start + rules.listReplyByteCountMax
        reply.append(bigEndian: Int32(0))
        var count: Int32 = 0
        var child = nodes[id].pointee.firstChild
        while child != 0 {
            let node = nodes[child]
            if !node.pointee.isPlaceholder {
                reply.append(bigEndian: Int32(truncatingIfNeeded: node.pointee.nameByteCount))
                withName(of: node) { reply.append(contentsOf: $0) }
                count += 1
                guard reply.count <= end else {
                    reply.removeLast(reply.count - start)
                    throw .marshallingError
                }
            }
            child = node.pointee.nextSibling
        }
        reply.replace(bigEndian: count, at: start)
        return reply.count - start - 4 * (Int(count) + 1)
    }

    /// A node's stat as clients see it: cversion counts creations and deletions, and only sessions own.
    @inline(__always)
    func shownStat(of id: UInt32) -> Stat {
        let node = nodes[id].pointee
        var stat = Stat()
        stat.czxid = node.stat.czxid
        stat.mzxid = node.stat.mzxid
        stat.ctime = node.stat.ctime
        stat.mtime = node.stat.mtime
        stat.version = node.stat.version
        stat.cversion = node.stat.cversion &* 2 &- Int32(truncatingIfNeeded: node.childCount)
        stat.aversion = node.stat.aversion
        let isOwned = node.stat.ephemeralOwner != 0 && kind(node.stat.ephemeralOwner) == .ephemeral
        stat.ephemeralOwner = isOwned ? node.stat.ephemeralOwner : 0
        stat.dataByteCount = Int32(truncatingIfNeeded: node.dataByteCount)
        stat.childCount = Int32(truncatingIfNeeded: node.childCount)
        stat.pzxid = node.stat.pzxid
        return stat
    }

    private static func withoutDigest(_ entry: AccessEntry) -> AccessEntry {
        // By bytes: a mark behind the colon that joins it to one character must not hide it.
        guard entry.identity.scheme == "digest",
            let colon = entry.identity.id.utf8.firstIndex(of: UInt8(ascii: ":"))
        else {
            return entry
        }
        let id = entry.identity.id[..<colon] + ":x"
        return AccessEntry(entry.permissions, Identity(scheme: "digest", id: String(id)))
    }
}
