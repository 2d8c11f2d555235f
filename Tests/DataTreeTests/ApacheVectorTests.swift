import DataTree
import Identifiers
import Jute
import Testing

/// Everything that Apache ZooKeeper 3.9.3 answered, told watchers and logged in a long session with three
/// clients must come out of the tree in the same bytes: records with their digests, replies, events.
struct ApacheVectorTests {
    /// One client's connection, as far as the tree knows it.
    private struct Client {
        var session: Int64 = 0
        var identities = [Identity(scheme: "ip", id: "127.0.0.1")]
        var inbox: [RecordedExchange.Notification] = []
    }

    private final class Replayer {
        var tree: DataTree
        var clients: [UInt32: Client] = [:]

        init() {
            var rules = TreeRules()
            rules.areExtendedTypesEnabled = true
            tree = DataTree(hashSeed: 1, rules: rules)
        }

        func deliver(_ events: [WatchEvent]) {
            for event in events {
                for watcher in event.watchers {
                    guard let client = clients[watcher] else { continue }
                    if !tree.mayReceive(event, identities: client.identities) { continue }
                    clients[watcher]?.inbox.append(
                        RecordedExchange.Notification(
                            connection: watcher, type: event.type.rawValue, zxid: event.zxid,
                            path: String(decoding: event.path, as: UTF8.self)))
                }
            }
        }
    }

    @Test func recordsRepliesAndEventsAreApachesOwn() throws {
        let replayer = Replayer()
        let exchanges = try RecordedExchange.load("apache-3.9.3.txt")
        #expect(exchanges.count > 150)
        for exchange in exchanges {
            let comment: Comment = "line \(exchange.line), operation \(exchange.operation)"
            let answer: (error: ErrorCode, reply: [UInt8])
            if let record = exchange.record {
                answer = try write(exchange, record, replayer, comment)
            } else {
                answer = try read(exchange, replayer)
            }
            #expect(answer.error.rawValue == exchange.error, comment)
            let operation = try #require(OperationCode(rawValue: exchange.operation))
            switch operation {
            case .createSession: break  // Answered by the session table.
            case .getChildren,
                .getEphemerals where exchange.error == 0:
                #expect(try Self.sorted(answer.reply) == Self.sorted(exchange.reply), comment)
            default: #expect(answer.reply == exchange.reply, comment)
            }
            let inbox = replayer.clients[exchange.connection]?.inbox ?? []
            #expect(inbox == exchange.notifications, comment)
            replayer.clients[exchange.connection]?.inbox = []
        }
    }

