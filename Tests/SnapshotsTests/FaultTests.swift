import Compression
import Disk
import Identifiers
import Simulation
import Testing

@testable import Snapshots

/// The first disk call fails, then the second, then the third, until a run passes untouched.
@Suite struct FaultTests {
    private let directory = "/data/snap"

    private func disk(faults: [FaultRule] = [], byteCountLimit: Int? = nil) throws -> SimulatedDisk {
        let disk = SimulatedDisk(byteCountLimit: byteCountLimit)
        try disk.makeDirectory(directory)
        disk.setFaults(faults)
        return disk
    }

    @Test(arguments: [Errno.noSpace, Errno.inputOutput])
    func aFailureAtAnyCallLeavesNoFile(code: Int32) throws {
        let sample = Sample(seed: 1, pieceCount: 12, pieceByteCountMax: 200_000)
        var nth = 1
        while true {
            let disk = try disk(faults: [.fail(nth: nth, code: code)])
            do throws(SnapshotWriteError) {
                try sample.write(on: disk, in: directory)
                #expect(disk.faultHits == [0])
                break
            } catch {
                #expect(error.isDiskFull == (code == Errno.noSpace))
                #expect(disk.paths == [], "call \(nth) failed")
            }
            nth += 1
        }
        // Space, create, header, some blocks, index, footer, trailer, sync, rename, directory sync.
        #expect(nth > 12)
    }

    @Test func aDiskThatFailsForGoodLeavesNothingUnderALiveNameButAWholeSnapshot() throws {
        let sample = Sample(seed: 1, pieceCount: 12, pieceByteCountMax: 200_000)
        var isWritten = false
        var nth = 1
        while !isWritten {
            let disk = try disk(faults: [.fail(nth: nth, code: Errno.inputOutput, goesOn: true)])
            do throws(SnapshotWriteError) {
                try sample.write(on: disk, in: directory)
                isWritten = true
            } catch {
                disk.setFaults([])
                for name in try disk.names(in: directory) where name.hasPrefix("snap-") {
                    #expect(try Reading(directory + "/" + name, on: disk).matches(sample))
                }
            }
            nth += 1
        }
    }

    @Test func aFullDiskLeavesNoFileHoweverMuchFits() throws {
        let sample = Sample(seed: 1, pieceCount: 12, pieceByteCountMax: 500)
        let needed = try sample.write(on: try disk(), in: directory).byteCount
        for limit in stride(from: 0, to: needed, by: 64) {
            let disk = try disk(byteCountLimit: limit)
            let error = #expect(throws: SnapshotWriteError.self) {
                try sample.write(on: disk, in: directory)
            }
            #expect(error?.isDiskFull == true)
            #expect(disk.paths == [])
        }
        let disk = try disk(byteCountLimit: needed)
        #expect(try sample.write(on: disk, in: directory).byteCount == needed)
    }

    @Test func aReadThatFailsIsTheDisksErrorAndNotDamage() throws {
        let sample = Sample(seed: 1)
        let disk = try disk()
        let path = try sample.write(on: disk, in: directory).path
        var nth = 1
        while true {
            disk.setFaults([.fail(nth: nth)])
            do throws(SnapshotReadError) {
                let reader = try SnapshotReader(path, on: disk)
                _ = try reader.verify()
                break
            } catch {
                #expect(!error.isDamage, "call \(nth): \(error)")
                #expect(error.path == path)
            }
            nth += 1
        }
        #expect(nth > 10)
    }

    @Test func aLostOrMisplacedWriteIsFoundByVerifyingThoughTheCacheShowsAllWell() throws {
        // So short that nothing is written back before the end; that would count as a write, too.
        let sample = Sample(seed: 1, pieceCount: 12, pieceByteCountMax: 20_000)
        let clean = try disk()
        try sample.write(on: clean, in: directory)
        let writeCount = clean.counts.count(of: .write)
        for nth in 1...writeCount {
            for rule in [FaultRule.loseWrite(nth: nth), .misdirectWrite(nth: nth, movedBy: 512)] {
                let disk = try disk(faults: [rule])
                let path = try sample.write(on: disk, in: directory).path
                disk.setFaults([])
                #expect(throws: SnapshotReadError.self, "\(rule)") {
                    let reader = try SnapshotReader(path, on: disk)
                    _ = try reader.verify()
                }
            }
        }
    }

    @Test func blocksGoToTheDiskWhileTheyAreWrittenAndDirtyPagesStayBounded() throws {
        let disk = try disk()
        let sample = Sample(seed: 1, codec: .none, pieceCount: 160, pieceByteCountMax: 200_000)
        let before = disk.counts.count(of: .write)
        let written = try sample.write(on: disk, in: directory)
        let frames = try SnapshotReader(written.path, on: disk).blockCount + 4
        let calls = disk.counts.count(of: .write) - before
        let begun = written.byteCount >> 18
        let awaited = begun - 2
        #expect(begun > 10)
        // A frame of a full block is a little longer than one step, and written in two.
        #expect((frames + begun + awaited...2 * frames + begun + awaited).contains(calls))
    }
}
