import DataTree
import Identifiers
import Jute
import Logging
import NIOCore
import Replication
import Sessions
import TransactionLog

/// The life of a write: prepared, logged, committed, applied, answered.
extension Core {
    /// Makes a record of a client's write, which from now on waits for the log.
    func propose(_ operation: OperationCode, _ request: borrowing RequestFrame, on connection: Connection) {
        // Behind the proposed end of its session a write would make what nobody removes.
        if let slot = connection.sessionSlot, !sessions.isUsable(slot) {
            proposeRefusal(.sessionExpired, request, on: connection)
            return
        }
        if isShortOfSpace, operation.grows(request.body) {
            statistics.refusedForSpace += 1
            auditRefusal(of: operation, request, on: connection)
            replyInOrder(request.xid, .systemError, on: connection)
            return
        }
        let zxid = nextZxid()
        let origin = RequestOrigin(
            sessionID: connection.sessionID, cxid: request.xid, zxid: zxid, time: wallMilliseconds,
            identities: connection.identities)
        recordScratch.removeAll(keepingCapacity: true)
        do throws(JuteDefect) {
            _ = try tree.prepare(operation, request.body, origin, into: &recordScratch)
        } catch {
            // Nothing was prepared, and the zxid is still free.
            auditRefusal(of: operation, request, on: connection)
            replyInOrder(request.xid, .marshallingError, on: connection)
            return
        }
        enqueue(zxid, .request, request.xid, byteCount: request.byteCount, on: connection)
        if audit != nil { audit(operation, request, decidedBy: zxid, on: connection) }
    }

    /// Refuses what this server never does for a client: deleteContainer is its own, and one server has
    /// no membership to change.
    func refuseReserved(
        _ operation: OperationCode, _ request: borrowing RequestFrame, on connection: Connection
    ) {
        var reader = JuteReader(request.body)
        do throws(JuteDefect) { try operation.checkBody(&reader) } catch {
            auditRefusal(of: operation, request, on: connection)
            replyInOrder(request.xid, .marshallingError, on: connection)
            return
        }
        let isSwitchedOff = operation == .reconfig && !configuration.nodes.isReconfigEnabled
        proposeRefusal(isSwitchedOff ? .reconfigDisabled : .unimplemented, request, on: connection)
    }

    /// Makes an error record for a request that is refused whatever it says.
    func proposeRefusal(_ error: ErrorCode, _ request: borrowing RequestFrame, on connection: Connection) {
        let zxid = nextZxid()
        let origin = RequestOrigin(
            sessionID: connection.sessionID, cxid: request.xid, zxid: zxid, time: wallMilliseconds,
            identities: connection.identities)
        recordScratch.removeAll(keepingCapacity: true)
        tree.prepareRefusal(error, origin, into: &recordScratch)
        enqueue(zxid, .request, request.xid, byteCount: request.byteCount, on: connection)
        if audit != nil, let operation = OperationCode(rawValue: request.type) {
            audit(operation, request, decidedBy: zxid, on: connection)
        }
    }

    /// Makes a record of the server's own: a session's beginning or end, or the end of a node's time.
    ///
    /// - Parameter connection: who waits for it; nil when the server does it by itself.
    func proposeInternally(
        _ operation: OperationCode, _ session: SessionID, xid: Int32, body: [UInt8],
        _ kind: OutstandingWrite.Kind,
        on connection: Connection?
    ) {
        let zxid = nextZxid()
        let origin = RequestOrigin(
            sessionID: session, cxid: xid, zxid: zxid, time: wallMilliseconds,
            identities: connection?.identities ?? [])
        recordScratch.removeAll(keepingCapacity: true)
        do throws(JuteDefect) {
            _ = try tree.prepare(operation, body.span.bytes, origin, into: &recordScratch)
        } catch {
            fail(.unreadableRecord(zxid, error))
            return
        }
        enqueue(zxid, kind, xid, byteCount: body.count, on: connection)
    }

    func replyInOrder(_ xid: Int32, _ error: ErrorCode, on connection: Connection) {
        var reply: [UInt8] = []
        reply.appendReply(xid: xid, zxid: tree.lastAppliedZxid.rawValue, error: error)
        order(reply, thenCloses: false, showsZxid: true, on: connection)
    }

    /// The zxid of the next record. When an epoch's counter is used up the next epoch begins.
    private func nextZxid() -> Zxid {
        lastProposed.next ?? Zxid(epoch: Epoch(rawValue: lastProposed.epoch.rawValue + 1), counter: 1)
    }

    /// Puts the record in `recordScratch` on its way.
    private func enqueue(
        _ zxid: Zxid, _ kind: OutstandingWrite.Kind, _ xid: Int32, byteCount: Int, on connection: Connection?
    ) {
        let isFull =
            building.byteCount + recordScratch.count > LogFormat.batchByteCountTarget
            || building.recordCount == LogFormat.batchRecordCountMax
            || building.firstZxid.epoch != zxid.epoch
        if !building.isEmpty && isFull { handOver() }
        building.append(zxid: zxid, recordScratch.span.bytes)
        lastProposed = zxid
        connection?.takenWriteCount += 1
        let held = byteCount + recordScratch.count
        outstandingByteCount += held
        let large = largeByteCount(ofRequest: byteCount)
        largeRequestByteCount += Int(large)
        outstanding.append(
            OutstandingWrite(
                connection: connection, kind: kind, xid: xid, byteCount: Int32(clamping: held),
                largeByteCount: large, arrivedAt: now))
        scheduleTurnEnd()
    }

