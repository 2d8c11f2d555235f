import Logging
import NIOCore
import Sessions

/// How much is taken from clients, and kept for them: bounded for each, and for all together.
///
/// Replies to one read of a socket may be a thousand times as long as the requests in it. So a connection
/// takes nothing more once it has gathered a megabyte, and goes on when that is on its way; what it was
/// asked meanwhile is held as it came. The kernel's buffers fill then, and the client has to wait.
extension Core {
    private static let outstandingByteCountMax = 128 << 20

    // MARK: Requests that wait for the log

    /// Above the limit of requests or bytes no more is read from connections that wait for answers.
    func pauseIfOverloaded(_ connection: Connection) {
        guard isOverloaded, connection.pendingCount > 0 else { return }
        connection.pauseReading()
        paused.append(connection)
    }

    private var isOverloaded: Bool {
        outstandingCount > configuration.admission.outstandingRequestsMax
            || outstandingByteCount > Self.outstandingByteCountMax
    }

    func resumePaused() {
        guard !paused.isEmpty, outstandingCount <= configuration.admission.outstandingRequestsMax / 2,
            outstandingByteCount <= Self.outstandingByteCountMax / 2, !isDraining
        else { return }
        let connections = paused
        paused = []
        for connection in connections { connection.resumeReading() }
    }

    private func resumeReading(from connection: Connection) {
        guard connection.readingIsPaused, !isDraining else { return }
        if !isOverloaded || connection.pendingCount == 0 {
            connection.resumeReading()
        } else {
            paused.append(connection)
        }
    }

    // MARK: Replies that wait for the client

    /// Sends what is gathered; what is held goes on behind it.
    func flush(_ connection: Connection) {
        connection.flush()
        if connection.isHeld { goOnLater(connection) }
    }

    /// The client takes bytes again.
    func noteWritable(_ connection: Connection) {
        noteBacklog(connection, 0)
        guard connection.phase != .closing else { return }
        flush(connection)
        resumeReading(from: connection)
    }

    /// In a turn of its own, so that one client that asks for much does not stop the others.
    private func goOnLater(_ connection: Connection) {
        guard !connection.isGoingOn, connection.mayGoOn else { return }
        connection.isGoingOn = true
        nextTurn.perform { [self] in
            connection.isGoingOn = false
            if connection.mayGoOn && !hasFailed { goOn(connection) }
        }
    }

    func goOn(_ connection: Connection) {
        beginReading(from: connection)
        drainDeferred(connection)
        // Behind reads that still wait nothing is taken, or it would be answered before them.
        if connection.deferred.isEmpty || connection.hasPendingWrites, !isDraining { connection.takeHeld() }
        endReading(from: connection)
        if !connection.isHeld { resumeReading(from: connection) }
    }

    /// Counts what a client leaves untaken; 0 when it takes bytes again or is gone.
    func noteBacklog(_ connection: Connection, _ byteCount: Int) {
        let growth = byteCount - connection.backlogByteCount
        connection.backlogByteCount = byteCount
        noteSlowness(growth)
    }

    /// Counts what a client has sent of a request that is not whole yet, or waits; nothing below 64 KiB.
    func noteKept(_ connection: Connection, _ byteCount: Int) {
        let counted = byteCount > Self.uncountedByteCount ? byteCount : 0
        guard counted != connection.keptByteCount else { return }
        let growth = counted - connection.keptByteCount
        connection.keptByteCount = counted
        noteSlowness(growth)
    }

    private static let uncountedByteCount = 64 << 10

    private func noteSlowness(_ growth: Int) {
        backlogByteCount += growth
        guard growth > 0, backlogByteCount > configuration.admission.slowClientByteCountMax else { return }
        closeSlowest()
    }

    /// Closes those with the most until three quarters of the limit are left.
    private func closeSlowest() {
        let slowest = connections.all.filter { $0.slowByteCount > 0 }
            .sorted { $0.slowByteCount > $1.slowByteCount }
        for connection in slowest
        where backlogByteCount > configuration.admission.slowClientByteCountMax / 4 * 3 {
            refuse(
                connection,
                "\(connection.slowByteCount) bytes wait for it, the most of \(backlogByteCount) for all clients"
            )
        }
    }
}
