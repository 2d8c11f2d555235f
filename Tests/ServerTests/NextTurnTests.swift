import Glibc
import Jute
import Testing

@testable import Server

/// Long work in pieces keeps nobody from being heard between two of them.
@Suite struct NextTurnTests {
    /// Two chains of pieces, each of a millisecond. Used on the loop only.
    private final class Chains: @unchecked Sendable {
        static let pieceCountMax = 3000
        var pieceCount = 0
        var isStopped = false

        func begin(on turn: NextTurn) { turn.perform { [self] in goOn(on: turn) } }

        private func goOn(on turn: NextTurn) {
            guard !isStopped, pieceCount < Self.pieceCountMax else { return }
            pieceCount += 1
            usleep(1000)
            turn.perform { [self] in goOn(on: turn) }
        }
    }

    @Test func clientsAreAnsweredWhileTheChainsGoOn() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        let chains = Chains()
        _ = server.onCore { core in
            for _ in 0..<2 { chains.begin(on: core.nextTurn) }
        }
        for _ in 0..<5 { #expect(try client.call(.exists, TestClient.watch("/")).error == 0) }
        let pieceCount = try #require(
            server.onCore { _ in
                chains.isStopped = true
                return chains.pieceCount
            })
        #expect(pieceCount > 0 && pieceCount < Chains.pieceCountMax / 10)
    }
}
