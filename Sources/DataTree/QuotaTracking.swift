import Identifiers
import Jute

/// Keeping count of what quotas limit, as changes are applied.
///
/// `/zookeeper/quota/PATH/zookeeper_limits` sets a quota for PATH, and the node `zookeeper_stats` beside it
/// says what there is. The tree writes the latter by itself, without a transaction, at the moment of
/// each change; so reads see it, nobody's watch fires for it, and no digest covers it. The numbers are
/// counted when the node is made and when the tree is loaded; in between they are moved on, like
/// ZooKeeper's from whatever a client may have written there. Of nested quotas only the lower one's move.
extension DataTree {
    private static let quotaRoot: StaticString = "/zookeeper/quota"

    /// A node was created.
    @inline(__always)
    mutating func noteCreated(_ id: UInt32, _ path: RawSpan) {
        if Path.isUncounted(path) { noteQuotaNode(id, path) }
        if quotas.isEmpty { return }
        count(path, 1, Int64(nodes[id].pointee.dataByteCount))
    }

    /// A node is about to be removed.
    @inline(__always)
    mutating func noteDeleted(_ id: UInt32, _ path: RawSpan) {
        if quotas.isEmpty { return }
        if Path.isUncounted(path) { forgetQuotaNode(path) }
        count(path, -1, -Int64(nodes[id].pointee.dataByteCount))
    }

    /// A node's data has another length than before.
    @inline(__always)
    mutating func noteResized(_ path: RawSpan, by difference: Int) {
        if quotas.isEmpty || difference == 0 { return }
        count(path, 0, Int64(difference))
    }

    /// Finds all quotas again and counts below them; for a tree that was loaded.
    mutating func rebuildQuotas() {
        quotas = QuotaTable(hash: hash)
        let root = find(Array("\(Self.quotaRoot)".utf8).span.bytes)
        guard root != 0 else { return }
        var limits: [[UInt8]] = []
        forEachNode(atAndBelow: root) { id in
            if isNamed(id, "zookeeper_limits") { limits.append(path(of: id)) }
        }
        for path in limits {
            noteQuotaNode(find(path.span.bytes), path.span.bytes)
            guard let target = Self.quotaTarget(path.span.bytes) else { continue }
            let quota = quotas.find(target)
            if quota != 0, quotas[quota].statistics != 0 { countAll(target, in: quotas[quota].statistics) }
        }
    }

    private mutating func count(_ path: RawSpan, _ count: Int64, _ byteCount: Int64) {
        let id = quotas.find(holdingFor: path)
        guard id != 0, quotas[id].statistics != 0 else { return }
        guard let old = withData(of: nodes[quotas[id].statistics], { QuotaText($0) }) else {
            // A client's text without numbers; ZooKeeper's server ends over it.
            countAll(quotas[id].path.span.bytes, in: quotas[id].statistics)
            return
        }
        let new = QuotaText(count: old.count &+ count, byteCount: old.byteCount &+ byteCount)
        show(new, in: quotas[id].statistics)
    }

    private mutating func show(_ numbers: QuotaText, in statistics: UInt32) {
        let text = numbers.statistics
        replaceData(of: statistics, with: JuteBuffer(bytes: text.span.bytes))
    }

    /// If this is a node of a quota, sets the quota or counts what there is.
    private mutating func noteQuotaNode(_ id: UInt32, _ path: RawSpan) {
        guard let target = Self.quotaTarget(path) else { return }
        if isNamed(id, "zookeeper_limits") {
            let old = quotas.find(target)
            let quota = old != 0 ? old : quotas.insert(target, limits: id)
            if quota == 0 { return }
            quotas[quota].limits = id
            let beside = path.withUnsafeBytes { [UInt8]($0.dropLast(6)) } + Array("stats".utf8)
            quotas[quota].statistics = find(beside.span.bytes)
        } else if isNamed(id, "zookeeper_stats") {
            let quota = quotas.find(target)
            if quota != 0 { quotas[quota].statistics = id }
            countAll(target, in: id)
        }
    }

    private mutating func forgetQuotaNode(_ path: RawSpan) {
        guard let target = Self.quotaTarget(path) else { return }
        let quota = quotas.find(target)
        guard quota != 0 else { return }
        let name = path.extracting((Path.lastSlash(path) + 1)...)
        if Path.isEqual(name, "zookeeper_limits") {
            quotas.remove(quota)
        } else if Path.isEqual(name, "zookeeper_stats") {
            quotas[quota].statistics = 0
        }
    }

    private mutating func countAll(_ path: RawSpan, in statistics: UInt32) {
        var count: Int64 = 0
        var byteCount: Int64 = 0
        let root = find(path)
        if root != 0 {
            forEachNode(atAndBelow: root) { id in
                count += 1
                byteCount += Int64(nodes[id].pointee.dataByteCount)
            }
        }
        show(QuotaText(count: count, byteCount: byteCount), in: statistics)
    }

    /// The path that a quota's node is about; nil for other nodes. The root has no quota.
    @_lifetime(copy path)
    private static func quotaTarget(_ path: RawSpan) -> RawSpan? {
        let start = quotaRoot.utf8CodeUnitCount
        let end = Path.lastSlash(path)
        guard end > start, Path.hasPrefix(path, quotaRoot), Path.byte(path, start) == Path.slash else {
            return nil
        }
        return path.extracting(start..<end)
    }

    private func isNamed(_ id: UInt32, _ name: StaticString) -> Bool {
        withName(of: nodes[id]) { bytes in
            bytes.isEqual(to: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        }
    }

    /// Goes through a node and all below it, parents first, with no memory but the links between them.
    private func forEachNode(atAndBelow root: UInt32, _ body: (UInt32) -> Void) {
        var id = root
        while true {
            body(id)
            var next = nodes[id].pointee.firstChild
            while next == 0 {
                if id == root { return }
                next = nodes[id].pointee.nextSibling
                if next == 0 { id = nodes[id].pointee.parent }
            }
            id = next
        }
    }
}
