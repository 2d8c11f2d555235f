import Disk
import Identifiers
import Simulation
import Testing

@testable import Metadata

/// One fault never makes a server forget a promise; two are called damage, and nothing is guessed.
@Suite struct SlotDamageTests {
    /// Generations 4 (slots 0 and 1) and 5 (slots 2 and 3); the incarnation says which was read.
    private func twoGenerations() throws -> SlotFile {
        let file = try SlotFile()
        let slots = try file.open()
        for generation in UInt64(1)...5 { try slots.commit { $0.incarnation = generation } }
        return file
    }

    @Test(arguments: 0..<4) func oneDamagedCopyCostsNothing(slot: Int) throws {
        let file = try twoGenerations()
        file.damage(slot)
        let slots = try file.open()
        #expect(slots.metadata.incarnation == 5)
        #expect(slots.repairedSlots == [slot])
    }

    /// Whether a server may start is not known before the log was read.
    @Test(arguments: 0..<4) func openingChangesNothing(slot: Int) throws {
        let file = try twoGenerations()
        file.damage(slot)
        let before = file.disk.contents(of: SlotFile.path)
        #expect(try file.open().repairedSlots == [slot])
        #expect(file.disk.contents(of: SlotFile.path) == before)
    }

    /// A commit begins with one copy of the older generation, and a crash may tear it.
    @Test(arguments: 0..<4) func theFirstCommitMendsBeforeItOverwrites(slot: Int) throws {
        let file = try twoGenerations()
        let whole = file.contents
        file.damage(slot)
        // The writes of the commit itself fail: what was mended before them stands.
        file.disk.setFaults([.fail(.write, nth: 2, pathSuffix: "meta", goesOn: true)])
        let slots = try file.open()
        #expect(throws: MetadataError.self) { try slots.commit { $0.incarnation = 6 } }
        #expect(file.contents == whole)
        file.disk.setFaults([])
        file.damage(slot ^ 1)
        #expect(try file.read().incarnation == 5)
        try file.open().commit { $0.incarnation = 6 }
        #expect(file.contents[0] == file.contents[1])
        #expect(file.contents[2] == file.contents[3])
        #expect(try file.open().repairedSlots == [])
    }

    @Test func mendingIsDoneOnce() throws {
        let file = try twoGenerations()
        file.damage(3)
        let slots = try file.open()
        try slots.commit { $0.incarnation = 6 }
        let writeCount = file.disk.counts.count(of: .write)
        try slots.commit { $0.incarnation = 7 }
        #expect(file.disk.counts.count(of: .write) == writeCount + 2)
    }

    @Test func aToolIsToldWhichCopyIsDamaged() throws {
        let file = try twoGenerations()
        func damaged() throws -> [Int] {
            try SlotFile.Slots.inspect(in: SlotFile.directory, on: file.disk).damagedSlots
        }
        #expect(try damaged() == [])
        file.damage(3)
        #expect(try damaged() == [3])
        file.overwrite(0, with: [UInt8](repeating: 0, count: SlotCoding.slotByteCount))
        #expect(try damaged() == [0, 3])
    }

    /// So the file looks between the two writes of a commit, and after a crash there.
    @Test func aToolDoesNotCallAnOlderCopyDamaged() throws {
        let file = try twoGenerations()
        file.overwrite(0, with: SlotCoding.encode(.full, generation: 6, slot: 0))
        #expect(try SlotFile.Slots.inspect(in: SlotFile.directory, on: file.disk).damagedSlots == [])
        let new = try SlotFile()
        new.overwrite(2, with: SlotCoding.encode(.full, generation: 1, slot: 2))
        #expect(try SlotFile.Slots.inspect(in: SlotFile.directory, on: new.disk).damagedSlots == [])
    }

    @Test func anUnwrittenPairIsLeftUnwritten() throws {
        let file = try SlotFile()
        file.damage(1)
        #expect(try file.open().repairedSlots == [1])
        #expect(file.contents[2] == .blank)
        #expect(file.contents[3] == .blank)
    }

    @Test(arguments: 0..<4) func oneUnreadableCopyCostsNothing(slot: Int) throws {
        let file = try twoGenerations()
        let start = slot * SlotFile.Slots.slotStride
        file.disk.apply(.makeUnreadable(path: SlotFile.path, range: start..<start + 512))
        #expect(try file.open().metadata.incarnation == 5)
    }

