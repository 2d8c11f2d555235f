import ByteCoding
import DataTree
import Identifiers
import Jute
import Simulation
import Testing

/// Requests and records that meet a tree. Whatever comes, its digest stays the sum of its nodes.
extension FuzzTests {
    @Test func requestsPreparedAndApplied() {
        FuzzRun.target("prepare", rounds: 9_000) { random in
            var life = TreeLife(&random)
            for _ in 0..<40 { try life.step(&random) }
            try life.applyAll()
            try life.tree.demandSound()
        }
    }

    @Test func changedRecordsApplied() {
        FuzzRun.target("apply", rounds: 9_000) { random in
            var life = TreeLife(&random)
            for _ in 0..<15 { try life.step(&random) }
            try life.applyAll()
            life.tree.dropPendingChanges()
            let mode: ApplyMode = random.oneIn(2) ? .live : .replay
            for _ in 0..<8 { try life.applyChanged(mode, &random) }
            try life.tree.demandSound()
        }
    }

    @Test func imageSlices() {
        FuzzRun.target("image", rounds: 12_000) { random in
            var life = TreeLife(&random)
            for _ in 0..<20 { try life.step(&random) }
            try life.applyAll()
            var slices = life.tree.slices(maxByteCount: 1 + random.below(3000))
            let isChanged = random.below(10) > 0
            if isChanged {
                let chosen = random.below(slices.count)
                Mutation.change(&slices[chosen], &random)
            }
            let isNoise = random.oneIn(20)
            if isNoise { slices[0] = random.bytes(random.below(200)) }
            var loaded = DataTree(hashSeed: random.next(), rules: life.tree.rules)
            for slice in slices {
                do throws(ImageDefect) { try loaded.loadImageSlice(slice.span.bytes) } catch { return }
            }
            try loaded.demandSound()
            if !isChanged && !isNoise { try loaded.demandSame(as: life.tree) }
        }
    }

    @Test func imageNoiseCostsNoMemory() {
        FuzzRun.target("image-noise", rounds: 4_000) { random in
            var noise: [UInt8] = []
            for _ in 0..<1 + random.below(30) {
                noise.append(UInt8(1 + random.below(2)))
                noise += RequestSamples.bomb(&random)
            }
            var tree = DataTree(hashSeed: random.next())
            try FuzzRun.decoding(noise.count) {
                do throws(ImageDefect) { try tree.loadImageSlice(noise.span.bytes) } catch {}
            }
        }
    }

    @Test func authentication() {
        FuzzRun.target("auth", rounds: 60_000) { random in
            let scheme = Array(
                random.element(of: ["digest", "ip", "world", "super", "x509", "\u{e9}", ""]).utf8)
            let data = random.oneIn(2) ? random.bytes(random.length(below: 200)) : Array("super:secret".utf8)
            try FuzzRun.decoding(scheme.count + data.count) {
                _ = Authentication.judge(
                    scheme: scheme.span.bytes, data: JuteBuffer(bytes: data.span.bytes),
                    rules: AuthenticationRules())
            }
        }
    }
}

/// A tree with a leader that prepares ahead of what is applied.
struct TreeLife: ~Copyable {
    var tree: DataTree
    private var zxid: Int64 = 0
    private var time: Int64 = 1_700_000_000_000
    private var inFlight: [[UInt8]] = []
    private var records: [[UInt8]] = []
    private var reply: [UInt8] = []
    private var events: [WatchEvent] = []

    init(_ random: inout SeededRandom) {
        var rules = TreeRules()
        rules.areExtendedTypesEnabled = random.oneIn(2)
        tree = DataTree(hashSeed: random.next(), rules: rules)
    }

    /// A write, a read, or records applied.
    mutating func step(_ random: inout SeededRandom) throws {
        switch random.below(10) {
        case 0, 1: try applyAll()
        case 2, 3: try read(&random)
        case 4 where random.oneIn(8):
            inFlight = []
            tree.dropPendingChanges()
            zxid = tree.lastAppliedZxid.rawValue
        default: try write(&random)
        }
    }

    private mutating func write(_ random: inout SeededRandom) throws {
        let operation =
            random.oneIn(20)
            ? random.element(of: OperationCode.allCases) : random.element(of: RequestSamples.writes)
        var body = RequestSamples.body(operation, &random)
        if random.oneIn(4) { Mutation.change(&body, &random) }
        if random.oneIn(40) { body = RequestSamples.bomb(&random) }
        time += Int64(random.below(2000))
        let origin = RequestOrigin(
            sessionID: SessionID(rawValue: Int64(1 + random.below(3))), cxid: Int32(random.below(1000)),
            zxid: Zxid(rawValue: zxid + 1), time: time, identities: identities(&random))
        var record: [UInt8] = [0xEE]
        let digest = tree.digest
        var code: ErrorCode?
        // What a server looks ahead to changes no outcome, however it reads.
        tree.expect(operation, body.span.bytes)
        if random.oneIn(3) { tree.fetchExpected() }
        do throws(JuteDefect) {
            code = try tree.prepare(operation, body.span.bytes, origin, into: &record)
        } catch {
            try demand(record == [0xEE], "\(error), and \(record.count) bytes were written")
        }
        if let code {
            zxid += 1
            record.removeFirst()
            try demandRecord(record, origin, code)
            inFlight.append(record)
        }
        try demand(tree.digest == digest, "preparing has changed the tree")
    }

    private func identities(_ random: inout SeededRandom) -> [Identity] {
        let address = Authentication.identity(address: random.oneIn(2) ? "10.1.2.3" : "::1")
        guard random.oneIn(3) else { return [address] }
        return [address, Identity(scheme: "digest", id: "user:tpUq/4Pn5A64fVZyQ0gOJ8ZWqkY=")]
    }

