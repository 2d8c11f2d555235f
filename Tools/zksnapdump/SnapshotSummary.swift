import Disk
import DumpOutput
import Identifiers
import Jute
import Snapshots

/// What header and footer say of a snapshot, as text and as JSON.
struct SnapshotSummary {
    private let snapshot: SnapshotReader<KernelDisk>
    private let state: String

    init(_ snapshot: SnapshotReader<KernelDisk>, isVerified: Bool, isLoaded: Bool) {
        self.snapshot = snapshot
        state = isVerified ? "verified" : isLoaded ? "loaded" : "not verified"
    }

    var text: String {
        let (header, footer) = (snapshot.header, snapshot.footer)
        let (end, totals, blocks) = (footer.end, footer.end.totals, footer.blocks)
        let lines = [
            "\(snapshot.path): \(state)",
            "  state at    \(end.zxid), epoch \(end.epoch); image from \(header.startZxid) on, "
                + "\(totals.tailRecordCount) tail records",
            "  holds       \(totals.nodeCount) nodes, \(totals.ephemeralCount) ephemeral; "
                + "\(totals.sessionCount) sessions",
            "              \(totals.dataByteCount) bytes of paths and data",
            "  digest      \(SafeText.hexadecimal(number: end.digest)), version \(end.digestVersion)",
            "  file        \(snapshot.byteCount) bytes; \(blocks.blockCount) blocks of \(blocks.rawByteCount) "
                + "bytes before compression (\(header.codec))",
            "  written     \(CivilTime.text(header.creationTime)), generation \(header.generation), "
                + "format \(SnapshotFormat.major).\(header.minor)",
            "              store \(TextForms.storeID(header.storeID))",
        ]
        return lines.joined(separator: "\n")
    }

    var object: JSONObject {
        let (header, footer) = (snapshot.header, snapshot.footer)
        let (end, totals, blocks) = (footer.end, footer.end.totals, footer.blocks)
        var object = JSONObject("snapshot")
        object.add("file", snapshot.path)
        object.add("checked", state)
        object.add("endZxid", "\(end.zxid)")
        object.add("startZxid", "\(header.startZxid)")
        object.add("epoch", Int(end.epoch.rawValue))
        object.add("generation", Int(header.generation))
        object.add("nodes", totals.nodeCount)
        object.add("ephemerals", totals.ephemeralCount)
        object.add("sessions", totals.sessionCount)
        object.add("pathAndDataBytes", totals.dataByteCount)
        object.add("tailRecords", totals.tailRecordCount)
        object.add("digest", SafeText.hexadecimal(number: end.digest))
        object.add("digestVersion", Int(end.digestVersion))
        object.add("fileBytes", snapshot.byteCount)
        object.add("blocks", blocks.blockCount)
        object.add("rawBytes", blocks.rawByteCount)
        object.add("codec", "\(header.codec)")
        object.add("created", CivilTime.text(header.creationTime))
        object.add("format", "\(SnapshotFormat.major).\(header.minor)")
        object.add("storeID", TextForms.storeID(header.storeID))
        object.add("footerChecksum", SafeText.hexadecimal(number: snapshot.footerChecksum))
        return object
    }
}

/// One node, as text and as JSON.
struct NodeListing {
    private let node: ListedNode
    private let showsData: Bool

    init(_ node: ListedNode, showsData: Bool) {
        self.node = node
        self.showsData = showsData
    }

    var text: String {
        let stat = node.stat
        var text =
            "\(SafeText.escaped(node.path))  \(stat.dataByteCount) bytes  \(stat.childCount) children  "
            + "version \(stat.version)  mzxid \(Self.zxid(stat.mzxid))"
        if stat.ephemeralOwner != 0 { text += "  owner \(Self.zxid(stat.ephemeralOwner))" }
        if showsData { text += "  \"\(SafeText.escaped(node.data))\"" }
        return text
    }

    var object: JSONObject {
        let stat = node.stat
        var object = JSONObject("node")
        // The path itself, for programs; escaped only if it is no text.
        object.add("path", String(validating: node.path, as: UTF8.self) ?? SafeText.escaped(node.path))
        object.add("dataBytes", Int(stat.dataByteCount))
        object.add("children", Int(stat.childCount))
        object.add("version", Int(stat.version))
        object.add("cversion", Int(stat.cversion))
        object.add("aversion", Int(stat.aversion))
        object.add("czxid", Self.zxid(stat.czxid))
        object.add("mzxid", Self.zxid(stat.mzxid))
        object.add("pzxid", Self.zxid(stat.pzxid))
        object.add("ctime", CivilTime.text(stat.ctime))
        object.add("mtime", CivilTime.text(stat.mtime))
        object.add("ephemeralOwner", Self.zxid(stat.ephemeralOwner))
        object.add("acl", strings: node.acl.map(Self.entry))
        if showsData { object.add("data", TextForms.base64(node.data)) }
        return object
    }

    private static func zxid(_ value: Int64) -> String {
        SafeText.hexadecimal(number: UInt64(bitPattern: value))
    }

    /// `world:anyone:cdrwa`, as ZooKeeper's shell shows it.
    private static func entry(_ entry: AccessEntry) -> String {
        let letters: [(Permissions, String)] = [
            (.create, "c"), (.delete, "d"), (.read, "r"), (.write, "w"), (.admin, "a"),
        ]
        let allowed = letters.filter { entry.permissions.contains($0.0) }.map(\.1).joined()
        return "\(entry.identity.scheme):\(entry.identity.id):\(allowed)"
    }
}
