import Disk
import Identifiers
import Logging
import Snapshots
import Storage
import TransactionLog

/// Restoring a snapshot while the process runs.
extension RunningServer {
    /// Begins to take in a snapshot, whose bytes are then appended to what is returned. Only one is let in at
    /// a time; it ends with the object.
    package func receiveSnapshot() throws(RestoreError) -> SnapshotIntake {
        try SnapshotIntake(ground.configuration, turn: restoreDesk.takeTurn())
    }

    /// Makes a snapshot that was received the server's state, durably; returns its zxid.
    ///
    /// First it is checked to its last byte and loaded, while the server goes on: whatever is wrong with it
    /// changes nothing. Then what was asked is finished, all connections are closed, the store is closed, takes
    /// the snapshot, and is opened again. Clients come back by themselves; the sessions of the snapshot live
    /// on with their full time-outs, others are gone. Writes go on in an epoch of their own.
    ///
    /// From any thread; only while some thread is in `runUntilEnd`.
    package func restore(_ intake: SnapshotIntake) async throws(RestoreError) -> Zxid {
        guard intake.claim() else { throw .busy }
        let begunAt = Clock.monotonicNanoseconds()
        let result: Result<Zxid, RestoreError> = await withCheckedContinuation { continuation in
            let answer: @Sendable (Result<Zxid, RestoreError>) -> Void = {
                // Whoever is told may begin the next one.
                intake.turn.end()
                continuation.resume(returning: $0)
            }
            let isStarted = restoreDesk.start { [self] in check(intake, begunAt: begunAt, answer) }
            if !isStarted { answer(.failure(.stopping)) }
        }
        if case .failure(let error) = result {
            logger.error("nothing was restored: \(error)")
            core.perform { $0.statistics.restoreErrorCount += 1 }
        }
        return try result.get()
    }

    /// On a thread of its own.
    private func check(
        _ intake: SnapshotIntake, begunAt: Int64,
        _ answer: @escaping @Sendable (Result<Zxid, RestoreError>) -> Void
    ) {
        do throws(RestoreError) {
            let snapshot = try ReceivedSnapshot(intake, for: ground.configuration) { restoreDesk.isClosed }
            ground.tasks.put(
                .restore(
                    RestoreOrder(snapshot: snapshot, intake: intake, begunAt: begunAt, answer: answer)))
        } catch {
            answer(.failure(error))
        }
    }

    /// Replaces the service by one that begins with the snapshot; nil if the server goes on. By the thread
    /// that runs.
    func carryOut(_ order: RestoreOrder) -> ServerExitCode? {
        guard let (past, isClean) = endService() else {
            order.answer(.failure(.requestsUnfinished))
            return nil
        }
        guard isClean else {
            order.answer(.failure(.failed("the log could not be closed")))
            return .logFailure
        }
        let refusal: StorageError?
        do throws(StorageError) {
            try Storage.install(
                order.snapshot, in: OpenedState.storageConfiguration(ground.configuration),
                beginsEpoch: true, on: KernelDisk(syncMode: .bufferedThenSync))
            refusal = nil
        } catch .metadata(let error) {
            // Whether the slots have decided only the next start can tell.
            return give(up: order, "\(StorageError.metadata(error))")
        } catch {
            refusal = error
        }
        return serveAgain(after: order, past, refusal)
    }

    /// Stops the service and lets go of the store; nil if what it had taken cannot be finished, and then it
    /// goes on.
    private func endService() -> (figures: CoreFigures, isClean: Bool)? {
        guard let old = service else { return (CoreFigures(), false) }
        guard old.drain() else {
            old.endDraining()
            return nil
        }
        service = nil
        return old.stop(hasFailed: false)
    }

    /// Opens the store, whatever it holds now, as a start does.
    private func serveAgain(
        after order: RestoreOrder, _ past: CoreFigures, _ refusal: StorageError?
    ) -> ServerExitCode? {
        var past = past
        let zxid = order.snapshot.end.zxid
        let milliseconds = max(0, Clock.monotonicNanoseconds() - order.begunAt) / 1_000_000
        if refusal == nil { past.statistics.restoreMilliseconds.record(UInt64(milliseconds)) }
        do throws(StartError) {
            service = try Service(
                OpenedState(ground.configuration, logger: logger), on: ground, past: past)
        } catch {
            return give(up: order, "\(error)")
        }
        if let refusal {
            order.answer(.failure(.storage(refusal)))
        } else {
            logger.notice(
                """
                restored a snapshot of \(order.snapshot.byteCount) bytes in \(milliseconds) ms: the state is \
                that of zxid \(zxid), before it was \(past.lastCommitted); what was there is set aside
                """)
            order.answer(.success(zxid))
        }
        return nil
    }

    private func give(up order: RestoreOrder, _ reason: String) -> ServerExitCode {
        logger.critical("a restore failed half-way, the server ends; the next start finishes it: \(reason)")
        order.answer(.failure(.failed(reason)))
        return .storage
    }
}
