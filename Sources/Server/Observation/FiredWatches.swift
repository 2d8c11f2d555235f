import Jute
import TransactionLog

/// How many watchers each change had, by what the change was.
struct FiredWatches {
    private var created = Histogram()
    private var deleted = Histogram()
    private var changed = Histogram()
    private var children = Histogram()

    mutating func note(_ type: WatchEventType, watcherCount: Int) {
        let count = UInt64(watcherCount)
        switch type {
        case .nodeCreated: created.record(count)
        case .nodeDeleted: deleted.record(count)
        case .nodeDataChanged: changed.record(count)
        case .nodeChildrenChanged: children.record(count)
        }
    }

    var measures: [Measure] {
        [
            .summary("node_created_watch_count", created),
            .summary("node_deleted_watch_count", deleted),
            .summary("node_changed_watch_count", changed),
            .summary("node_children_watch_count", children),
        ]
    }
}

/// Clients that named the ensemble they look for: the right one, another one, none where none was asked.
struct EnsembleAuthenticationCounts {
    var succeeded: UInt64 = 0
    var failed: UInt64 = 0
    var skipped: UInt64 = 0

    var measures: [Measure] {
        [
            .counter("ensemble_auth_success", succeeded), .counter("ensemble_auth_fail", failed),
            .counter("ensemble_auth_skip", skipped),
        ]
    }
}
