import ArgumentParser
import Disk
import Identifiers
import Metadata
import TransactionLog

/// Appends through the real log beside a bare loop of write and sync, on the same disk in one run.
@main
struct LogBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logbench",
        abstract: "The log's appends against a bare loop of write and sync.",
        discussion: """
            Both write the same sizes into pre-zeroed 64 MiB files in the same folder, taking turns in \
            short rounds, so that noise of the machine meets both. A ratio of 1 means that the log costs \
            nothing beside the disk. The bare loop runs in two ways: "same" writes one buffer over and \
            over, which the device then reads from the processor's cache; "fresh" walks through a 64 MiB \
            image, so that it writes bytes it has not written just before, as a log always does.

            Examples:
              logbench --directory /var/lib/aviary/bench
              logbench --rounds 20 --batches 1,16,256 --json
            """)

    @Option(help: "A folder on the disk to measure; a subfolder is made there and removed.")
    var directory = "."

    @Option(help: "Rounds; each gives the log and both bare loops one turn a batch size.")
    var rounds = 15

    @Option(help: "Syncs a turn.")
    var syncs = 300

    @Option(help: "Records a batch, separated by commas.")
    var batches = "1,4,16,64,256,1024"

    @Option(help: "Bytes a record.")
    var recordBytes = 160

    @Flag(help: "Print JSON, one object a batch size.")
    var json = false

    func validate() throws {
        guard rounds > 0, syncs > 0, recordBytes > 0, recordBytes < 100_000 else {
            throw ValidationError("rounds, syncs and record-bytes must be above 0")
        }
        guard !batchSizes.isEmpty else { throw ValidationError("--batches takes numbers like 1,16,256") }
    }

    private var batchSizes: [Int] { batches.split(separator: ",").compactMap { Int($0) }.filter { $0 > 0 } }

    func run() throws {
        let place = try BenchPlace(in: directory)
        defer { place.remove() }
        if !json {
            print(
                "sync mode \(place.disk.syncMode.rawValue), \(recordBytes)-byte records, \(rounds) x \(syncs) syncs"
            )
            for line in BenchRow.heading { print(line) }
        }
        for count in batchSizes {
            let row = try measure(recordCount: count, at: place)
            print(json ? row.json : row.text)
        }
    }

    private func measure(recordCount: Int, at place: BenchPlace) throws -> BenchRow {
        var log = try LogSide(place, recordCount: recordCount, recordByteCount: recordBytes)
        var bare = try BareSide(place, byteCount: try log.storedByteCount())
        var row = BenchRow(recordCount: recordCount, byteCount: try log.storedByteCount())
        for round in 0..<rounds {
            // What background work did before a turn burdens the device in the turn; so it is done before
            // all three, and who goes first changes.
            try log.prepareSegments()
            for turn in 0..<3 {
                switch (round + turn) % 3 {
                case 0: row.same.append(try bare.turn(syncs: syncs, from: .sameBytes))
                case 1: row.fresh.append(try bare.turn(syncs: syncs, from: .freshBytes))
                default: row.log.append(try log.turn(syncs: syncs))
                }
            }
        }
        try log.close()
        return row
    }
}
