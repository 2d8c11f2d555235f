import Disk
import DumpOutput
import Identifiers
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
