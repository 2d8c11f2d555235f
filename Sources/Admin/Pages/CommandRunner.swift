import HTTPTypes
import HummingbirdCore
import NIOPosix
import Server

/// Runs commands.
struct CommandRunner: Sendable {
    let settings: AdminSettings
    let configuration: Configuration
    let subject: ObservedServer
    /// For what waits for the disk.
    let pool: NIOThreadPool
    let log: AdminLog
    let snapshotRate: RateLimiter
    let restoreRate: RateLimiter

    func run(
        _ name: String, _ words: [String: String], _ request: Request, from peer: HTTPPeer
    ) async -> Response {
        guard let command = AdminCommand(name: name) else {
            return AdminAnswer.refused("Unknown command: \(name)").response(named: name)
        }
        // Who asks is looked at before how he asks, as with Apache's server.
        if command.needsProof, let refusal = await refusal(of: command, request, from: peer) {
            return refusal.response(named: name)
        }
        guard command.isPosted == (request.method == .post) else {
            return Self.wrongMethod(command).response(named: command.rawValue)
        }
        do {
            return try await answer(command, words, request, from: peer).response(named: command.rawValue)
        } catch {
            return AdminAnswer.notServing.response(named: name)
        }
    }

    private static func wrongMethod(_ command: AdminCommand) -> AdminAnswer {
        let method = command.isPosted ? "POST" : "GET"
        var answer = AdminAnswer.refused("The command is asked with \(method)", .methodNotAllowed)
        answer.headers[.allow] = command.isPosted ? "POST, OPTIONS" : "GET, HEAD, OPTIONS"
        return answer
    }

    /// Nil if the one who asks may do everything at the root.
    private func refusal(
        of command: AdminCommand, _ request: Request, from peer: HTTPPeer
    ) async -> AdminAnswer? {
        guard let observer = subject.current else { return .notServing }
        guard let header = request.headers[.authorization] else {
            return .refused("Auth info is missing for the command", .unauthorized)
        }
        let isEncrypted = await peer.isEncrypted
        let proof = OperatorProof(
            header: header, address: peer.address, certificate: isEncrypted ? await peer.certificate : nil,
            isEncrypted: isEncrypted)
        do {
            var verdict = OperatorProof.Verdict.unknown
            if let proof { verdict = try await observer.judge(proof) }
            switch verdict {
            case .allowed: return nil
            case .unknown:
                log.warn("\(peer.description): \(command.rawValue) refused, nobody is proved")
                return .refused("Not authenticated", .unauthorized)
            case .forbidden:
                log.warn("\(peer.description): \(command.rawValue) refused, all permissions on / are needed")
                return .refused("Not authorized", .forbidden)
            }
        } catch {
            return .notServing
        }
    }

    private func answer(
        _ command: AdminCommand, _ words: [String: String], _ request: Request, from peer: HTTPPeer
    ) async throws -> AdminAnswer {
        switch command {
        case .environment: return .environment
        case .systemProperties: return .systemProperties(configuration)
        case .zabstate: return AdminAnswer(fields: [("voting", .boolean(false)), ("zabstate", .text(""))])
        default: break
        }
        guard let observer = subject.current else { throw NotServingError() }
        switch command {
        case .configuration: return .configuration(configuration)
        case .initialConfiguration: return .initialConfiguration(configuration)
        case .isReadOnly: return AdminAnswer(fields: [("read_only", .boolean(false))])
        case .leader: return .failed("server is not initialized")
        case .observers:
            return AdminAnswer(fields: [("synced_observers", .integer(0)), ("observers", .list([]))])
        case .votingView: return AdminAnswer(fields: [("current_config", .object([]))])
        case .dirs: return .dirs(try await stored())
        case .snapshot: return await snapshot(words, observer, from: peer)
        case .restore: return await restore(request, observer, from: peer)
        default: return try await observed(command, words, observer)
        }
    }

    /// What only the core knows.
    private func observed(
        _ command: AdminCommand, _ words: [String: String], _ observer: ServerObserver
    ) async throws -> AdminAnswer {
        switch command {
        case .connections: return .connections(try await observer.connections(), brief: false)
        case .dump: return .dump(try await observer.sessions())
        case .getTraceMask: return .traceMask(try await observer.traceMask())
        case .hash: return .digests(try await observer.digests())
        case .lastSnapshot: return .lastSnapshot(try await observer.lastSnapshot())
        case .monitor: return .monitor(try await observer.measures())
        case .serverStats: return .serverStats(try await observer.serverFacts(), stored: try await stored())
        case .stats:
            let facts = try await observer.serverFacts()
            let connections = try await observer.connections()
            var answer = AdminAnswer.serverStats(facts, stored: try await stored())
            answer.fields += AdminAnswer.connections(connections, brief: true).fields
            return answer
        case .setTraceMask: return try await setTraceMask(words["traceMask"], observer)
        case .watchSummary: return .watchSummary(try await observer.watchCounts())
        case .watches: return .watches(try await observer.watchesBySession())
        case .watchesByPath: return .watchesByPath(try await observer.watchesByPath())
        case .connectionStatReset: try await observer.resetConnectionStatistics()
        case .statReset: try await observer.resetStatistics()
        default:
            // `ruok`, and what concerns observers, of which there are none: being answered is the answer.
            break
        }
        return AdminAnswer()
    }

    private func stored() async throws -> (snapshots: Int, log: Int) {
        try await pool.runIfActive { [configuration] in configuration.storedByteCounts }
    }

    private func setTraceMask(_ text: String?, _ observer: ServerObserver) async throws -> AdminAnswer {
        guard let text else { return .failed("setTraceMask requires long traceMask argument") }
        guard let mask = Int64(text) else {
            return .failed("setTraceMask requires long traceMask argument, got \(text)")
        }
        try await observer.setTraceMask(mask)
        return .traceMask(mask)
    }
}

extension AdminAnswer {
    fileprivate static func traceMask(_ mask: Int64) -> AdminAnswer {
        AdminAnswer(fields: [("tracemask", .integer(mask))])
    }
}