    @Test func aMendedCopyIsWhole() throws {
        let file = try twoGenerations()
        file.damage(3)
        let slots = try file.open()
        #expect(slots.repairedSlots == [3])
        try slots.commit { $0.incarnation = 6 }
        #expect(file.contents[3] == file.contents[2])
        #expect(try file.open().repairedSlots == [])
        for slot in 0..<2 { file.damage(slot + 1) }
        #expect(try file.read().incarnation == 6)
    }

    @Test func aTornFirstCopyLeavesTheGenerationBefore() throws {
        for seed in UInt64(0)..<32 {
            let file = try twoGenerations()
            file.disk.setFaults([.fail(.write, nth: 1, pathSuffix: "meta", .partly(seed: seed))])
            let slots = try file.open()
            #expect(throws: MetadataError.self) { try slots.commit { $0 = .full } }
            let after = try SlotFile.Slots(opening: SlotFile.directory, on: file.disk.processCrash())
            // A slot's last units are its padding and checksum: written all or not, it is old or new.
            #expect(after.metadata.incarnation == 5 || after.metadata == .full)
        }
        let file = try twoGenerations()
        file.overwrite(0, with: Array(SlotCoding.encode(.full, generation: 6, slot: 0).prefix(512)))
        #expect(try file.open().metadata.incarnation == 5)
    }

    @Test func aTornSecondCopyGivesTheNewGenerationAndIsMended() throws {
        let file = try twoGenerations()
        var newer = StoreMetadata.full
        newer.incarnation = 6
        file.overwrite(0, with: SlotCoding.encode(newer, generation: 6, slot: 0))
        file.overwrite(1, with: Array(SlotCoding.encode(newer, generation: 6, slot: 1).prefix(512)))
        let slots = try file.open()
        #expect(slots.metadata == newer)
        #expect(slots.repairedSlots == [1])
        try slots.commit { $0.incarnation += 1 }
        #expect(file.contents[1] == .generation(6, newer))
    }

    @Test func anOlderSecondCopyIsMended() throws {
        let file = try twoGenerations()
        file.overwrite(0, with: SlotCoding.encode(.full, generation: 6, slot: 0))
        let slots = try file.open()
        #expect(slots.metadata == .full)
        #expect(slots.repairedSlots == [1])
    }

    @Test(arguments: [0, 2]) func bothCopiesBadIsDamageWhicheverGenerationTheyWere(first: Int) throws {
        let file = try twoGenerations()
        file.damage(first)
        file.damage(first + 1)
        #expect(throws: MetadataError.damaged(path: SlotFile.path)) { try file.open() }
        #expect(throws: MetadataError.damaged(path: SlotFile.path)) { try file.read() }
    }

    @Test func anEmptyOrShortFileIsDamage() throws {
        let file = try twoGenerations()
        for byteCount in [0, 100, 4096 - 1] {
            try file.disk.open(SlotFile.path, access: .buffered).truncate(to: byteCount)
            #expect(throws: MetadataError.damaged(path: SlotFile.path)) { try file.read() }
        }
    }

    @Test func zeroesAreDamage() throws {
        let file = try twoGenerations()
        file.disk.apply(.zero(path: SlotFile.path, range: 0..<SlotFile.Slots.fileByteCount))
        #expect(throws: MetadataError.damaged(path: SlotFile.path)) { try file.read() }
    }

