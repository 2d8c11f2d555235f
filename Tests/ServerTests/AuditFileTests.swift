import Disk
import Foundation
import TestSupport
import Testing

@testable import Server

/// The audit log's file: what is set aside when, and what becomes of it when others touch it.
@Suite struct AuditFileTests {
    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    @Test func linesAreAppendedToWhatIsThere() throws {
        try place.write(Array("before\n".utf8), to: "audit")
        var file = try AuditFile(place.appending("audit"), byteCountMax: 1000, backupCount: 1)
        try write("one\ntwo\n", to: &file)
        #expect(try text("audit") == "before\none\ntwo\n")
    }

    @Test func aLineThatWasCutOffIsEnded() throws {
        try place.write(Array("cut off".utf8), to: "audit")
        var file = try AuditFile(place.appending("audit"), byteCountMax: 1000, backupCount: 1)
        try write("one\n", to: &file)
        #expect(try text("audit") == "cut off\none\n")
    }

    @Test func aFullFileIsSetAsideBetweenTwoLines() throws {
        var file = try AuditFile(place.appending("audit"), byteCountMax: 10, backupCount: 2)
        try write("aaaa\nbbbb\ncccc\ndddddddddd\neeee\n", to: &file)
        #expect(try text("audit.2") == "aaaa\nbbbb\n")
        #expect(try text("audit.1") == "cccc\ndddddddddd\n")
        #expect(try text("audit") == "eeee\n")
        try write("ffff\n", to: &file)
        try write("gggg\n", to: &file)
        #expect(try text("audit.2") == "cccc\ndddddddddd\n")
        #expect(try text("audit.1") == "eeee\nffff\n")
        #expect(try text("audit") == "gggg\n")
        #expect(try place.names() == ["audit", "audit.1", "audit.2"])
    }

    @Test func aFileThatIsFullAtTheStartIsSetAsideWithTheFirstLine() throws {
        try place.write(Array("0123456789\n".utf8), to: "audit")
        var file = try AuditFile(place.appending("audit"), byteCountMax: 10, backupCount: 1)
        try write("one\n", to: &file)
        #expect(try text("audit.1") == "0123456789\n")
        #expect(try text("audit") == "one\n")
    }

    @Test func aFileThatWasMovedOrRemovedIsBegunAnew() throws {
        var file = try AuditFile(place.appending("audit"), byteCountMax: 1000, backupCount: 1)
        try write("one\n", to: &file)
        try FileManager.default.moveItem(atPath: place.appending("audit"), toPath: place.appending("moved"))
        try write("two\n", to: &file)
        #expect(try text("moved") == "one\n")
        #expect(try text("audit") == "two\n")
        try FileManager.default.removeItem(atPath: place.appending("audit"))
        try write("three\n", to: &file)
        #expect(try text("audit") == "three\n")
        // As logrotate does it with `create`.
        try FileManager.default.moveItem(atPath: place.appending("audit"), toPath: place.appending("again"))
        try place.write([], to: "audit")
        try write("four\n", to: &file)
        #expect(try text("again") == "three\n")
        #expect(try text("audit") == "four\n")
    }

    @Test func aFileThatCannotBeSetAsideGoesOnAndIsToldOfOnceEachTime() throws {
        // No file takes the name of a directory that is not empty.
        try FileManager.default.createDirectory(
            atPath: place.appending("audit.1/x"), withIntermediateDirectories: true)
        var file = try AuditFile(place.appending("audit"), byteCountMax: 10, backupCount: 1)
        try write("aaaa\nbbbb\ncccc\n", to: &file)
        #expect(try text("audit") == "aaaa\nbbbb\ncccc\n")
        #expect(file.takeRotationProblem()?.operation == .rename)
        #expect(file.takeRotationProblem() == nil)
        try write("d\n", to: &file)
        #expect(file.takeRotationProblem() == nil)
        try FileManager.default.removeItem(atPath: place.appending("audit.1"))
        try write("eeee\nffff\n", to: &file)
        #expect(try text("audit.1") == "aaaa\nbbbb\ncccc\nd\neeee\n")
        #expect(try text("audit") == "ffff\n")
    }

    @Test func whatCannotBeWrittenIsLeftToTheCaller() throws {
        var file = try AuditFile("/dev/full", byteCountMax: 10, backupCount: 1)
        var offset = 0
        let error = #expect(throws: DiskError.self) { try file.write(Array("one\n".utf8), from: &offset) }
        #expect(error?.isDiskFull == true)
        #expect(offset == 0)
    }

    @Test func aFolderThatIsNotThereIsNamed() throws {
        let error = #expect(throws: DiskError.self) {
            _ = try AuditFile(place.appending("none/audit"), byteCountMax: 10, backupCount: 1)
        }
        #expect(error?.path == place.appending("none/audit"))
    }

    private func write(_ lines: String, to file: inout AuditFile) throws {
        var offset = 0
        try file.write(Array(lines.utf8), from: &offset)
        #expect(offset == lines.utf8.count)
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try place.contents(of: name), as: UTF8.self)
    }
}
