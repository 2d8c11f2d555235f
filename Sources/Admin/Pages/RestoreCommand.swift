import HTTPTypes
import HummingbirdCore
import Server

/// `restore`.
extension CommandRunner {
    func restore(
        _ request: Request, _ observer: ServerObserver, from peer: HTTPPeer
    ) async -> AdminAnswer {
        .refused("The command is disabled", .serviceUnavailable)
    }
}
