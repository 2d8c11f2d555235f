import ByteCoding
import Identifiers

/// Which snapshot a file is: where its image began, and a number that is never used twice in a store.
package struct SnapshotName: Hashable, Sendable {
    package var startZxid: Zxid
    package var generation: UInt32

    package init(startZxid: Zxid, generation: UInt32) {
        self.startZxid = startZxid
        self.generation = generation
    }

    static let livePrefix = "snap-"
    static let temporaryPrefix = "tmp-snap-"
    static let quarantinePrefix = "bad-"
    /// Of one whose place an installed one took.
    static let replacedPrefix = "old-"
    /// Of one that is being received; a start removes it like any temporary file.
    static let receivedPrefix = temporaryPrefix + "received-"
    static let suffix = ".zks"

    /// The name of a complete, synced snapshot.
    package var fileName: String { Self.livePrefix + stem + Self.suffix }

    /// The name while it is written; a crashed run leaves such files, and nobody reads them.
    package var temporaryFileName: String { Self.temporaryPrefix + stem + Self.suffix }

    /// The name that a file's name claims; also that of a temporary, quarantined or replaced file.
    package init?(fileName: String) {
        var rest = fileName[...]
        if rest.hasPrefix(Self.quarantinePrefix) {
            rest = rest.dropFirst(Self.quarantinePrefix.utf8.count)
        } else if rest.hasPrefix(Self.replacedPrefix) {
            rest = rest.dropFirst(Self.replacedPrefix.utf8.count)
        } else if rest.hasPrefix(Self.temporaryPrefix) {
            rest = rest.dropFirst("tmp-".utf8.count)
        }
        let fields = Array(rest.utf8)
        let prefix = Array(Self.livePrefix.utf8)
        // snap- 16 digits - 8 digits .zks, and for quarantined files whatever made the name unique.
        guard fields.count >= prefix.count + 25 + Self.suffix.utf8.count, fields.starts(with: prefix),
            fields[prefix.count + 16] == UInt8(ascii: "-"),
            fields[(prefix.count + 25)...].starts(with: Self.suffix.utf8),
            let zxid = HexadecimalDigits.value(fields[prefix.count..<prefix.count + 16]),
            let generation = HexadecimalDigits.value(fields[prefix.count + 17..<prefix.count + 25])
        else { return nil }
        self.init(
            startZxid: Zxid(rawValue: Int64(bitPattern: zxid)),
            generation: UInt32(truncatingIfNeeded: generation))
    }

    private var stem: String {
        HexadecimalDigits.text(UInt64(bitPattern: startZxid.rawValue), digitCount: 16) + "-"
            + HexadecimalDigits.text(UInt64(generation), digitCount: 8)
    }
}

extension SnapshotName: CustomStringConvertible {
    package var description: String { fileName }
}
