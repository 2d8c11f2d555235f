import Identifiers

/// The sessions of an ensemble: who holds them, and when they run out.
///
/// Pure: time comes in with each call as milliseconds of a clock that never goes back, and what expires
/// comes out as a list. A session begins and ends when the record that says so is applied; expiry only
/// proposes the end.
///
/// Expiry goes by ticks, as in ZooKeeper: a session touched at `now` runs out at the first tick boundary
/// after `now + timeout`. Sessions stand in one bucket a tick; a touch only notes the new tick, and the
/// old bucket passes the session on when its time comes, so a touch costs the same for any number.
package struct Sessions {
    /// Where a session stands in the table, for touching it without a search. Good while it is open.
    package struct Slot: Equatable, Sendable {
        fileprivate var index: Int32
        fileprivate var generation: UInt32
    }

    /// The connection through which a session is used; the shell numbers them. 0 is none.
    package typealias Owner = UInt64

    private struct Entry {
        var id: SessionID
        var timeoutMilliseconds: Int32
        var generation: UInt32
        var isOpen: Bool
        var isClosing: Bool
        var owner: Owner
        /// The tick at whose end the session runs out.
        var expiryTick: Int64
        /// The bucket that looks at the session next; never later than `expiryTick`.
        var bucketTick: Int64
    }

    package let timeouts: SessionTimeouts
    private var generator: SessionIDGenerator
    private var entries: ContiguousArray<Entry> = []
    private var free: [Int32] = []
    private var indexByID: [Int64: Int32] = [:]
    private var buckets: [Int64: [Slot]] = [:]
    /// Buckets before this tick have been emptied.
    private var upcomingTick: Int64

    /// An empty table at `now`.
    package init(timeouts: SessionTimeouts, generator: SessionIDGenerator, now: Int64) {
        self.timeouts = timeouts
        self.generator = generator
        upcomingTick = now / Int64(timeouts.tickMilliseconds) + 1
    }

    package var count: Int { indexByID.count }

    /// An identifier that no open session has.
    package mutating func makeID() -> SessionID {
        var id = generator.next()
        while indexByID[id.rawValue] != nil || id == .none { id = generator.next() }
        return id
    }

    /// Opens a session with a full timeout from `now`, or renews it if it is open.
    ///
    /// The timeout is the one in the record, which the server that wrote it negotiated.
    @discardableResult
    package mutating func open(_ id: SessionID, timeoutMilliseconds: Int32, now: Int64) -> Slot {
        let timeout = max(timeoutMilliseconds, 1)
        if let slot = slot(of: id) {
            entries[Int(slot.index)].timeoutMilliseconds = timeout
            schedule(slot, now: now)
            return slot
        }
        let index = free.popLast() ?? Int32(entries.count)
        var entry = Entry(
            id: id, timeoutMilliseconds: timeout, generation: 0, isOpen: true, isClosing: false, owner: 0,
            expiryTick: 0, bucketTick: .max)
        if Int(index) == entries.count {
            entries.append(entry)
        } else {
            entry.generation = entries[Int(index)].generation &+ 1
            entries[Int(index)] = entry
        }
        indexByID[id.rawValue] = index
        let slot = Slot(index: index, generation: entry.generation)
        schedule(slot, now: now)
        return slot
    }

    /// Ends a session, if it is open; returns the connection that held it.
    @discardableResult
    package mutating func close(_ id: SessionID) -> Owner? {
        guard let index = indexByID.removeValue(forKey: id.rawValue) else { return nil }
        entries[Int(index)].isOpen = false
        free.append(index)
        return entries[Int(index)].owner
    }

    /// The open session's slot; nil if there is none of this identifier.
    package func slot(of id: SessionID) -> Slot? {
        guard let index = indexByID[id.rawValue] else { return nil }
        return Slot(index: index, generation: entries[Int(index)].generation)
    }

    package func contains(_ id: SessionID) -> Bool { indexByID[id.rawValue] != nil }

    /// The session's life begins anew at `now`. False if it is no longer open or its end is proposed.
    @discardableResult
    package mutating func touch(_ slot: Slot, now: Int64) -> Bool {
        guard isCurrent(slot), !entries[Int(slot.index)].isClosing else { return false }
        schedule(slot, now: now)
        return true
    }

    /// Notes that the end of a session has been proposed, so that it is neither resumed nor expired again.
    package mutating func beginClosing(_ id: SessionID) {
        guard let index = indexByID[id.rawValue] else { return }
        entries[Int(index)].isClosing = true
    }

    /// Whether the session is open and its end has not been proposed.
    package func isUsable(_ slot: Slot) -> Bool { isCurrent(slot) && !entries[Int(slot.index)].isClosing }

    /// Gives the session to a connection with the timeout just negotiated; returns who held it before.
    package mutating func resume(
        _ id: SessionID, owner: Owner, timeoutMilliseconds: Int32, now: Int64
    ) -> (slot: Slot, previousOwner: Owner)? {
        guard let slot = slot(of: id), !entries[Int(slot.index)].isClosing else { return nil }
        let previousOwner = entries[Int(slot.index)].owner
        entries[Int(slot.index)].owner = owner
        entries[Int(slot.index)].timeoutMilliseconds = max(timeoutMilliseconds, 1)
        schedule(slot, now: now)
        return (slot, previousOwner)
    }

    /// The connection is gone; its session goes on without one. Nothing if another took the session over.
    package mutating func release(_ slot: Slot, by owner: Owner) {
        guard isCurrent(slot), entries[Int(slot.index)].owner == owner else { return }
        entries[Int(slot.index)].owner = 0
    }

    /// The connection that holds the session; 0 if none does.
    package func owner(of id: SessionID) -> Owner {
        guard let index = indexByID[id.rawValue] else { return 0 }
        return entries[Int(index)].owner
    }

    /// Adds the sessions whose time ran out by `now` to `expired`, earliest first, and marks them closing.
    ///
    /// - Parameter isSpared: asked of the connection that holds such a session; if it is, the session's time
    ///   begins anew.
    package mutating func expire(
        now: Int64, into expired: inout [SessionID], sparing isSpared: (Owner) -> Bool = { _ in false }
    ) {
        let currentTick = now / Int64(timeouts.tickMilliseconds)
        while upcomingTick <= currentTick {
            let tick = upcomingTick
            upcomingTick += 1
            guard let bucket = buckets.removeValue(forKey: tick) else { continue }
            for slot in bucket where isCurrent(slot) && entries[Int(slot.index)].bucketTick == tick {
                examine(slot, now: now, into: &expired, sparing: isSpared)
            }
        }
    }

    /// The open sessions with their timeouts in milliseconds, by identifier: what a snapshot holds.
    package var table: [SessionTimeout] {
        indexByID.keys.sorted().compactMap { id in
            guard let index = indexByID[id] else { return nil }
            return SessionTimeout(
                id: SessionID(rawValue: id), timeoutMilliseconds: entries[Int(index)].timeoutMilliseconds)
        }
    }

    /// When the session runs out unless it is touched, in milliseconds; nil if it is no longer open.
    package func expiry(of slot: Slot) -> Int64? {
        isCurrent(slot)
            ? entries[Int(slot.index)].expiryTick * Int64(timeouts.tickMilliseconds) : nil
    }

    /// Calls `body` with every open session and the moment at which it runs out, in the table's order.
    package func forEachOpen(_ body: (SessionID, _ milliseconds: Int64) -> Void) {
        for entry in entries where entry.isOpen {
            body(entry.id, entry.expiryTick * Int64(timeouts.tickMilliseconds))
        }
    }

    private func isCurrent(_ slot: Slot) -> Bool {
        let entry = entries[Int(slot.index)]
        return entry.isOpen && entry.generation == slot.generation
    }

    /// Passes the session on to its later bucket, or declares its time over.
    private mutating func examine(
        _ slot: Slot, now: Int64, into expired: inout [SessionID], sparing isSpared: (Owner) -> Bool
    ) {
        let index = Int(slot.index)
        if entries[index].isClosing { return }
        if entries[index].expiryTick >= upcomingTick {
            enlist(slot, at: entries[index].expiryTick)
        } else if entries[index].owner != 0, isSpared(entries[index].owner) {
            schedule(slot, now: now)
            enlist(slot, at: entries[index].expiryTick)
        } else {
            entries[index].isClosing = true
            expired.append(entries[index].id)
        }
    }

    private mutating func schedule(_ slot: Slot, now: Int64) {
        let index = Int(slot.index)
        let (end, overflow) = now.addingReportingOverflow(Int64(entries[index].timeoutMilliseconds))
        let tick = max((overflow ? now : end) / Int64(timeouts.tickMilliseconds) + 1, upcomingTick)
        guard tick != entries[index].expiryTick else { return }
        entries[index].expiryTick = tick
        if entries[index].bucketTick > tick { enlist(slot, at: tick) }
    }

    private mutating func enlist(_ slot: Slot, at tick: Int64) {
        entries[Int(slot.index)].bucketTick = tick
        buckets[tick, default: []].append(slot)
    }
}

/// One line of the session table.
package struct SessionTimeout: Equatable, Sendable {
    package var id: SessionID
    package var timeoutMilliseconds: Int32

    package init(id: SessionID, timeoutMilliseconds: Int32) {
        self.id = id
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}
