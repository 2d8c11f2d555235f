import Disk
import Identifiers
import Metadata
import Simulation
import Storage
import TransactionLog

extension LogScript {
    /// Stores that are made, stopped, opened again, and opened after crashes.
    static let opening: [LogScript] = [
        LogScript("make a new store") { run in try run.open() },
        LogScript("stop an empty store cleanly") { run in
            try run.open()
            try run.close()
        },
        LogScript("stop cleanly") { run in
            try run.open()
            try run.append(4801)
            try run.close()
        },
        LogScript("open after a clean stop") { run in
            try run.open()
            try run.append(40)
            try run.close()
            try run.open()
            try run.append(4801)
        },
        LogScript("stop cleanly with no room for a mark") { run in
            try run.open()
            for _ in 0..<4 { try run.append(40) }
            try run.close()
            try run.open()
            try run.append(40)
        },
        LogScript("stop cleanly three times") { run in
            for _ in 0..<3 {
                try run.open()
                try run.append(40)
                try run.close()
            }
        },
        LogScript("open again without a stop") { run in
            for _ in 0..<3 {
                try run.open()
                try run.append(40)
            }
        },
        LogScript("open after the process crashed in a batch") { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([.lieAboutSync(.write, nth: 1, for: .batchSynced)])
            try run.submit(600)
            run.crashProcess()
            try run.open()
            try run.append(40)
        },
        LogScript("open after the power went in a batch") { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([.lieAboutSync(.write, nth: 1, for: .batchSynced)])
            try run.submit(2001)
            try run.cutPower(choosing: 5)
            try run.open()
            try run.append(4801)
        },
        LogScript("open after the power went with nothing of a batch written") { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([.lieAboutSync(.write, nth: 1, for: .batchSynced)])
            try run.submit(2001)
            try run.cutPower(choosing: 0)
            try run.open()
            try run.append(900)
        },
        LogScript("open twice after crashes, and give back the cut segment's space") { run in
            for _ in 0..<2 {
                try run.open()
                run.disk.setFaults([.lieAboutSync(.write, nth: 1, for: .batchSynced)])
                try run.submit(2001)
                try run.cutPower(choosing: 5)
            }
            try run.open()
            try run.prepare()
            try run.append(40)
        },
        LogScript("a second opener is refused and does no harm") { run in
            try run.open()
            try run.append(40)
            do {
                _ = try OpenStore(on: run.disk, seed: 99)
                throw Broken("two owners")
            } catch StorageError.locked {}
            try run.append(4801)
        },
        LogScript("change the slots again and again") { run in
            try run.open()
            for id in 1...4 { try run.log().slots.commit { $0.serverID = ServerID(rawValue: Int64(id)) } }
            try run.append(40)
        },
        LogScript("mend a copy of the slots in either pair") { run in
            try run.open()
            try run.accept(epoch: 2)
            try run.append(40)
            for copy in [1, 0] {
                for slot in [copy, copy + 2] {
                    run.disk.apply(.flipBit(path: "data/log/meta", offset: slot * 64 * 1024 + 60, bit: 2))
                }
                run.disk.mark(Marker(.recovered, run.expected.lastZxid))
                try run.open()
            }
            try run.append(40)
        },
        LogScript("mend a copy of each header, and lose the other") { run in
            try run.open()
            try run.append(40)
            for copy in [1, 0] {
                for segment in run.disk.paths where segment.contains("/seg-") {
                    run.disk.apply(.flipBit(path: segment, offset: copy * 4096 + 20, bit: 1))
                }
                try run.open()
            }
            try run.append(40)
        },
        LogScript("lose the segment of a start") { run in
            try run.open()
            try run.append(40)
            try run.loseNewestSegment()
        },
        LogScript("lose the segment of a roll") { run in
            try run.open()
            try run.roll()
            try run.append(40)
            try run.loseNewestSegment()
        },
        LogScript("make slots and promise an epoch before any log is there") { run in
            try run.disk.makeDirectory("data/log")
            try MetadataSlots.create(in: "data/log", metadata: StoreMetadata(storeID: 5), on: run.disk)
            let slots = try MetadataSlots(opening: "data/log", on: run.disk)
            run.disk.mark(Marker(.acceptingEpoch, 3))
            try slots.commit { $0.acceptedEpoch = Epoch(rawValue: 3) }
            run.disk.mark(Marker(.acceptedEpoch, 3))
        },
        LogScript("enter a new epoch") { run in
            try run.open()
            try run.append(40)
            try run.accept(epoch: 2)
            try run.append(500)
            try run.enter(epoch: 2)
            try run.append(40)
        },
        LogScript("enter epochs and open in between") { run in
            try run.open()
            try run.accept(epoch: 3)
            try run.enter(epoch: 3)
            try run.append(40)
            try run.open()
            try run.accept(epoch: 4)
            try run.roll()
            try run.enter(epoch: 4)
            try run.append(40)
        },
    ]

