import ByteCoding
import DataTree
import Identifiers
import Jute
import Logging
import Sessions

/// Sessions begin, are resumed, end.
extension Core {
    /// Takes a connection's first frame.
    func connect(_ frame: RawSpan, on connection: Connection) {
        var reader = JuteReader(frame)
        let request: ConnectRequest
        do throws(JuteDefect) {
            request = try ConnectRequest(from: &reader)
        } catch {
            refuse(connection, "its first frame is no connect request: \(error)")
            return
        }
        guard passesConnectionThrottle(connection, isResumed: request.sessionID != .none) else { return }
        guard request.lastZxidSeen <= max(tree.lastAppliedZxid, epochStart).rawValue else {
            let seen = Zxid(rawValue: request.lastZxidSeen)
            refuse(connection, "it has seen zxid \(seen), this server only \(tree.lastAppliedZxid)")
            return
        }
        guard !isDraining else {
            refuse(connection, "the server is stopping")
            return
        }
        connection.readOnlyFlag = request.isReadOnly
        connection.sessionTimeout = configuration.timeouts.negotiated(request.timeout)
        if request.sessionID == .none {
            openSession(connection)
        } else {
            resumeSession(request, on: connection)
        }
    }

    private func openSession(_ connection: Connection) {
        statistics.operations.note(.createSession)
        connection.sessionID = sessions.makeID()
        connection.phase = .opening
        bindSession(of: connection)
        var body: [UInt8] = []
        body.append(bigEndian: connection.sessionTimeout)
        proposeInternally(
            .createSession, connection.sessionID, xid: 0, body: body, .openSession, on: connection)
    }

    private func resumeSession(_ request: ConnectRequest, on connection: Connection) {
        guard mayTryToResume(connection) else { return }
        let isOwn = SessionPassword(for: request.sessionID).matches(request.password.span.bytes)
        if !isOwn { noteFailedResumption(connection, "a wrong password for \(request.sessionID)") }
        if let bound = bindings.identity(of: request.sessionID), !connection.proofs.contains(bound) {
            resumeBound(request, to: isOwn ? bound : nil, on: connection)
            return
        }
        // Whoever tries with a wrong password still takes the connection away, as with ZooKeeper: the
        // session's owner has to come back and prove itself.
        let previous = sessions.owner(of: request.sessionID)
        if previous != 0 { closeOwner(previous, "its session is used elsewhere") }
        let resumed =
            isOwn
            ? sessions.resume(
                request.sessionID, owner: connection.number, timeoutMilliseconds: connection.sessionTimeout,
                now: nowMilliseconds) : nil
        guard let resumed else {
            refuseSession(connection)
            return
        }
        statistics.sessionsResumed += 1
        connection.sessionID = request.sessionID
        connection.sessionSlot = resumed.slot
        connection.phase = .open
        appendConnectResponse(on: connection)
        touch(connection)
    }

    /// Whether a connection may ask for a session that it does not have yet; it is closed, without an
    /// answer and without harm to anybody's session, if too many from its address did in vain.
    private func mayTryToResume(_ connection: Connection) -> Bool {
        guard failedResumptions.isTooMany(from: connection.address, now: nowMilliseconds) else { return true }
        refuse(connection, "too many attempts at sessions of others (session.resumeFailureLimit)")
        return false
    }

    private func noteFailedResumption(_ connection: Connection, _ what: @autoclosure () -> String) {
        failedResumptions.note(from: connection.address, now: nowMilliseconds)
        warn(of: connection, what())
    }

    /// Says that there is no such session, and closes.
    private func refuseSession(_ connection: Connection) {
        connection.out.append(
            ConnectResponse.refusal(isReadOnly: connection.readOnlyFlag.map { _ in false }))
        connection.closeAfterFlush()
    }

    /// Answers a connection that wants a session which is bound to an identity that it has not proved (yet).
    ///
    /// It gets its answer, because some clients prove nothing before, and nothing else: its requests are
    /// refused, the session's time runs, and whoever has the session keeps it.
    ///
    /// - Parameter bound: nil if the password was wrong.
    private func resumeBound(_ request: ConnectRequest, to bound: Identity?, on connection: Connection) {
        guard let bound else {
            refuseSession(connection)
            return
        }
        connection.sessionID = request.sessionID
        connection.phase = .open
        connection.missingProof = bound
        connection.isAdmitted = false
        closeLater(connection)
        appendConnectResponse(on: connection)
        touch(connection)
    }

