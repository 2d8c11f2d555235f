import DataTree
import Identifiers
import Jute
import Snapshots

/// Why a snapshot, or the log behind it, does not make the state that it should. Except for `unreadable`
/// every checksum is right.
package enum StateDefect: Error, CustomStringConvertible {
    case unreadable(SnapshotReadError)
    case slice(block: Int, ImageDefect)
    /// All slices together are no tree.
    case image(ImageDefect)
    case sessions(block: Int)
    case tail(block: Int, TailDefect)
    case tailRecord(block: Int, JuteDefect)
    case logRecord(after: Zxid, JuteDefect)
    /// The footer states something of the whole that is not so.
    case disagreement(String, stated: String, found: String)

    package var description: String {
        switch self {
        case .unreadable(let error): "\(error)"
        case .slice(let block, let defect): "block \(block) is no slice of an image: \(defect)"
        case .image(let defect): "the blocks are no whole tree: \(defect)"
        case .sessions(let block): "block \(block) is no session table"
        case .tail(let block, let defect): "block \(block): \(defect)"
        case .tailRecord(let block, let defect): "block \(block) holds a record that does not read: \(defect)"
        case .logRecord(let zxid, let defect): "the record after \(zxid) does not read: \(defect)"
        case .disagreement(let what, let stated, let found):
            "\(what): the footer says \(stated), the contents come to \(found)"
        }
    }

    /// Throws if what the footer states is not what was found.
    package static func compare<Value: Equatable>(
        _ what: String, stated: Value, found: Value
    ) throws(StateDefect) {
        guard stated == found else {
            throw .disagreement(what, stated: "\(stated)", found: "\(found)")
        }
    }
}