    /// Forgetting what an ensemble did not keep.
    static let truncating: [LogScript] = [
        LogScript("truncate at the end of a batch") { run in
            try run.open()
            for _ in 0..<3 { try run.append(40) }
            try run.truncate(toRecord: 2)
            try run.open()
        },
        LogScript("truncate inside a batch") { run in
            try run.open()
            try run.append(40, 500, 40, 40)
            try run.truncate(toRecord: 2)
            try run.open()
        },
        LogScript("truncate inside a batch that others follow") { run in
            try run.open()
            try run.append(40)
            try run.append(40, 40, 900)
            try run.append(40)
            try run.truncate(toRecord: 3)
            try run.open()
            try run.append(600)
        },
        LogScript("truncate across segments") { run in
            try run.open()
            for _ in 0..<3 { try run.roll() }
            try run.truncate(toRecord: 3)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate at the border of two segments") { run in
            try run.open()
            for _ in 0..<2 { try run.roll() }
            try run.truncate(toRecord: 4)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate before the first record") { run in
            try run.open()
            try run.append(40)
            try run.roll()
            try run.truncate(toRecord: 0)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate, then append other records of the same zxids") { run in
            try run.open()
            for _ in 0..<3 { try run.append(300) }
            try run.truncate(toRecord: 1)
            try run.open()
            for _ in 0..<3 { try run.append(300) }
        },
        LogScript("truncate at the end, which changes nothing") { run in
            try run.open()
            for _ in 0..<2 { try run.append(40) }
            try run.truncate(toRecord: 2)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate after a clean stop") { run in
            try run.open()
            for _ in 0..<3 { try run.append(40) }
            try run.close()
            try run.truncate(toRecord: 1)
            try run.open()
            try run.close()
        },
        LogScript("truncate, and again further down before anybody opened") { run in
            try run.open()
            for _ in 0..<4 { try run.append(40, 40) }
            try run.truncate(toRecord: 5)
            try run.truncate(toRecord: 2)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate, append, and truncate again") { run in
            try run.open()
            try run.append(40, 40, 40)
            try run.truncate(toRecord: 2)
            try run.open()
            try run.append(40, 40)
            try run.truncate(toRecord: 3)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate what a crashed process left in the page cache") { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([.lieAboutSync(.write, nth: 1, for: .batchSynced)])
            try run.submit(40, 500, 40)
            run.crashProcess()
            try run.truncate(toRecord: 2)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate behind a torn batch") { run in
            try run.open()
            for _ in 0..<2 { try run.append(40) }
            run.disk.setFaults([.lieAboutSync(.write, nth: 1, for: .batchSynced)])
            try run.submit(2001)
            try run.cutPower(choosing: 5)
            try run.truncate(toRecord: 1)
            try run.open()
            try run.append(40)
        },
    ]
}
