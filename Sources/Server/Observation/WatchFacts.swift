import DataTree

/// How many watch how much.
package struct WatchCounts: Sendable {
    package let connectionCount: Int
    package let pathCount: Int
    package let watchCount: Int
}

/// What one session watches.
package struct SessionWatches: Sendable {
    package let session: Int64
    package var paths: [[UInt8]]
}

/// Who watches one path.
package struct PathWatchers: Sendable {
    package let path: [UInt8]
    package let sessions: [Int64]
}

extension ServerObserver {
    /// From counters.
    package func watchCounts() async throws(NotServingError) -> WatchCounts {
        try await ask { core in
            WatchCounts(
                connectionCount: core.tree.watcherCount, pathCount: core.tree.watchedPathCount,
                watchCount: core.tree.watchCount)
        }
    }

    package func watchesBySession() async throws(NotServingError) -> BoundedList<SessionWatches> {
        try await ask { core in
            var list = BoundedList<SessionWatches>()
            var room = AnswerRoom()
            var last: UInt32?
            core.tree.forEachWatch { watcher, path in
                guard room.take(path) else {
                    list.cutOf = core.tree.watchCount
                    return false
                }
                if watcher != last {
                    list.items.append(SessionWatches(session: core.sessionID(of: watcher), paths: []))
                    last = watcher
                }
                list.items[list.items.count - 1].paths.append(path)
                return true
            }
            return list
        }
    }

    package func watchesByPath() async throws(NotServingError) -> BoundedList<PathWatchers> {
        try await ask { core in
            var list = BoundedList<PathWatchers>()
            var room = AnswerRoom()
            core.tree.forEachWatchedPath { path, watchers in
                guard room.take(path) else {
                    list.cutOf = core.tree.watchedPathCount
                    return false
                }
                let shown = watchers.prefix { _ in room.take([]) }
                if shown.count < watchers.count { list.cutOf = core.tree.watchedPathCount }
                list.items.append(PathWatchers(path: path, sessions: shown.map(core.sessionID)))
                return true
            }
            return list
        }
    }
}
