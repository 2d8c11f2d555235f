import Disk
import Identifiers
import Metadata
import Simulation
import Snapshots
import TransactionLog

extension LogScript {
    /// Failing calls, and what crashes leave after them.
    static let failing: [LogScript] = [
        poisoned("a batch fails with nothing written", .nothing),
        poisoned("a batch fails and is written all the same", .done),
        poisoned("a batch fails and half of it is written", .partly(seed: 3)),
        poisoned("a batch fails and stays in the page cache", .kept),
        poisoned("a batch fails and the page cache drops it", .dropped),
        LogScript("a promise fails") { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([.fail(.write, nth: 1, for: .promiseSynced, .partly(seed: 1))])
            try run.expectFailure { try run.promise() }
            try run.expectFailure { try run.append(40) }
            try run.restart()
        },
        LogScript("a slot fails while rolling") { run in
            try run.open()
            for _ in 0..<4 { try run.append(40) }
            run.disk.setFaults([.fail(.write, nth: 1, for: .slotSecondCopySynced, .partly(seed: 2))])
            try run.expectFailure { try run.append(40) }
            try run.expectFailure { try run.append(40) }
            try run.restart()
        },
        LogScript("the directory fails while rolling") { run in
            try run.open()
            for _ in 0..<4 { try run.append(40) }
            run.disk.setFaults([.fail(.syncDirectory, nth: 1)])
            try run.expectFailure { try run.append(40) }
            try run.restart()
        },
        LogScript("the watermark fails, the log goes no further") { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([.fail(.write, nth: 1, for: .slotFirstCopySynced)])
            try run.expectFailure { try run.refreshWatermark() }
            try run.restart()
        },
        LogScript("the disk is full at a roll, and has space again") { run in
            try run.open()
            for _ in 0..<4 { try run.append(40) }
            run.disk.byteCountLimit = 0
            try run.expectNoSpace { try run.append(40) }
            run.disk.byteCountLimit = nil
            try run.append(900)
        },
        LogScript("the directory is full at a roll, and has space again") { run in
            try run.open()
            for _ in 0..<4 { try run.append(40) }
            run.disk.setFaults([.fail(.rename, nth: 1, code: Errno.noSpace)])
            try run.expectNoSpace { try run.append(40) }
            try run.promise()
            try run.refreshWatermark()
            try run.append(900)
        },
        LogScript("the directory is full at a roll, and the server stops") { run in
            try run.open()
            for _ in 0..<4 { try run.append(40) }
            run.disk.setFaults([.fail(.rename, nth: 1, code: Errno.noSpace, goesOn: true)])
            for _ in 0..<2 { try run.expectNoSpace { try run.append(40) } }
            try run.close()
            run.disk.setFaults([])
            try run.open()
            try run.append(40)
        },
        LogScript("the disk is full while segments are prepared, and has space again") { run in
            try run.open()
            run.disk.byteCountLimit = 0
            guard try !run.prepare() else { throw Broken("space out of nothing") }
            try run.append(40)
            run.disk.byteCountLimit = nil
            guard try run.prepare() else { throw Broken("no space") }
            try run.roll()
        },
        LogScript("the disk is full when a prepared segment is left") { run in
            try run.open()
            try run.prepare()
            run.disk.byteCountLimit = 0
            try run.roll()
            _ = try run.prepare()
            try run.append(40)
            run.disk.byteCountLimit = nil
        },
        LogScript("the disk is full for a snapshot") { run in
            try run.open()
            try run.append(40)
            run.disk.byteCountLimit = 0
            try run.expectFailure { try run.snapshot() }
            run.disk.byteCountLimit = nil
            try run.snapshot()
            try run.append(40)
        },
        LogScript("a snapshot's sync fails") { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([.fail(.sync, nth: 1, for: .snapshotSynced, .kept)])
            try run.expectFailure { try run.snapshot() }
            try run.append(40)
            try run.snapshot()
        },
        LogScript("a snapshot's directory fails") { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([.fail(.syncDirectory, nth: 1, for: .snapshotNameSynced)])
            try run.expectFailure { try run.snapshot() }
            try run.append(40)
        },
    ]

    /// A batch's write fails; nothing is acknowledged afterwards, and a restart finds what was.
    private static func poisoned(_ name: String, _ outcome: FailureOutcome) -> LogScript {
        LogScript(name) { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([.fail(.write, nth: 1, for: .batchSynced, outcome)])
            try run.expectFailure { try run.append(2501) }
            try run.expectFailure { try run.promise() }
            try run.expectFailure { try run.close() }
            try run.restart()
        }
    }
}

extension ScriptRun {
    /// A step that must not be acknowledged.
    func expectFailure(_ step: () throws -> Void) throws {
        do { try step() } catch is Broken { throw Broken("the script is wrong") } catch { return }
        throw Broken("a failing disk was not noticed")
    }

    /// A step for which there is no space, and which does no harm.
    func expectNoSpace(_ step: () throws -> Void) throws {
        do {
            try step()
        } catch LogError.noSpace {
            return
        }
        throw Broken("a full disk took a segment")
    }

    /// The process ends, and the next one finds a disk that works.
    func restart() throws {
        crashProcess()
        disk.setFaults([])
        try open()
        try append(40)
    }

    /// A truncation that cannot be done must say so and leave the store as it was.
    func refuseTruncation(toRecord number: Int) throws {
        do {
            try truncate(toRecord: number)
        } catch is Broken {
            throw Broken("the script is wrong")
        } catch {
            disk.mark(Marker(.withdrawn))
            return
        }
        throw Broken("a truncation that leaves no start was decided")
    }

    /// The first record of the retained log; all snapshots end behind it.
    func firstUnreachable() throws -> Int {
        let oldest = try log().tail.oldestRetained
        guard let ends = try log().slots.metadata.snapshots.map(\.endZxid).min() else {
            throw Broken("no snapshot")
        }
        let number = expected.records.count { $0.zxid <= oldest } + 1
        guard oldest > .zero, expected.records[number - 1].zxid < ends else {
            throw Broken("a snapshot ends at \(ends), the log begins after \(oldest)")
        }
        return number
    }
}
