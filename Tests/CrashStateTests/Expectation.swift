import ByteCoding
import Identifiers
import Simulation

/// A record of a script. Its bytes follow from its fields, so that a checker can make them again.
struct ScriptRecord: Hashable, Sendable {
    var zxid: Zxid
    var byteCount: Int
    /// Truncations begun before it was written: the same zxid may come back with other bytes.
    var generation: Int

    /// Random bytes, or zeroes behind the first 16 if the length is a multiple of 1000.
    var bytes: [UInt8] {
        var random = SeededRandom(
            seed: SeededRandom.mix(UInt64(bitPattern: zxid.rawValue)) &+ UInt64(generation) << 32
                &+ UInt64(byteCount))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount + 8)
        let randomCount = byteCount % 1000 == 0 ? min(16, byteCount) : byteCount
        while bytes.count < randomCount { bytes.append(littleEndian: random.next()) }
        bytes.removeLast(bytes.count - randomCount)
        bytes.append(contentsOf: repeatElement(0, count: byteCount - randomCount))
        return bytes
    }
}

/// What the markers of a script mean.
enum Note: UInt8 {
    /// A record was handed over; the value packs zxid and length.
    case submitted = 1
    /// Every record handed over so far is durable.
    case acknowledged
    /// A truncation to this zxid was begun, and is done.
    case truncating, truncated
    /// The store was opened and ends at this zxid: what it showed is promised, the rest is forgotten.
    case recovered
    /// The last so many records were refused and not written, or a truncation was refused.
    case withdrawn
    /// A torn batch was cut; the value packs segment and offset.
    case cut
    case acceptingEpoch, acceptedEpoch, enteringEpoch, enteredEpoch
    /// A file is gone that no crash takes: the store need not open.
    case lostFile
    /// Segments below this one are purged.
    case purged
    /// A snapshot was damaged, which no crash does, and has been set aside.
    case damagedSnapshot, setAside
    /// A record of a snapshot that is received; the value packs zxid, length and generation.
    case received
    /// The received snapshot is being installed, and is.
    case installing, installed
    /// A segment that an installation sets aside, until the next one or a purge removes it.
    case replaced
    /// A purge may remove what was set aside.
    case purging
}

extension Marker {
    init(_ note: Note, _ value: Int = 0) { self.init(kind: note.rawValue, value: value) }

    init(_ note: Note, _ zxid: Zxid) { self.init(note, Int(zxid.rawValue)) }

    static func submitted(_ record: ScriptRecord) -> Marker {
        // Epochs of scripts are small: 40 bits hold a zxid.
        Marker(.submitted, Int(record.zxid.rawValue) | record.byteCount << 40)
    }

    /// Lengths in scripts are small, too: 16 bits hold one.
    static func received(_ record: ScriptRecord) -> Marker {
        Marker(
            .received, Int(record.zxid.rawValue) | record.byteCount << 40 | record.generation << 56)
    }
}

/// What a store may and must hold, as the markers reached before a crash tell.
struct Expectation {
    /// All records that the log may hold, in order.
    private(set) var records: [ScriptRecord] = []
    /// How many of them it must hold.
    private(set) var acknowledgedCount = 0
    /// A truncation that may have happened or not.
    private(set) var truncating: Zxid?
    private(set) var generation = 0
    /// Places of torn batches whose bytes are kept.
    private(set) var cuts: [(segment: UInt64, byteOffset: Int)] = []
    private(set) var acceptedEpoch: ClosedRange<Int32> = 0...0
    private(set) var currentEpoch: ClosedRange<Int32> = 0...0
    private(set) var hasLostFile = false
    private(set) var firstNeededSegment = 0
    private(set) var mayHaveDamagedSnapshot = false
    private var received: [ScriptRecord] = []
    private var replacing: [UInt64] = []
    /// The records of the snapshot whose installation may have been decided or not.
    private(set) var installing: [ScriptRecord]?
    /// Segments that were set aside and are kept.
    private(set) var replacedSegments: [UInt64] = []

    init(_ markers: [Marker]) {
        for marker in markers {
            guard let note = Note(rawValue: marker.kind) else { continue }
            apply(note, marker.value)
        }
    }

    var lastZxid: Zxid { records.last?.zxid ?? .zero }
    var acknowledged: ArraySlice<ScriptRecord> { records[..<acknowledgedCount] }

    /// The record counts at which a right log may end: a batch is whole or not there.
    var allowedCounts: Set<Int> {
        var counts: Set = [acknowledgedCount, records.count]
        if let truncating { counts.insert(count(upTo: truncating)) }
        return counts
    }

    private func count(upTo zxid: Zxid) -> Int { records.count { $0.zxid <= zxid } }

    private mutating func apply(_ note: Note, _ value: Int) {
        switch note {
        case .submitted:
            let zxid = Zxid(rawValue: Int64(value & 0xFF_FFFF_FFFF))
            records.append(ScriptRecord(zxid: zxid, byteCount: value >> 40, generation: generation))
        case .acknowledged:
            acknowledgedCount = records.count
        case .truncating:
            truncating = Zxid(rawValue: Int64(value))
            generation += 1
        case .truncated, .recovered:
            end(at: value)
        case .withdrawn:
            records.removeLast(value)
            truncating = nil
        case .cut:
            cuts.append((segment: UInt64(value >> 32), byteOffset: value & 0xFFFF_FFFF))
        case .acceptingEpoch: acceptedEpoch = acceptedEpoch.lowerBound...Int32(value)
        case .acceptedEpoch: acceptedEpoch = Int32(value)...Int32(value)
        case .enteringEpoch: currentEpoch = currentEpoch.lowerBound...Int32(value)
        case .lostFile: hasLostFile = true
        case .purged: firstNeededSegment = value
        case .received:
            received.append(
                ScriptRecord(
                    zxid: Zxid(rawValue: Int64(value & 0xFF_FFFF_FFFF)), byteCount: value >> 40 & 0xFFFF,
                    generation: value >> 56))
        case .installing:
            installing = received
            received = []
            generation += 1
            replacedSegments = []
        case .installed:
            records = installing ?? []
            acknowledgedCount = records.count
            installing = nil
            truncating = nil
            cuts = []
            replacedSegments = replacing
            replacing = []
        case .replaced: replacing.append(UInt64(value))
        case .purging: replacedSegments = []
        case .damagedSnapshot: mayHaveDamagedSnapshot = true
        case .setAside: mayHaveDamagedSnapshot = false
        case .enteredEpoch: currentEpoch = Int32(value)...Int32(value)
        }
    }

    private mutating func end(at value: Int) {
        records.removeLast(records.count - count(upTo: Zxid(rawValue: Int64(value))))
        acknowledgedCount = records.count
        // What was decided shows itself; what was not is over with its process.
        truncating = nil
        installing = nil
        received = []
        replacing = []
    }
}
