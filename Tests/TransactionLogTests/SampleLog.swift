import Disk
import Foundation
import Identifiers
import Metadata
import Simulation
import Testing
import TransactionLog

/// Two small segments that hold one of everything; tests damage copies of it.
///
/// First segment: header twice, records 1...3, an idle promise, records 4...6 compressed, record 7,
/// footer, seal. Second: header twice, records 8 and 9, an idle promise, zeroes.
struct SampleLog {
    let disk = SimulatedDisk()
    let paths: [String]
    let written: [Record]

    init() throws {
        let place = LogPlace(disk)
        let log = try place.make()
        let text = Array(String(repeating: "a text that shrinks ", count: 70).utf8)
        try log.append(1...3)
        try log.promise()
        try log.append(4...6) { _ in text }
        try log.append(7...7)
        try log.append(8...9)
        try log.promise()
        paths = try place.segmentPaths()
        written = records(1...3) + (4...6).map { Record(numbered($0), text) } + records(7...9)
        #expect(paths.count == 2)
        #expect(try place.scan().records == written)
    }

    /// Same contents, own fate.
    func copy() -> LogPlace<SimulatedDisk> { LogPlace(disk.processCrash(), seed: 2) }

    /// Checks that readers get the first of the written records, and never another one.
    func expectPrefix(_ found: [Record], _ place: String) {
        #expect(found == Array(written.prefix(found.count)), "\(place)")
    }
}

/// How much the long suites do, from the environment.
enum Effort: String {
    case quick
    case normal
    case long

    static let current =
        ProcessInfo.processInfo.environment["AVIARY_EFFORT"].flatMap { Effort(rawValue: $0) } ?? .normal
}