    /// The connection has proved to be whom its session is bound to: now it has the session.
    func completeResumption(_ connection: Connection) {
        connection.missingProof = nil
        let previous = sessions.owner(of: connection.sessionID)
        if previous != 0 { closeOwner(previous, "its session is used elsewhere") }
        let resumed = sessions.resume(
            connection.sessionID, owner: connection.number, timeoutMilliseconds: connection.sessionTimeout,
            now: nowMilliseconds)
        guard let resumed else {
            refuse(connection, "its session ended before it proved who it is")
            return
        }
        connection.sessionSlot = resumed.slot
    }

    private func closeOwner(_ number: Sessions.Owner, _ reason: String) {
        guard let connection = connections.connection(number) else { return }
        logger.info("\(connection.remoteDescription) \(connection.sessionID): closed: \(reason)")
        resumption?.noteEnd(of: connection)
        connection.close()
    }

    private func appendConnectResponse(on connection: Connection) {
        lendBuffer(to: connection)
        connection.out.append(
            ConnectResponse(
                timeout: connection.sessionTimeout, sessionID: connection.sessionID,
                password: SessionPassword(for: connection.sessionID).bytes,
                isReadOnly: connection.readOnlyFlag.map { _ in false }))
    }

    /// A client ends its session.
    func proposeClose(_ request: borrowing RequestFrame, on connection: Connection) {
        sessions.beginClosing(connection.sessionID)
        proposeInternally(
            .closeSession, connection.sessionID, xid: request.xid, body: [], .closeSession, on: connection)
        connection.phase = .ending
    }

    /// Proposes the end of sessions whose time ran out.
    func expireSessions() {
        var expired: [SessionID] = []
        // Whoever is not read, because too much is on its way, cannot be blamed for silence.
        sessions.expire(now: nowMilliseconds, into: &expired) { owner in
            connections.connection(owner)?.waitsForServer ?? false
        }
        for id in expired {
            statistics.sessionsExpired += 1
            logger.info("session \(id) expired")
            proposeInternally(.closeSession, id, xid: 0, body: [], .internalWork, on: nil)
        }
    }

    /// Ends the sessions that own nodes in the tree without being in the table of sessions.
    ///
    /// Nobody can resume them, and no expiry would ever end them. Apache's server removes such nodes when it
    /// has loaded its data; here their end is a record like any other, so every copy of the log has it.
    /// Nodes with a time to live, which look owned while such nodes are switched off, stay.
    func closeUnknownSessions() {
        let owners = tree.unmistakableEphemeralOwners.map { SessionID(rawValue: $0) }
        let unknown = owners.filter { !sessions.contains($0) }
        guard let first = unknown.first else { return }
        logger.warning(
            "\(unknown.count) sessions that do not exist own nodes, \(first) the first: these nodes go")
        for id in unknown {
            proposeInternally(.closeSession, id, xid: 0, body: [], .internalWork, on: nil)
        }
    }

    /// Does what an applied record says about its session.
    func changeSession(_ applied: Applied, _ write: OutstandingWrite) {
        switch applied.sessionChange {
        case .none:
            break
        case .opened(let timeout):
            sessions.open(applied.header.sessionID, timeoutMilliseconds: timeout, now: nowMilliseconds)
            if let connection = write.connection, write.kind == .openSession {
                sessionOpened(write, on: connection)
            }
        case .closed:
            resumption?.forget(applied.header.sessionID)
            let owner = sessions.close(applied.header.sessionID) ?? 0
            bindings.remove(applied.header.sessionID)
            if let connection = write.connection, write.kind == .closeSession {
                let start = connection.out.count
                connection.out.appendReply(
                    xid: write.xid, zxid: applied.header.zxid.rawValue, error: .ok)
                statistics.packetsSent &+= 1
                statistics.noteResponse(byteCount: connection.out.count - start)
                statistics.noteWrite(nanoseconds: now - write.arrivedAt)
                connection.closeAfterFlush()
            } else if owner != 0 {
                closeOwner(owner, "its session expired")
            }
        }
    }

    private func sessionOpened(_ write: OutstandingWrite, on connection: Connection) {
        guard connection.phase != .closing else { return }
        let resumed = sessions.resume(
            connection.sessionID, owner: connection.number, timeoutMilliseconds: connection.sessionTimeout,
            now: nowMilliseconds)
        connection.sessionSlot = resumed?.slot
        // A client may have asked already to end it again.
        if connection.phase == .opening { connection.phase = .open }
        appendConnectResponse(on: connection)
        connection.figures.noteAnswer(
            OperationCode.createSession.rawValue, cxid: 0, zxid: tree.lastAppliedZxid.rawValue)
        noteAnswered(write, on: connection)
    }
}
