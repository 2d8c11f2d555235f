import Identifiers
import Testing

@testable import Replication

@Suite struct BroadcastTests {
    private func zxid(_ value: Int64) -> Zxid { Zxid(rawValue: value) }
    private func server(_ value: Int64) -> ServerID { ServerID(rawValue: value) }

    @Test func oneVoterIsAQuorumByItself() {
        let commits = run(
            [0], from: 40, [.appended(upTo: zxid(45)), .durable(upTo: zxid(43), by: server(0))])
        #expect(commits == [.commit(upTo: zxid(43))])
    }

    @Test func commitsInOrderOnceAQuorumHasSynced() {
        let commits = run(
            [1, 2, 3], from: 40,
            [
                .appended(upTo: zxid(45)),
                .durable(upTo: zxid(45), by: server(2)),
                .durable(upTo: zxid(42), by: server(1)),
                .durable(upTo: zxid(44), by: server(3)),
                .durable(upTo: zxid(45), by: server(1)),
            ])
        #expect(commits == [.commit(upTo: zxid(42)), .commit(upTo: zxid(44)), .commit(upTo: zxid(45))])
    }

    @Test func halfOfAnEvenEnsembleIsNoQuorum() {
        let commits = run(
            [1, 2, 3, 4], from: 0,
            [
                .appended(upTo: zxid(1)), .durable(upTo: zxid(1), by: server(1)),
                .durable(upTo: zxid(1), by: server(2)),
            ])
        #expect(commits == [])
    }

    @Test func aRepeatedOrOlderPositionChangesNothing() {
        let commits = run(
            [0], from: 0,
            [
                .appended(upTo: zxid(2)), .durable(upTo: zxid(2), by: server(0)),
                .durable(upTo: zxid(2), by: server(0)), .durable(upTo: zxid(1), by: server(0)),
            ])
        #expect(commits == [.commit(upTo: zxid(2))])
    }

    @Test func anObserverDoesNotCount() {
        let commits = run(
            [1, 2, 3], from: 0,
            [
                .appended(upTo: zxid(1)), .durable(upTo: zxid(1), by: server(1)),
                .durable(upTo: zxid(1), by: server(9)),
            ])
        #expect(commits == [])
    }

    private func run(
        _ voters: [Int64], from lastCommitted: Int64, _ events: [Broadcast.Event]
    ) -> [Broadcast.Effect] {
        var broadcast = Broadcast(voters: voters.map(server), lastCommitted: zxid(lastCommitted))
        var effects: [Broadcast.Effect] = []
        for event in events { broadcast.step(event, into: &effects) }
        return effects
    }
}
