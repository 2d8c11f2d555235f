import ByteCoding
import Identifiers
import Jute

/// The events that a client's persistent watches missed while it was away, gathered record by record.
///
/// For each record they are what the watches would have fired, in the order in which they would have:
/// the node's own event before that of its parent, each at most once.
package struct MissedEvents: Sendable {
    /// Why the events are not all there, and never will be.
    package enum Shortfall: Error, Equatable, Sendable {
        /// More than the limit.
        case tooMany
        /// A session ended with too many nodes for its record to list them.
        case unlistedDeletions
    }

    struct Event {
        var type: WatchEventType
        /// The stored path's place in `bytes`.
        var path: Range<Int>
        var zxid: Int64
        /// The access list of the node at that moment in `lists`; -1 if no record that was read says it.
        var list: Int32
    }

    /// Paths' bytes above which the events count as too many.
    private static let byteCountMax = 16 << 20

    private let watched: WatchedPaths
    private let countMax: Int
    private(set) var bytes: [UInt8] = []
    private(set) var events: [Event] = []
    /// Encoded access lists that records named.
    private(set) var lists: [[UInt8]] = []
    private var listIDs: [[UInt8]: Int32] = [:]
    /// The latest access list of watched nodes whose creation or change was read.
    private var listByPath: [[UInt8]: Int32] = [:]
    package private(set) var shortfall: Shortfall?

    package init(_ watched: WatchedPaths, countMax: Int) {
        self.watched = watched
        self.countMax = countMax
    }

    package var count: Int { events.count }
    package var watchCount: Int { watched.count }

    /// Adds what the watches see of a record; the records come in the order of their zxids.
    package mutating func add(_ changes: borrowing RecordChanges) {
        guard shortfall == nil else { return }
        if changes.isIncomplete { shortfall = .unlistedDeletions }
        for index in changes.changes.indices { add(changes.changes[index], changes) }
        if events.count > countMax || listByPath.count > countMax || bytes.count > Self.byteCountMax {
            shortfall = .tooMany
        }
    }

    private mutating func add(_ change: RecordChanges.Change, _ changes: borrowing RecordChanges) {
        if sees(change, changes) {
            let path = Self.bytes(of: change, change.prefixes.lowerBound, changes)
            switch change.kind {
            case .created:
                listByPath[path] = id(ofList: changes.bytes[change.list])
                append(.nodeCreated, path, changes.zxid)
            case .dataChanged:
                append(.nodeDataChanged, path, changes.zxid)
            case .deleted:
                append(.nodeDeleted, path, changes.zxid)
                listByPath[path] = nil
            case .accessChanged:
                listByPath[path] = id(ofList: changes.bytes[change.list])
            }
        }
        let parent = change.prefixes.lowerBound + 1
        guard change.kind == .created || change.kind == .deleted, parent < change.prefixes.upperBound,
            modes(of: change, parent, changes).contains(.persistent)
        else { return }
        append(.nodeChildrenChanged, Self.bytes(of: change, parent, changes), changes.zxid)
    }

    /// Whether the node itself is watched, or something above it recursively.
    private func sees(_ change: RecordChanges.Change, _ changes: borrowing RecordChanges) -> Bool {
        if !modes(of: change, change.prefixes.lowerBound, changes).isEmpty { return true }
        guard watched.hasRecursive else { return false }
        return change.prefixes.dropFirst().contains {
            modes(of: change, $0, changes).contains(.recursive)
        }
    }

    private func modes(
        of change: RecordChanges.Change, _ prefix: Int, _ changes: borrowing RecordChanges
    ) -> WatchModes {
        let prefix = changes.prefixes[prefix]
        return changes.bytes.withUnsafeBytes {
            watched.modes(
                at: UnsafeRawBufferPointer(rebasing: $0[change.start..<change.start + prefix.byteCount]),
                hash: prefix.hash)
        }
    }

    private static func bytes(
        of change: RecordChanges.Change, _ prefix: Int, _ changes: borrowing RecordChanges
    ) -> [UInt8] {
        Array(changes.bytes[change.start..<change.start + changes.prefixes[prefix].byteCount])
    }

    private mutating func id(ofList encoded: ArraySlice<UInt8>) -> Int32 {
        let encoded = Array(encoded)
        if let known = listIDs[encoded] { return known }
        let id = Int32(lists.count)
        lists.append(encoded)
        listIDs[encoded] = id
        return id
    }

    private mutating func append(_ type: WatchEventType, _ path: [UInt8], _ zxid: Zxid) {
        let start = bytes.count
        bytes += path
        events.append(
            Event(
                type: type, path: start..<bytes.count, zxid: zxid.rawValue, list: listByPath[path] ?? -1))
    }
}
