import DataTree
import Logging
import NIOCore
import Sessions

/// Connections come and go.
extension Core {
    /// About two milliseconds' work.
    private static let watchesRemovedAtOnce = 5000
    /// A connection without a session, or one that is told to go, may stay so long.
    var sessionlessNanoseconds: Int64 {
        Int64(configuration.admission.sessionlessMilliseconds) * 1_000_000
    }

    /// Takes a connection in; nil if there are too many, and then the socket is closed.
    ///
    /// - Parameter isPlain: what is written to the channel reaches the socket as it is.
    func admit(_ channel: any Channel, isPlain: Bool) -> Connection? {
        readClocks()
        statistics.socketsOpened += 1
        let descriptor = Self.descriptor(of: channel)
        guard descriptor ?? 0 < descriptorCountMax else {
            refuseForDescriptors(channel.remoteAddress)
            return nil
        }
        guard !isDraining, !hasFailed else { return nil }
        let remote = channel.remoteAddress
        let address = RemoteAddress(remote)
        guard hasRoom(for: address) else { return nil }
        let identities = connections.identities(of: address) { self.identities(of: address.text) }
        let connection = connections.add { number, index in
            Connection(
                core: self, number: number, index: index, address: address, port: remote?.port ?? 0,
                identities: identities, socket: DirectSocket(isPlain ? CInt(descriptor ?? -1) : -1))
        }
        closeLater(connection)
        if isPlain {
            if address.isLoopback {
                statistics.plainLocalConnections += 1
            } else {
                statistics.plainRemoteConnections += 1
            }
        }
        return connection
    }

    /// Whether one more connection from the address is within the limits; says so if it is not.
    private func hasRoom(for address: RemoteAddress) -> Bool {
        let limit = configuration.admission.connectionsPerAddressMax
        let all = configuration.admission.connectionsMax
        let reason: String
        if limit > 0, connections.count(from: address) >= limit {
            reason = "too many from \(address.text) (maxClientCnxns \(limit))"
        } else if all > 0, connections.count >= all {
            reason = "too many in all, the last from \(address.text) (maxCnxns \(all))"
        } else {
            return true
        }
        noteRefusedConnection("connections are refused, \(reason)")
        return false
    }

    /// The number of the channel's socket. The kernel gives the lowest that is free: all below it are taken.
    private static func descriptor(of channel: any Channel) -> Int? {
        do {
            let operations = channel.pipeline.syncOperations
            return try operations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { Int($0) }
        } catch {
            // Closed already.
            return nil
        }
    }

    /// Descriptors for clients; some are kept for log segments, snapshots and whatever else is opened.
    private var descriptorCountMax: Int {
        let most = configuration.openFileCountMax
        return most < 0 ? .max : most - min(Self.reservedDescriptorCount, most / 4)
    }

    private static let reservedDescriptorCount = 32
    /// So often a flood of connections is worth a line.
    private static let warningPauseNanoseconds: Int64 = 5_000_000_000

    private func refuseForDescriptors(_ remote: SocketAddress?) {
        noteRefusedConnection(
            """
            connections are refused, the last from \(RemoteAddress(remote).text): of the \
            \(configuration.openFileCountMax) files and sockets that the process may have open \
            (RLIMIT_NOFILE, ulimit -n), those that are left are kept for the log
            """)
    }

    /// One more client is refused; the reason is said now and then.
    func noteRefusedConnection(_ message: @autoclosure () -> String) {
        statistics.connectionsRejected += 1
        guard now >= nextRefusalWarningAt else { return }
        nextRefusalWarningAt = now + Self.warningPauseNanoseconds
        logger.warning("\(message())")
    }

    /// The connection is gone: its watches too; its session goes on.
    func remove(_ connection: Connection) {
        guard connections.remove(connection) else { return }
        if connection.missingProof != nil {
            failedResumptions.note(from: connection.address, now: nowMilliseconds)
        }
        resumption?.noteEnd(of: connection)
        removeWatches(of: connection.index)
        deferredCount -= connection.deferred.count
        outstandingByteCount -= connection.deferred.byteCount
        connection.deferred.removeAll()
        noteBacklog(connection, 0)
        noteKept(connection, 0)
        if let slot = connection.sessionSlot { sessions.release(slot, by: connection.number) }
    }

    /// The client has closed its end of the connection.
    func noteInputClosed(_ connection: Connection) {
        readClocks()
        if connection.trail != nil, let resumption {
            resumption.noteInputClosed(of: connection)
        } else {
            connection.close()
        }
    }