    // MARK: To the log

    func scheduleTurnEnd() {
        guard !turnEndIsScheduled else { return }
        turnEndIsScheduled = true
        // The loop runs this after all sockets that were ready in this turn.
        eventLoop.assumeIsolated().execute { [self] in
            turnEndIsScheduled = false
            endTurn()
        }
    }

    private func endTurn() {
        guard !hasFailed else { return }
        if !building.isEmpty, !commitInline() { handOver() }
        flushTouched()
    }

    /// Gives what the turn gathered to the log thread.
    private func handOver() {
        var records = takeBuilding()
        records.computeChecksum()
        handedOverCount += records.recordCount
        statistics.handedOverBatches += 1
        statistics.queueDepths.record(UInt64(outstanding.count))
        log.submit(records, committed: broadcast.lastCommitted)
    }

    /// Commits the only request in flight on the loop itself; false if there are more or the log is taken.
    ///
    /// The two changes of thread that this spares are a third of a lone write's time. With more than one
    /// request in flight the others would wait for the disk, so then the log thread does it.
    private func commitInline() -> Bool {
        guard configuration.syncsLoneWritesInline, outstanding.count == 1, deferredCount == 0,
            handedOverCount == 0, now >= loneCommitPause.end
        else { return false }
        let begunAt = Clock.monotonicNanoseconds()
        do throws(LogError) {
            guard let batch = try log.commitInline(building, committed: broadcast.lastCommitted) else {
                return false
            }
            _ = takeBuilding()
            handedOverCount += batch.recordCount
            statistics.inlineCommits += 1
            readClocks()
            loneCommitPause.note(begunAt: begunAt, endedAt: now)
            learn(batch)
            return true
        } catch {
            fail(.log(error))
            return true
        }
    }

    private func takeBuilding() -> RecordBuffer {
        let records = building
        building = RecordBuffer()
        building.reserveCapacity(min(records.byteCount, LogFormat.batchByteCountTarget))
        broadcast.step(.appended(upTo: records.lastZxid), into: &effects)
        return records
    }

    // MARK: From the log

    /// Takes a report of the log thread.
    func take(_ report: LogPipeline.Report) {
        switch report {
        case .durable(let batch):
            readClocks()
            learn(batch)
            // Whatever was gathered meanwhile need not wait for the turn's end.
            endTurn()
        case .slowSync(let milliseconds):
            statistics.slowSyncs += 1
            logger.warning(
                """
                a sync of the log took \(milliseconds) ms, fsync.warningthresholdms is \
                \(configuration.slowSyncMilliseconds): writes wait as long as the disk does
                """)
        case .waitsForSpace:
            logger.error("no space for the log: writes wait until there is")
            housekeeping?.wake()
        case .failed(let error):
            fail(.log(error))
        }
    }

    /// A batch is durable on this server's disk.
    private func learn(_ batch: LogBatch) {
        handedOverCount -= batch.recordCount
        lastDurableAt = now
        owesWatermark = true
        durableBatches.append(batch)
        broadcast.step(.durable(upTo: batch.lastZxid, by: me), into: &effects)
        for case .commit(let upTo) in effects {
            logTail.setCommitted(upTo)
            applyDurable(upTo: upTo)
        }
        effects.removeAll(keepingCapacity: true)
        audit?.handOver()
        housekeeping?.noteBatch(batch)
        scheduleIdleCheck()
        resumePaused()
        if !throttled.isEmpty { resumeThrottled() }
    }

    /// Asks for an idle promise once nothing was written for a few milliseconds.
    private func scheduleIdleCheck() {
        guard !idleCheckIsScheduled else { return }
        idleCheckIsScheduled = true
        eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(6)) { [self] in
            idleCheckIsScheduled = false
            guard !hasFailed, !isDraining else { return }
            readClocks()
            if outstanding.isEmpty && now - lastDurableAt >= 5_000_000 {
                log.requestIdlePromise(committed: broadcast.lastCommitted)
            } else {
                scheduleIdleCheck()
            }
        }
    }
}

extension OperationCode {
    /// Makes the tree larger, or may: refused while the disk is full. A multi does if one of its items may.
    fileprivate func grows(_ body: RawSpan) -> Bool {
        switch self {
        case .create, .create2, .createContainer, .createTTL, .setData, .setACL: return true
        case .multi: break
        default: return false
        }
        var reader = JuteReader(body)
        do throws(JuteDefect) {
            var request = try MultiRequest(.multi, from: &reader)
            while let operation = try request.next() {
                guard operation == .delete || operation == .check else { return true }
                _ = try request.pathVersion()
            }
        } catch {
            // Whoever prepares the request says what is wrong with it.
        }
        return false
    }
}
