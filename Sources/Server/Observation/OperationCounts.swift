import Jute

/// How often each operation was asked for: the counters `op_count_*` that ZooKeeper 3.10 has.
struct OperationCounts {
    private var counts: [48 of UInt64] = .init(repeating: 0)

    @inline(__always)
    mutating func note(_ operation: OperationCode) { counts[Self.place(operation)] &+= 1 }

    /// Operations from 0 to 22, those from 100 to 107, and the negative ones, one behind the other.
    @inline(__always)
    private static func place(_ operation: OperationCode) -> Int {
        let number = Int(operation.rawValue)
        return number < 0 ? 47 + max(number, -15) : number < 23 ? number : 23 + (number - 100) & 7
    }

    private subscript(_ operations: OperationCode...) -> UInt64 {
        operations.reduce(0) { $0 &+ counts[Self.place($1)] }
    }

    /// By ZooKeeper's names, the sum of all first.
    var measures: [(String, UInt64)] {
        let parts: [(String, UInt64)] = [
            ("add_watch", self[.addWatch]), ("check", self[.check]), ("check_watches", self[.checkWatches]),
            ("close_session", self[.closeSession]),
            ("create", self[.create, .create2, .createContainer, .createTTL]),
            ("create_session", self[.createSession]), ("delete", self[.delete, .deleteContainer]),
            ("exists", self[.exists]), ("get_acl", self[.getACL]),
            ("get_all_children_number", self[.getAllChildrenNumber]),
            ("get_children", self[.getChildren, .getChildren2]), ("get_data", self[.getData]),
            ("get_ephemerals", self[.getEphemerals]), ("multi", self[.multi]),
            ("multi_read", self[.multiRead]), ("ping", self[.ping]), ("reconfig", self[.reconfig]),
            ("remove_watches", self[.removeWatches]), ("set_acl", self[.setACL]),
            ("set_data", self[.setData]), ("set_watches", self[.setWatches, .setWatches2]),
            ("sync", self[.sync]), ("who_am_i", self[.whoAmI]),
        ]
        return [("total", parts.reduce(0) { $0 + $1.1 })] + parts
    }
}