    private func demandRecord(
        _ record: [UInt8], _ origin: RequestOrigin, _ code: ErrorCode
    ) throws {
        var reader = JuteReader(record.span.bytes)
        let header = try TransactionHeader(from: &reader)
        try demand(
            header.zxid == origin.zxid && header.cxid == origin.cxid && header.sessionID == origin.sessionID
                && header.time == origin.time, "the record's header is another: \(header)")
        try demand((code == .ok) == (header.type != .error), "\(code) in a record of \(header.type)")
        try header.type.checkTransaction(&reader)
        try demand(
            reader.remainingByteCount == (header.type == .error ? 0 : TransactionDigest.byteCount),
            "\(reader.remainingByteCount) bytes behind the transaction")
    }

    mutating func applyAll() throws {
        for record in inFlight {
            let applied = try tree.apply(
                record.span.bytes, wantsReply: true, reply: &reply, events: &events)
            try demand(!applied.isDigestMismatch, "the digest of \(applied.header) is not what was prepared")
            try demand(applied.header.zxid == tree.lastAppliedZxid, "another zxid was applied")
            records.append(record)
            reply = []
            events = []
        }
        inFlight = []
    }

    /// Applies a record that was changed, or an older one again.
    mutating func applyChanged(_ mode: ApplyMode, _ random: inout SeededRandom) throws {
        var record = records.isEmpty ? random.bytes(60) : random.element(of: records)
        if random.oneIn(8) {
            var kept = Array(record.prefix(28))
            kept.append(bigEndian: random.element(of: RequestSamples.writes).rawValue)
            record = kept + RequestSamples.bomb(&random)
        } else if random.below(5) > 0 {
            Mutation.change(&record, &random)
        }
        let (digest, nodeCount) = (tree.digest, tree.nodeCount)
        tree.expect(record: record.span.bytes)
        tree.fetchExpected()
        do throws(JuteDefect) {
            _ = try tree.apply(
                record.span.bytes, mode: mode, wantsReply: true, reply: &reply, events: &events)
        } catch {
            try demand(
                tree.digest == digest && tree.nodeCount == nodeCount, "\(error), yet the tree has changed")
        }
    }

    private mutating func read(_ random: inout SeededRandom) throws {
        let path = Array(RequestSamples.path(&random).utf8)
        let watcher: UInt32? = random.oneIn(2) ? UInt32(random.below(4)) : nil
        let reader = Reader(identities: identities(&random), watcher: watcher)
        var reply: [UInt8] = [0xEE]
        do {
            switch random.below(9) {
            case 0: try tree.exists(path.span.bytes, reader, into: &reply)
            case 1: try tree.getData(path.span.bytes, reader, into: &reply)
            case 2: try tree.getChildren(path.span.bytes, withStat: random.oneIn(2), reader, into: &reply)
            case 3: try tree.getACL(path.span.bytes, reader, into: &reply)
            case 4: try tree.getAllChildrenNumber(path.span.bytes, reader, into: &reply)
            case 5: try tree.getEphemerals(Int64(random.below(4)), prefix: path.span.bytes, into: &reply)
            case 6:
                var body = RequestSamples.body(.multiRead, &random)
                if random.oneIn(2) { Mutation.change(&body, &random) }
                try tree.multiRead(body.span.bytes, reader, into: &reply)
            default: try watch(path, &random)
            }
        } catch {
            try demand(error is ErrorCode || error is JuteDefect, "\(error)")
            try demand(reply == [0xEE], "a read that failed has written \(reply.count) bytes")
        }
    }

    private mutating func watch(_ path: [UInt8], _ random: inout SeededRandom) throws {
        let watcher = UInt32(random.below(4))
        let kind = Int32(random.below(8) - 1)
        switch random.below(5) {
        case 0:
            tree.addWatch(
                path.span.bytes, mode: random.oneIn(2) ? .persistent : .persistentRecursive, watcher: watcher)
        case 1: try tree.checkWatches(path.span.bytes, kind: kind, watcher: watcher)
        case 2: try tree.removeWatches(path.span.bytes, kind: kind, watcher: watcher)
        case 3: _ = tree.removeWatcher(watcher, countMax: random.below(3))
        default:
            let operation: OperationCode = random.oneIn(2) ? .setWatches : .setWatches2
            var body = RequestSamples.body(operation, &random)
            if random.oneIn(2) { Mutation.change(&body, &random) }
            var reader = JuteReader(body.span.bytes)
            let request = try SetWatchesRequest(operation, from: &reader)
            tree.setWatches(request, watcher: watcher) { _, _ in }
        }
    }
}

extension DataTree {
    /// The whole tree's image.
    func slices(maxByteCount: Int) -> [[UInt8]] {
        var slices: [[UInt8]] = []
        var cursor: ImageCursor? = .start
        while let from = cursor {
            var slice: [UInt8] = []
            cursor = encodeImageSlice(from: from, maxByteCount: maxByteCount, into: &slice)
            slices.append(slice)
        }
        return slices
    }

    /// The counts and the digest that the tree carries along are those of its nodes, counted anew.
    func demandSound() throws {
        var copy = DataTree(hashSeed: 99, rules: rules)
        for slice in slices(maxByteCount: 2000) { try copy.loadImageSlice(slice.span.bytes) }
        try copy.demandSame(as: self)
    }

    func demandSame(as other: borrowing DataTree) throws(Violation) {
        let mine = (digest, nodeCount, ephemeralCount, dataByteCount)
        let others = (other.digest, other.nodeCount, other.ephemeralCount, other.dataByteCount)
        try demand(mine == others, "\(mine) counted anew, \(others) carried along")
    }
}
