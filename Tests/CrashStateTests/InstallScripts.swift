import Disk
import Identifiers
import Simulation
import Snapshots
import Storage
import TransactionLog

/// A snapshot outside of any store, as a backup is.
struct Backup {
    var bytes: [UInt8]
    var records: [ScriptRecord]

    /// Of a store of its own, with its last records in the tail.
    static func foreign(epoch: Int32, _ byteCounts: [Int], tail: Int = 0) throws -> Backup {
        let disk = SimulatedDisk()
        let store = try OpenStore(on: disk, seed: 7777)
        let records = byteCounts.enumerated().map { place, byteCount in
            ScriptRecord(
                zxid: Zxid(epoch: Epoch(rawValue: epoch), counter: UInt32(place + 1)), byteCount: byteCount,
                generation: 60)
        }
        let written = try ScriptSnapshot.write(
            records.dropLast(tail), tail: records.suffix(tail), of: store.storage)
        guard let bytes = disk.contents(of: written.path) else { throw Broken("no snapshot") }
        return Backup(bytes: bytes, records: records)
    }
}

extension ScriptRun {
    /// Copies the newest snapshot, which holds everything that is acknowledged.
    func backUp() throws -> Backup {
        guard let newest = disk.paths.last(where: { $0.contains("/snap-") }),
            let bytes = disk.contents(of: newest)
        else { throw Broken("there is no snapshot") }
        return Backup(bytes: bytes, records: Array(expected.acknowledged))
    }

    /// Ends the process; the next one receives the snapshot and installs it.
    func install(_ backup: Backup, beginsEpoch: Bool = false) throws {
        endProcess()
        let path = SnapshotDirectory(on: disk, path: "data/snap").pathOfReceived(1)
        let configuration = OpenStore.configuration(seed: seed)
        try disk.makeDirectory("data/snap")
        let file = try disk.create(path, access: .buffered)
        try backup.bytes.withUnsafeBytes { try file.write($0, at: 0) }
        let snapshot = try ReceivedSnapshot(checking: path, on: disk) { reader in
            _ = try ScriptSnapshot.records(in: reader)
        }
        announce(backup, beginsEpoch: beginsEpoch)
        try Storage.install(snapshot, in: configuration, beginsEpoch: beginsEpoch, on: disk)
        conclude()
    }

    private func announce(_ backup: Backup, beginsEpoch: Bool) {
        for record in backup.records { disk.mark(.received(record)) }
        disk.mark(Marker(.installing))
        for path in disk.paths {
            guard let name = path.split(separator: "/").last,
                case .live(let sequence, _)? = SegmentName(String(name))
            else { continue }
            disk.mark(Marker(.replaced, Int(sequence)))
        }
        let end = backup.records.last?.zxid.epoch.rawValue ?? 0
        let before = expected
        let highest = max(before.acceptedEpoch.upperBound, before.currentEpoch.upperBound, end)
        let accepted = beginsEpoch ? highest + 1 : max(before.acceptedEpoch.upperBound, end)
        let current = beginsEpoch ? highest + 1 : max(before.currentEpoch.upperBound, end)
        disk.mark(Marker(.acceptingEpoch, Int(accepted)))
        disk.mark(Marker(.enteringEpoch, Int(current)))
        epoch = beginsEpoch ? current : max(end, 1)
    }

    private func conclude() {
        let expected = expected
        disk.mark(Marker(.installed))
        disk.mark(Marker(.acceptedEpoch, Int(expected.acceptedEpoch.upperBound)))
        disk.mark(Marker(.enteredEpoch, Int(expected.currentEpoch.upperBound)))
    }
}

