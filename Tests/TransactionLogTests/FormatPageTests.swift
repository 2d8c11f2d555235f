import Foundation
import Identifiers
import Metadata
import Simulation
import Synchronization
import Testing
import TransactionLog

/// The example of docs/log-format.md is what the code writes, byte for byte: the format cannot change
/// without its page, nor its page without the format. It is the golden file of version 1.0.
@Suite struct FormatPageTests {
    @Test func theExampleSegmentInTheFormatPageIsWhatIsWritten() throws {
        let disk = try Self.example()
        let place = LogPlace(disk)
        let path = try #require(try place.segmentPaths().first)
        try Self.compare(try #require(disk.contents(of: path)), with: "segment", byteCount: 32768)
    }

    @Test func theExampleSlotInTheFormatPageIsWhatIsWritten() throws {
        let disk = SimulatedDisk()
        try LogPlace(disk).create()
        let slots = try #require(disk.contents(of: "log/meta"))
        #expect(slots.count == 4 * 65536)
        try Self.compare(Array(slots[..<4096]), with: "slot", byteCount: 4096)
    }

    /// Two records, an idle promise, and what the roll before a long record leaves: footer and seal.
    private static func example() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        var place = LogPlace(disk)
        let numbers = Mutex<UInt64>(0x1111_1111_1111_1111)
        place.configuration.random = {
            numbers.withLock { number in
                defer { number &+= 0x1111_1111_1111_1111 }
                return number
            }
        }
        let log = try place.make()
        try log.append(1...2, committed: .zero)
        try log.promise(time: LogPlace<SimulatedDisk>.time + 7)
        try log.append(3...3, time: LogPlace<SimulatedDisk>.time + 9, committed: numbered(2)) { _ in
            [UInt8](repeating: 0x61, count: 8000)
        }
        return disk
    }

    /// Compares a file with the lines behind the heading's code fence; what the page leaves out is zero.
    private static func compare(_ file: [UInt8], with fence: String, byteCount: Int) throws {
        #expect(file.count == byteCount)
        let shown = try lines(of: fence)
        #expect(!shown.isEmpty, "docs/log-format.md should show:\n\(dump(file))")
        var hidden = file
        for (offset, bytes) in shown {
            try #require(offset + bytes.count <= file.count)
            let written = Array(file[offset..<offset + bytes.count])
            #expect(bytes == written, "line \(String(offset, radix: 16)) of the \(fence)")
            for place in offset..<offset + bytes.count { hidden[place] = 0 }
        }
        #expect(hidden.firstIndex { $0 != 0 } == nil, "docs/log-format.md should show:\n\(dump(file))")
    }

    /// The lines `00001000: 0a 1b ...` of a fence that is called ```` ```hex-segment ````.
    private static func lines(of fence: String) throws -> [(offset: Int, bytes: [UInt8])] {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/log-format.md"), encoding: .utf8)
        guard let start = page.range(of: "```hex-\(fence)\n"),
            let end = page.range(of: "```", range: start.upperBound..<page.endIndex)
        else { return [] }
        return page[start.upperBound..<end.lowerBound].split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ": ", maxSplits: 1)
            guard fields.count == 2, let offset = Int(fields[0], radix: 16) else { return nil }
            return (offset, fields[1].split(separator: " ").compactMap { UInt8($0, radix: 16) })
        }
    }

    /// All lines of 16 bytes that are not zero.
    private static func dump(_ file: [UInt8]) -> String {
        stride(from: 0, to: file.count, by: 16).compactMap { offset in
            let line = file[offset..<offset + 16]
            guard line.contains(where: { $0 != 0 }) else { return nil }
            return String(format: "%08x: ", offset)
                + line.map { String(format: "%02x", $0) }.joined(separator: " ")
        }.joined(separator: "\n")
    }
}