    /// The names in a vector, whose order means nothing.
    private static func sorted(_ reply: [UInt8]) throws -> [[UInt8]] {
        var reader = JuteReader(reply.span.bytes)
        var strings = try reader.strings()
        var names: [[UInt8]] = []
        while let name = strings.next() { names.append(name.withUnsafeBytes { [UInt8]($0) }) }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private func write(
        _ exchange: RecordedExchange, _ record: [UInt8], _ replayer: Replayer, _ comment: Comment
    ) throws -> (error: ErrorCode, reply: [UInt8]) {
        let operation = try #require(OperationCode(rawValue: exchange.operation))
        var reader = JuteReader(record.span.bytes)
        // A refused request's record has the type of an error; everything else of the header is given.
        var header = try TransactionHeader(from: &reader)
        if operation == .createSession {
            replayer.clients[exchange.connection] = Client(session: header.sessionID.rawValue)
        }
        header.type = operation
        let origin = RequestOrigin(
            sessionID: header.sessionID, cxid: header.cxid, zxid: header.zxid, time: header.time,
            identities: replayer.clients[exchange.connection]?.identities ?? [])
        var prepared: [UInt8] = []
        let error = try replayer.tree.prepare(operation, exchange.body.span.bytes, origin, into: &prepared)
        // Apache logs the part of a failed multi that went well; the reply is the same.
        let isFailedMulti = operation == .multi && exchange.reply.starts(with: [0xff, 0xff, 0xff, 0xff, 0])
        if !isFailedMulti { #expect(prepared == record, comment) }
        var reply: [UInt8] = []
        var events: [WatchEvent] = []
        let applied = try replayer.tree.apply(
            record.span.bytes, wantsReply: true, reply: &reply, events: &events)
        #expect(!applied.isDigestMismatch, comment)
        #expect(applied.error == error, comment)
        replayer.deliver(events)
        return (applied.error, reply)
    }

    private func read(
        _ exchange: RecordedExchange, _ replayer: Replayer
    ) throws -> (error: ErrorCode, reply: [UInt8]) {
        let operation = try #require(OperationCode(rawValue: exchange.operation))
        var reply: [UInt8] = []
        do {
            try answer(operation, exchange, replayer, &reply)
            return (.ok, reply)
        } catch let error as ErrorCode {
            return (error, reply)
        }
    }

    private func answer(
        _ operation: OperationCode, _ exchange: RecordedExchange, _ replayer: Replayer, _ reply: inout [UInt8]
    ) throws {
        let client = try #require(replayer.clients[exchange.connection])
        var reader = JuteReader(exchange.body.span.bytes)
        var who = Reader(identities: client.identities)
        switch operation {
        case .exists, .getData, .getChildren, .getChildren2:
            let request = try PathWatchRequest(from: &reader)
            if request.watch { who.watcher = exchange.connection }
            if operation == .exists { return try replayer.tree.exists(request.path, who, into: &reply) }
            if operation == .getData { return try replayer.tree.getData(request.path, who, into: &reply) }
            let withStat = operation == .getChildren2
            try replayer.tree.getChildren(request.path, withStat: withStat, who, into: &reply)
        case .getACL:
            try replayer.tree.getACL(try PathRequest(from: &reader).path, who, into: &reply)
        case .getAllChildrenNumber:
            try replayer.tree.getAllChildrenNumber(try PathRequest(from: &reader).path, who, into: &reply)
        case .getEphemerals:
            let prefix = try PathRequest(from: &reader).path
            try replayer.tree.getEphemerals(client.session, prefix: prefix, into: &reply)
        case .multiRead:
            try replayer.tree.multiRead(exchange.body.span.bytes, who, into: &reply)
        case .auth:
            let request = try AuthRequest(from: &reader)
            let judgement = Authentication.judge(
                scheme: request.scheme, data: request.data, rules: replayer.tree.rules.authentication)
            guard case .proved(let identities) = judgement else {
                Issue.record("an auth request of Apache's vectors fails")
                return
            }
            replayer.clients[exchange.connection]?.identities += identities
        default:
            try answerAboutWatches(operation, exchange, replayer, &reply)
        }
    }

    private func answerAboutWatches(
        _ operation: OperationCode, _ exchange: RecordedExchange, _ replayer: Replayer, _ reply: inout [UInt8]
    ) throws {
        var reader = JuteReader(exchange.body.span.bytes)
        let watcher = exchange.connection
        switch operation {
        case .setWatches, .setWatches2:
            var told: [RecordedExchange.Notification] = []
            replayer.tree.setWatches(try SetWatchesRequest(operation, from: &reader), watcher: watcher) {
                type, path in
                told.append(
                    RecordedExchange.Notification(
                        connection: watcher, type: type.rawValue, zxid: -1,
                        path: path.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }))
            }
            replayer.clients[watcher]?.inbox += told
        case .addWatch:
            let request = try PathNumberRequest(from: &reader)
            let mode = try #require(WatchMode(rawValue: request.number))
            replayer.tree.addWatch(request.path, mode: mode, watcher: watcher)
            reply = [0, 0, 0, 0]
        case .checkWatches:
            let request = try PathNumberRequest(from: &reader)
            try replayer.tree.checkWatches(request.path, kind: request.number, watcher: watcher)
        case .removeWatches:
            let request = try PathNumberRequest(from: &reader)
            try replayer.tree.removeWatches(request.path, kind: request.number, watcher: watcher)
        default:
            Issue.record("line \(exchange.line): operation \(exchange.operation) is not expected")
        }
    }
}
