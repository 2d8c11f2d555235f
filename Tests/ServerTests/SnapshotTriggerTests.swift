import Testing

@testable import Server

@Suite struct SnapshotTriggerTests {
    @Test(arguments: [0, 1, 49, 50, 51, 12_345, UInt64.max])
    func aSnapshotIsDueBetweenHalfOfTheRecordsAndAllOfThem(random: UInt64) {
        var trigger = SnapshotTrigger(recordCountMax: 100, byteCountMax: 1 << 30, random: random)
        trigger.note(recordCount: 50, byteCount: 0)
        #expect(!trigger.isDue)
        trigger.note(recordCount: 51, byteCount: 0)
        #expect(trigger.isDue)
    }

    @Test func bytesAloneMakeASnapshotDue() {
        var trigger = SnapshotTrigger(recordCountMax: 1000, byteCountMax: 1000, random: 7)
        trigger.note(recordCount: 1, byteCount: 1001)
        #expect(trigger.isDue)
        trigger.reset(random: 8)
        #expect(!trigger.isDue)
    }
}
