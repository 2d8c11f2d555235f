import Disk
import Glibc
import Simulation
import Testing

/// The simulated disk must show what the kernel shows, as long as nothing crashes.
@Suite struct SimulatedDiskKernelTests {
    private enum Answer: Equatable {
        case bytes([UInt8])
        case names([String])
        case failed(DiskError.Operation, Int32)
    }

    /// Does one random step on a disk; the same random state does the same step on another disk.
    private func step<D: Disk>(on disk: D, in root: String, _ random: inout SeededRandom) -> Answer {
        let path = root + "/" + ["a", "b", "c"][random.below(3)]
        let other = root + "/" + ["a", "b", "c"][random.below(3)]
        let offset = random.below(3000)
        let bytes = [UInt8](repeating: UInt8(random.below(255) + 1), count: random.below(1500))
        let kind = random.below(8)
        do throws(DiskError) {
            switch kind {
            case 0:
                _ = try disk.create(path, access: .buffered)
            case 1:
                try disk.rename(path, to: other)
            case 2:
                try disk.unlink(path)
            case 3:
                try disk.open(path, access: .buffered).truncate(to: offset)
            case 4:
                try disk.open(path, access: .buffered).allocate(byteCount: offset + 1)
            case 5:
                try disk.open(path, access: .buffered).writeDurably(bytes, at: offset, for: .batchSynced)
            default:
                try disk.open(path, access: .buffered).write(bytes, at: offset)
            }
            let names = try disk.names(in: root).sorted()
            guard let first = names.first else { return .names(names) }
            return .bytes(try disk.open(root + "/" + first, access: .read).readAll())
        } catch {
            return .failed(error.operation, error.code)
        }
    }

    @Test func randomStepsHaveTheSameAnswersAsInTheKernel() throws {
        let root = "/tmp/simulated-disk-test-\(getpid())"
        let kernel = KernelDisk(syncMode: .bufferedThenSync)
        let simulated = SimulatedDisk()
        try kernel.makeDirectory(root)
        try simulated.makeDirectory(root)
        var left = SeededRandom(seed: 1)
        var right = left
        for number in 0..<600 {
            let expected = step(on: kernel, in: root, &left)
            let found = step(on: simulated, in: root, &right)
            #expect(found == expected, "step \(number)")
            #expect(try simulated.names(in: root).sorted() == kernel.names(in: root).sorted())
        }
        for name in try kernel.names(in: root) { try kernel.unlink(root + "/" + name) }
        rmdir(root)
    }
}
