import Jute

/// How addWatch watches.
package enum WatchMode: Int32, Sendable {
    case persistent = 0
    case persistentRecursive = 1
}

extension DataTree {
    /// setWatches and setWatches2: sets again what a client that reconnects was watching, and appends
    /// events (zxid -1) for what it missed. They go out before the reply.
    package mutating func setWatches(
        _ request: consuming SetWatchesRequest, watcher: UInt32, events: inout [WatchEvent]
    ) {}

    /// addWatch.
    package mutating func addWatch(_ path: RawSpan, mode: WatchMode, watcher: UInt32) {}

    /// checkWatches; `kind` is the request's number (1 children, 2 data, 3 any, 4 persistent,
    /// 5 persistent recursive). Throws noWatcher, or badArguments for another number.
    package func checkWatches(_ path: RawSpan, kind: Int32, watcher: UInt32) throws(ErrorCode) {}

    /// removeWatches; as `checkWatches`.
    package mutating func removeWatches(_ path: RawSpan, kind: Int32, watcher: UInt32) throws(ErrorCode) {}

    /// Drops all watches of a connection that is gone, in time proportional to them.
    package mutating func removeWatcher(_ watcher: UInt32) {}

    /// Whether a connection may be told of an event that has a restriction.
    package func mayReceive(_ event: WatchEvent, identities: [Identity]) -> Bool { true }
}
