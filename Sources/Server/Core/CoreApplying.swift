import DataTree
import DequeModule
import Identifiers
import Jute
import Logging
import Replication
import TransactionLog

/// Committed records meet the tree; events and replies gather in the connections.
extension Core {
    /// Applies what is durable here and committed up to `upTo`, in order.
    func applyDurable(upTo: Zxid) {
        while let batch = durableBatches.first, batch.firstZxid <= upTo, !hasFailed {
            batch.forEachRecord(after: tree.lastAppliedZxid) { _, record in tree.expect(record: record) }
            tree.fetchExpected()
            batch.forEachRecord(after: tree.lastAppliedZxid) { zxid, record in
                if zxid <= upTo, !hasFailed { apply(record, zxid) }
            }
            guard batch.lastZxid <= upTo else { return }
            durableBatches.removeFirst()
        }
    }

    private func apply(_ record: RawSpan, _ zxid: Zxid) {
        guard let write = outstanding.popFirst() else {
            preconditionFailure("the record \(zxid) came back without having been proposed")
        }
        outstandingByteCount -= Int(write.byteCount)
        largeRequestByteCount -= Int(write.largeByteCount)
        let connection = write.connection.flatMap {
            $0.phase == .closing && write.kind == .request ? nil : $0
        }
        if connection == nil, write.connection != nil { statistics.staleReplies &+= 1 }
        replyScratch.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
        audit?.decide(record, zxid, tree, time: wallMilliseconds)
        let applied: Applied
        do throws(JuteDefect) {
            applied = try tree.apply(
                record, wantsReply: connection != nil, reply: &replyScratch, events: &events)
        } catch {
            fail(.unreadableRecord(zxid, error))
            return
        }
        if applied.isDigestMismatch { noteDigestMismatch(zxid) }
        // A client sees an event before the reply that shows the new state.
        if !events.isEmpty { deliverEvents() }
        changeSession(applied, write)
        guard let connection else { return }
        if write.kind == .request { reply(applied, write, on: connection) }
    }

    private func reply(_ applied: Applied, _ write: OutstandingWrite, on connection: Connection) {
        lendBuffer(to: connection)
        let start = connection.out.beginReply(xid: write.xid, zxid: applied.header.zxid.rawValue)
        connection.out.append(contentsOf: replyScratch)
        connection.out.endReply(at: start, error: applied.error)
        statistics.noteResponse(byteCount: connection.out.count - start)
        connection.figures.noteAnswer(
            applied.header.type.rawValue, cxid: write.xid, zxid: applied.header.zxid.rawValue)
        noteAnswered(write, on: connection)
    }

    /// A write of the connection is answered; what waited behind it goes on.
    func noteAnswered(_ write: OutstandingWrite, on connection: Connection) {
        statistics.packetsSent &+= 1
        connection.sentCount &+= 1
        let took = now - write.arrivedAt
        statistics.noteWrite(nanoseconds: took)
        connection.figures.settle(nanoseconds: took, now: now)
        connection.answeredWriteCount += 1
        touch(connection)
        drainDeferred(connection)
    }

    private func deliverEvents() {
        for event in events {
            statistics.firedWatches.note(event.type, watcherCount: event.watchers.count)
            eventScratch.removeAll(keepingCapacity: true)
            eventScratch.append(notificationOf: event.type, path: event.path.span.bytes, zxid: event.zxid)
            for watcher in event.watchers {
                guard let connection = connections[watcher], connection.phase != .closing else { continue }
                if event.restriction != nil, !tree.mayReceive(event, identities: connection.identities) {
                    continue
                }
                lendBuffer(to: connection)
                connection.out.append(contentsOf: eventScratch)
                connection.sentCount &+= 1
                statistics.packetsSent &+= 1
                statistics.noteEvent(byteCount: eventScratch.count)
                touch(connection)
            }
        }
    }

    private func noteDigestMismatch(_ zxid: Zxid) {
        digestMismatchCount += 1
        // The first says everything; later ones only repeat it.
        guard digestMismatchCount == 1 else { return }
        logger.error(
            """
            DIGEST MISMATCH: the tree after \(zxid) is not what its record says; going on with what the log \
            says. See "Digest mismatch" in docs/recovery.md before the next snapshot
            """)
    }
}
