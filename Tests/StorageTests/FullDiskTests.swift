import Disk
import Simulation
import Storage
import Testing
import TransactionLog

/// Starts on a disk that has no room.
@Suite struct FullDiskTests {
    private let disk = SimulatedDisk()
    private var store: Store<SimulatedDisk> {
        var store = Store(on: disk)
        store.configuration.log.segmentByteCount = 1024 * 1024
        return store
    }

    private var usedByteCount: Int { disk.paths.reduce(0) { $0 + (disk.contents(of: $1)?.count ?? 0) } }

    /// Each needs a segment, and gets the space behind the last one back only when its own stands.
    @Test func aStoreOpensOnAFullDiskAgainAndAgain() throws {
        try store.visit { storage throws in
            try storage.append(1...10)
            _ = try storage.log.supply.prepare()
        }
        // Of the two prepared segments one is used up, as under a server that refuses growing writes.
        try disk.unlink(try #require(disk.paths.first { $0.contains("/prep-") }))
        disk.byteCountLimit = usedByteCount
        for turn in Int64(1)...8 {
            try store.visit { (storage) throws in
                #expect(try storage.replay() == Array(1...turn * 10))
                try storage.append(turn * 10 + 1...turn * 10 + 10)
                _ = try storage.log.supply.prepare()
            }
        }
        disk.byteCountLimit = nil
        #expect(try store.visit { try $0.log.supply.prepare() })
    }

    @Test func aShortSegmentIsFollowedByAWholeOneWhenThereIsSpace() throws {
        try store.visit { try $0.append(1...3) }
        disk.byteCountLimit = usedByteCount + 100 * 1024
        try store.visit { storage throws in
            #expect(storage.log.remainingByteCount < 100 * 1024)
            #expect(throws: LogError.noSpace) { try storage.append(4...4, byteCount: 200_000) }
            try storage.append(4...4)
            disk.byteCountLimit = nil
            try storage.append(5...5, byteCount: 200_000)
            #expect(storage.log.remainingByteCount > 700 * 1024)
        }
        #expect(try store.visit { try $0.replay() } == Array(1...5))
    }

    /// Its bytes were never acknowledged: that there is no room to keep them aside costs nothing.
    @Test func aTornTailIsCutThoughThereIsNoRoomForItsBytes() throws {
        try store.visit { storage throws in
            try storage.append(1...3)
            _ = try storage.log.supply.prepare()
        }
        let segment = try #require(disk.paths.first { $0.contains("/log/seg-") })
        disk.apply(.overwrite(path: segment, offset: 8192 + 3 * 4096, bytes: Array("torn".utf8)))
        disk.setFaults([.fail(.create, nth: 1, code: Errno.noSpace)])
        try store.visit { storage throws in
            guard case .torn = storage.report.log.recovery.verdict else {
                Issue.record("\(storage.report.log.recovery.verdict)")
                return
            }
            #expect(storage.report.log.cutBytesPath == nil)
            #expect(try storage.replay() == Array(1...3))
        }
    }

    @Test func aDiskWithoutAnyRoomIsNamedAsSuch() throws {
        try store.visit { try $0.append(1...3) }
        disk.byteCountLimit = usedByteCount
        let error = #expect(throws: StorageError.self) { try store.open() }
        #expect(error?.description.contains("the disk is full") == true)
        disk.byteCountLimit = nil
        #expect(try store.visit { try $0.replay() } == Array(1...3))
    }
}
