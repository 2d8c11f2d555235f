import Disk
import Foundation
import Identifiers
import Testing
import TransactionLog

/// The same on the kernel's file system.
@Suite struct KernelDiskTests {
    @Test func theLogIsWrittenFollowedTruncatedAndReadAgain() throws {
        let folder = NSTemporaryDirectory() + "/aviary-log-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { print("left: \(folder)") }
        }
        let disk = try KernelDisk(probing: folder)
        let place = LogPlace(disk, path: folder + "/log", ringByteCount: 1)
        let log = try place.make()
        let reader = LogCursor(after: .zero, mode: .durable, tail: log.tail, on: disk)
        var read: [Record] = []
        for number in 1...30 {
            try log.append(number...number)
            if number % 4 == 0 { try log.promise() }
            if number % 3 == 0 { read += try reader.rest() }
        }
        #expect(read == records(1...30))
        try log.close(time: LogPlace<KernelDisk>.time, committed: .zero)
        try place.truncate(lastKept: numbered(17))
        let (again, report) = try place.open()
        #expect(report.recovery.verdict == .clean)
        try again.append(18...20)
        #expect(try place.scan().records == records(1...20))
        #expect(try place.scan().report.verdict == .clean)
    }
}
