import DumpOutput
import Jute

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