    /// Removes the watches of a connection that is gone, some thousands at a time; its place is free then.
    private func removeWatches(of index: UInt32) {
        guard !tree.removeWatcher(index, countMax: Self.watchesRemovedAtOnce) else {
            connections.release(index)
            return
        }
        nextTurn.perform { [self] in removeWatches(of: index) }
    }

    /// Closes a connection that broke the rules, with one line of why.
    func refuse(_ connection: Connection, _ reason: String) {
        statistics.connectionsCut += 1
        warn(of: connection, "closed: \(reason)")
        connection.close()
    }

    /// Writes a line about what a client did wrong, unless there are too many of them already.
    func warn(of connection: Connection, _ message: @autoclosure () -> String) {
        let (mayWrite, omittedCount) = refusalLines.take(now: now)
        if omittedCount > 0 {
            logger.warning("\(omittedCount) more lines about clients were left out in the last seconds")
        }
        guard mayWrite else { return }
        logger.warning("\(connection.remoteDescription) \(connection.sessionID): \(message())")
    }

    /// Looks at the connection in a while; closes it then, if it has no session or is on its way out.
    func closeLater(_ connection: Connection) {
        deadlines.append(
            ConnectionDeadline(
                moment: now + sessionlessNanoseconds, number: connection.number))
    }

    func closeOverdueConnections() {
        while let first = deadlines.first, first.moment <= now {
            deadlines.removeFirst()
            guard let connection = connections.connection(first.number) else { continue }
            switch connection.phase {
            case .fresh:
                statistics.sessionlessExpired += 1
                refuse(
                    connection,
                    "no session was asked for in \(configuration.admission.sessionlessMilliseconds) ms")
            case .closing:
                connection.close()
            case .open where connection.missingProof != nil:
                refuse(connection, "it did not prove in time to be whom its session is bound to")
            case .opening, .open, .ending:
                break
            }
        }
    }

    // MARK: Turns

    func beginReading(from connection: Connection) {
        readClocks()
        if let slot = connection.sessionSlot { sessions.touch(slot, now: nowMilliseconds) }
        lendBuffer(to: connection)
        if connection.trail != nil { resumption?.noteSign(of: connection) }
    }

    func endReading(from connection: Connection) {
        if !connection.out.isEmpty, connection.phase != .closing {
            flush(connection)
            // One sample stands for all that the connection asked in this turn.
            let took = Clock.monotonicNanoseconds() - now
            pauses.note(nanoseconds: took)
            statistics.noteRead(nanoseconds: took)
            connection.figures.settle(nanoseconds: took, now: now)
        }
        pauseIfOverloaded(connection)
        let watchesMax = configuration.admission.watchesPerConnectionMax
        if watchesMax > 0 { endIfTooWatchful(connection, watchesMax) }
    }

    /// A connection that watches more than it may is closed, and its watches go.
    private func endIfTooWatchful(_ connection: Connection, _ watchesMax: Int) {
        guard connection.phase != .closing, tree.watchCount(of: connection.index) > watchesMax else { return }
        refuse(connection, "it watches more than \(watchesMax) paths (watches.connectionMax)")
    }

    /// Something was gathered for the connection outside of its own reading.
    func touch(_ connection: Connection) {
        guard !connection.isTouched else { return }
        connection.isTouched = true
        touched.append(connection)
    }

    func flushTouched() {
        guard !touched.isEmpty else { return }
        for connection in touched {
            connection.isTouched = false
            if connection.phase != .closing { flush(connection) }
        }
        touched.removeAll(keepingCapacity: true)
    }

    // MARK: Buffers

    /// Gives the connection a buffer to gather replies in, unless it has one.
    ///
    /// An idle connection has none; those that are busy in a turn share a few.
    @inline(__always)
    func lendBuffer(to connection: Connection) {
        guard connection.out.capacity == 0, let spare = spareBuffers.popLast() else { return }
        spareBufferByteCount -= spare.capacity
        connection.out = spare
    }

    /// Takes the buffer of what was sent back.
    func takeBackBuffer(of connection: Connection) {
        let capacity = connection.out.capacity
        if capacity > 0, spareBufferByteCount + capacity <= Self.spareBufferByteCountMax {
            connection.out.removeAll(keepingCapacity: true)
            spareBufferByteCount += capacity
            spareBuffers.append(connection.out)
        }
        connection.out = []
    }

    private static let spareBufferByteCountMax = 4 << 20
}
