import DataTree
import Jute
import Testing

/// Looking ahead is for the processor's cache only.
@Suite struct LookingAheadTests {
    @Test func whatWasExpectedIsAnsweredAsIfItWasNot() throws {
        let expecting = TreeFixture(hashSeed: 1)
        let plain = TreeFixture(hashSeed: 2)
        for index in 0..<500 {
            // Every third node is there already, every fifth has no parent.
            let path = index % 5 == 0 ? "/none/\(index)" : "/n\(index % 3 == 0 ? index / 2 : index)"
            let body = Body.create(path, [UInt8](repeating: UInt8(index & 0xff), count: index * 3))
            expecting.tree.expect(.create, body.span.bytes)
            if index % 7 == 0 { expecting.tree.fetchExpected() }
            let outcome = try expecting.submit(.create, body)
            let record = expecting.records[index]
            expecting.tree.expect(record: record.span.bytes)
            let other = try plain.submit(.create, body)
            #expect(outcome.error == other.error && outcome.reply == other.reply)
        }
        #expect(expecting.tree.digest == plain.tree.digest)
        #expect(expecting.records == plain.records)
    }

    @Test func theItemsOfAMultiAreAnsweredAsIfTheyWereNotExpected() throws {
        let expecting = TreeFixture(hashSeed: 1)
        let plain = TreeFixture(hashSeed: 2)
        for index in 0..<200 {
            // The second item of every seventh is refused.
            let second = index % 7 == 0 ? "/none/\(index)" : "/s\(index)"
            let body = Body.multi([
                (.create, Body.create("/f\(index)", [1])), (.create, Body.create(second, [])),
                (.setData, Body.setData("/f\(index)", [UInt8(index)])),
                (.delete, Body.pathNumber("/s\(index)")),
            ])
            expecting.tree.expect(.multi, body.span.bytes)
            expecting.tree.fetchExpected()
            let outcome = try expecting.submit(.multi, body)
            let record = expecting.records[index]
            expecting.tree.expect(record: record.span.bytes)
            expecting.tree.fetchExpected()
            let other = try plain.submit(.multi, body)
            #expect(outcome.error == other.error && outcome.reply == other.reply)
        }
        #expect(expecting.tree.digest == plain.tree.digest)
        #expect(expecting.records == plain.records)
    }

    @Test func whatIsNoPathIsPassedOver() {
        let fixture = TreeFixture()
        let digest = fixture.tree.digest
        for body: [UInt8] in [
            [], [0], [0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff, 1], [0, 0, 0, 0],
        ] {
            for operation in OperationCode.allCases { fixture.tree.expect(operation, body.span.bytes) }
            fixture.tree.expect(record: body.span.bytes)
        }
        fixture.tree.fetchExpected()
        #expect(fixture.tree.digest == digest)
    }
}
