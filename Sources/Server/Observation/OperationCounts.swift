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
    var measures: [Measure] {
        let parts: [(String, UInt64)] = [
            ("op_count_add_watch", self[.addWatch]), ("op_count_check", self[.check]),
            ("op_count_check_watches", self[.checkWatches]),
            ("op_count_close_session", self[.closeSession]),
            ("op_count_create", self[.create, .create2, .createContainer, .createTTL]),
            ("op_count_create_session", self[.createSession]),
            ("op_count_delete", self[.delete, .deleteContainer]), ("op_count_exists", self[.exists]),
            ("op_count_get_acl", self[.getACL]),
            ("op_count_get_all_children_number", self[.getAllChildrenNumber]),
            ("op_count_get_children", self[.getChildren, .getChildren2]),
            ("op_count_get_data", self[.getData]), ("op_count_get_ephemerals", self[.getEphemerals]),
            ("op_count_multi", self[.multi]), ("op_count_multi_read", self[.multiRead]),
            ("op_count_ping", self[.ping]), ("op_count_reconfig", self[.reconfig]),
            ("op_count_remove_watches", self[.removeWatches]), ("op_count_set_acl", self[.setACL]),
            ("op_count_set_data", self[.setData]),
            ("op_count_set_watches", self[.setWatches, .setWatches2]), ("op_count_sync", self[.sync]),
            ("op_count_who_am_i", self[.whoAmI]),
        ]
        return [.counter("op_count_total", parts.reduce(0) { $0 &+ $1.1 })]
            + parts.map { .counter($0, $1) }
    }
}