extension LogScript {
    /// A received snapshot takes the place of everything.
    static let installing: [LogScript] = [
        LogScript("install into an empty store") { run in
            try run.open()
            try run.install(.foreign(epoch: 1, [40, 300]))
            try run.open()
            try run.append(40)
        },
        LogScript("install where no store was") { run in
            try run.install(.foreign(epoch: 1, [40, 300]))
            try run.open()
            try run.append(40)
        },
        LogScript("install a later state of another store") { run in
            try run.open()
            for _ in 0..<2 { try run.append(40) }
            try run.install(.foreign(epoch: 3, [40, 40, 600, 40], tail: 2))
            try run.open()
            try run.append(40)
            try run.snapshot()
        },
        LogScript("install an earlier state of this store") { run in
            try run.open()
            try run.append(40)
            try run.snapshot()
            let backup = try run.backUp()
            for _ in 0..<2 { try run.append(300) }
            try run.snapshot()
            try run.append(40)
            try run.install(backup)
            try run.open()
            for _ in 0..<2 { try run.append(300) }
        },
        LogScript("install an earlier state, in an epoch of its own") { run in
            try run.open()
            try run.append(40)
            try run.snapshot(tail: 1)
            let backup = try run.backUp()
            for _ in 0..<2 { try run.append(40) }
            try run.snapshot()
            try run.install(backup, beginsEpoch: true)
            try run.open()
            try run.append(40)
            try run.close()
            try run.open()
        },
        LogScript("install the state that is there") { run in
            try run.open()
            try run.append(40)
            try run.snapshot()
            let backup = try run.backUp()
            try run.close()
            try run.install(backup, beginsEpoch: true)
            try run.open()
            try run.append(40)
        },
        LogScript("install over several segments") { run in
            try run.open()
            for _ in 0..<2 { try run.roll() }
            try run.snapshot()
            try run.install(.foreign(epoch: 1, [40]))
            try run.open()
            try run.roll()
        },
        LogScript("install twice before anybody opened") { run in
            try run.open()
            try run.append(40)
            try run.snapshot()
            try run.install(.foreign(epoch: 2, [40, 40]))
            try run.install(.foreign(epoch: 1, [300]), beginsEpoch: true)
            try run.open()
            try run.append(40)
        },
        LogScript("install, append, and install again") { run in
            try run.open()
            try run.append(40)
            try run.install(.foreign(epoch: 2, [40, 40]))
            try run.open()
            try run.append(40)
            try run.install(.foreign(epoch: 1, [300]))
            try run.open()
            try run.append(40)
        },
        LogScript("install after a truncation, finished or not") { run in
            try run.open()
            for _ in 0..<3 { try run.append(40) }
            try run.snapshot()
            try run.truncate(toRecord: 2)
            try run.open()
            try run.append(40)
            try run.truncate(toRecord: 1)
            try run.install(.foreign(epoch: 1, [40, 40, 40, 40]))
            try run.open()
            try run.append(40)
        },
        LogScript("install, then truncate") { run in
            try run.open()
            try run.append(40)
            try run.install(.foreign(epoch: 2, [40, 40]))
            try run.open()
            for _ in 0..<2 { try run.append(40) }
            try run.truncate(toRecord: 3)
            try run.open()
            try run.append(40)
        },
        LogScript("install, then purge what was set aside") { run in
            try run.open()
            try run.roll()
            try run.snapshot()
            try run.install(.foreign(epoch: 2, [40, 40]))
            try run.open()
            for _ in 0..<3 {
                try run.roll()
                try run.snapshot()
            }
            try run.append(40)
        },
        LogScript("install over a torn batch") { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([.lieAboutSync(.write, nth: 1, for: .batchSynced)])
            try run.submit(2001)
            try run.cutPower(choosing: 5)
            try run.install(.foreign(epoch: 1, [40, 40]), beginsEpoch: true)
            try run.open()
            try run.append(40)
        },
        LogScript("install an empty state") { run in
            try run.open()
            try run.append(40)
            try run.install(.foreign(epoch: 1, []), beginsEpoch: true)
            try run.open()
            try run.append(40)
        },
    ]
}
