import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOPosix
import Server

/// `restore`: takes a snapshot's file in, and lets it take the place of everything.
extension CommandRunner {
    func restore(
        _ request: Request, _ observer: ServerObserver, from peer: HTTPPeer
    ) async -> AdminAnswer {
        guard settings.offersRestoring else {
            return .refused("The command is disabled (admin.restore.enabled)", .serviceUnavailable)
        }
        guard restoreRate.allows() else {
            return .refused(
                "One snapshot is taken in \(settings.rateLimitMilliseconds) ms (admin.rateLimiterIntervalInMS)",
                .tooManyRequests)
        }
        log.notice("\(peer.description): restore")
        do {
            let intake = try await pool.runIfActive { try observer.receiveSnapshot() }
            for try await piece in request.body {
                try await pool.runIfActive { try intake.append(piece.readableBytesSpan) }
            }
            let zxid = try await observer.restore(intake)
            return AdminAnswer(fields: [("last_zxid", .integer(zxid))])
        } catch {
            log.warn("\(peer.description): restore failed: \(error)")
            return .refused("\(error)", .internalServerError)
        }
    }
}