    /// No store counts so far, so only a forger makes such slots: what is counted on from there would
    /// not be believed any more.
    @Test func aCommitNeverWritesWhatNoReaderBelieves() throws {
        let file = try twoGenerations()
        var forged = StoreMetadata(storeID: SlotFile.storeID)
        forged.incarnation = LogPosition.numberMax
        for slot in 0..<2 { file.overwrite(slot, with: SlotCoding.encode(forged, generation: 6, slot: slot)) }
        let slots = try file.open()
        let before = file.contents
        #expect(throws: MetadataError.numbersUsedUp(path: SlotFile.path)) {
            try slots.commit { $0.incarnation += 1 }
        }
        #expect(file.contents == before)
        #expect(slots.metadata == forged)
    }

    /// The next epoch, and the zxids in it, would be beyond what 32 and 64 bits hold.
    @Test func anEpochThatNobodyCountsToIsNotBelieved() throws {
        for forge in [
            { (metadata: inout StoreMetadata) in metadata.currentEpoch = Epoch(rawValue: .max) },
            { $0.acceptedEpoch = Epoch(rawValue: .max) },
            { $0.watermark.lastZxid = Zxid(rawValue: .max) },
            { $0.watermark.lastZxid = Zxid(rawValue: -1) },
        ] {
            let file = try twoGenerations()
            var forged = StoreMetadata(storeID: SlotFile.storeID)
            forge(&forged)
            for slot in 0..<2 {
                file.overwrite(slot, with: SlotCoding.encode(forged, generation: 6, slot: slot))
            }
            #expect(throws: MetadataError.damaged(path: SlotFile.path)) { try file.read() }
        }
    }

    @Test func aCopyInAnotherSlotDoesNotCount() throws {
        let file = try twoGenerations()
        let newer = SlotCoding.encode(.full, generation: 6, slot: 0)
        file.overwrite(1, with: newer)
        #expect(file.contents[1] == .damaged)
        #expect(try file.open().metadata.incarnation == 5)
        file.overwrite(0, with: newer)
        #expect(try file.open().metadata == .full)
    }

    @Test func aNewerVersionIsRefusedAndItsBitsNamed() throws {
        for (offset, change, features) in [(8, 2, 0), (12, 4, 4), (19, 0x80, 1 << 63)]
            as [(Int, UInt8, UInt64)]
        {
            let file = try twoGenerations()
            var bytes = file.bytes(of: 0)
            bytes[offset] = change
            file.overwrite(0, with: bytes.sealed(for: 0))
            let expected = MetadataError.incompatible(path: SlotFile.path, features: features)
            #expect(throws: expected) { try file.open() }
            #expect(throws: expected) { try file.read() }
        }
    }

    /// A version that knows of no installation must not take the slot for one without.
    @Test func anInstallationIsAFeatureAndNothingElseIs() throws {
        let file = try twoGenerations()
        #expect(file.bytes(of: 2)[12] == 0)
        try file.open().commit { metadata in
            metadata.installation = InstallationIntent(
                startZxid: Zxid(rawValue: 0x5_0000_0011), generation: 9)
        }
        #expect(file.bytes(of: 0)[12] == 1)
        #expect(try file.read().installation?.generation == 9)
        try file.open().commit { $0.installation = nil }
        #expect(file.bytes(of: 2)[12] == 0)
        let whole = file.bytes(of: 0)
        for (offset, change) in [(12, 0), (121, 1), (121, 0)] as [(Int, UInt8)] {
            var bytes = whole
            bytes[offset] = change
            file.overwrite(0, with: bytes.sealed(for: 0))
            #expect(file.contents[0] == .damaged)
        }
    }

    @Test func fieldsThatNoWriterWritesAreDamage() throws {
        let file = try twoGenerations()
        let bytes = file.bytes(of: 0)
        // Flags that are neither 0 nor 1, more snapshots than a slot holds, bytes behind the fields.
        let flags = 8 + 4 + 8 + 8 + 16 + 8 + 8 + 4 + 4 + 8 + 8 + LogPosition.encodedByteCount
        for (offset, value) in [(flags, 2), (flags + 1, 2), (flags + 2, 9), (flags + 3, 1), (4091, 1)] {
            var changed = bytes
            changed[offset] = UInt8(value)
            file.overwrite(0, with: changed.sealed(for: 0))
            #expect(file.contents[0] == .damaged, "byte \(offset)")
        }
    }

    @Test func everyFlippedBitOfASlotIsFound() throws {
        let file = try twoGenerations()
        for slot in 0..<SlotFile.Slots.slotCount {
            var bytes = file.bytes(of: slot)
            for offset in bytes.indices {
                for bit in 0..<8 {
                    bytes[offset] ^= 1 << bit
                    let contents = SlotCoding.decode(bytes.span.bytes, slot: slot)
                    bytes[offset] ^= 1 << bit
                    guard contents == .damaged else {
                        Issue.record("bit \(bit) of byte \(offset) in slot \(slot): \(contents)")
                        return
                    }
                }
            }
        }
    }

    /// With the test before, this covers every bit of the file: between the slots nothing is read.
    @Test func bytesBetweenTheSlotsMeanNothing() throws {
        let file = try twoGenerations()
        let noise = (0..<SlotFile.Slots.slotStride - SlotCoding.slotByteCount).map {
            UInt8(truncatingIfNeeded: $0)
        }
        for slot in 0..<SlotFile.Slots.slotCount {
            file.overwrite(slot, with: noise, at: SlotCoding.slotByteCount)
        }
        #expect(try file.read().incarnation == 5)
        #expect(try file.open().repairedSlots == [])
    }
}
