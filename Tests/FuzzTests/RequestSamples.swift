import ByteCoding
import Jute
import Simulation

/// Requests as clients make them, over few paths, so that they meet.
enum RequestSamples {
    static let paths = [
        "/", "/a", "/b", "/a/b", "/a/c", "/a/b/c", "/a/b/c/d", "/zookeeper", "/zookeeper/quota",
        "/zookeeper/quota/a", "/zookeeper/quota/a/zookeeper_limits", "/zookeeper/config", "/b/\u{e9}\u{20ac}",
    ]
    private static let oddPaths = [
        "", "a", "//", "/a/", "/a//b", "/./a", "/a/..", "/a\u{0}b", "/\u{1}", "/\u{f8ff}",
    ]

    static let writes: [OperationCode] = [
        .create, .create2, .createContainer, .createTTL, .delete, .deleteContainer, .setData, .setACL, .multi,
        .createSession, .closeSession,
    ]

    static func path(_ random: inout SeededRandom) -> String {
        switch random.below(12) {
        case 0: random.element(of: oddPaths)
        case 1: random.element(of: paths) + "/" + String(repeating: "x", count: random.length(below: 300))
        default: random.element(of: paths)
        }
    }

    static func accessList(_ random: inout SeededRandom) -> [AccessEntry] {
        let entries = [
            AccessEntry.open, AccessEntry(.all, Identity(scheme: "auth", id: "")),
            AccessEntry(.read, Identity(scheme: "digest", id: "user:tpUq/4Pn5A64fVZyQ0gOJ8ZWqkY=")),
            AccessEntry(.all, Identity(scheme: "ip", id: "10.0.0.0/8")),
            AccessEntry(Permissions(rawValue: 64), Identity(scheme: "world", id: "nobody")),
        ]
        if random.below(4) > 0 { return [.open] }
        return (0..<random.below(4)).map { _ in random.element(of: entries) }
    }

    static func data(_ random: inout SeededRandom) -> [UInt8]? {
        if random.oneIn(8) { return nil }
        if random.oneIn(8) { return Array("count=\(random.below(5)),bytes=\(random.below(500))".utf8) }
        return random.bytes(random.length(below: 300))
    }

    private static func version(_ random: inout SeededRandom) -> Int32 {
        random.oneIn(3) ? Int32(random.below(4)) : -1
    }

    /// A whole body of an operation, with no null where a value is usual.
    static func body(_ operation: OperationCode, _ random: inout SeededRandom) -> [UInt8] {
        var bytes: [UInt8] = []
        append(operation, to: &bytes, &random)
        return bytes
    }

    private static func append(
        _ operation: OperationCode, to bytes: inout [UInt8], _ random: inout SeededRandom
    ) {
        let path = path(&random)
        switch operation {
        case .create, .create2, .createContainer, .createTTL:
            let flags: Int32 =
                operation == .createTTL
                ? Int32(5 + random.below(2))
                : operation == .createContainer ? 4 : Int32(random.below(5))
            CreateRequest.encode(
                path, data: data(&random), acl: accessList(&random), flags: flags,
                ttl: operation == .createTTL ? Int64(random.below(5000)) : nil, into: &bytes)
        case .setData:
            SetDataRequest.encode(path, data: data(&random), version: version(&random), into: &bytes)
        case .setACL:
            SetACLRequest.encode(path, acl: accessList(&random), version: version(&random), into: &bytes)
        case .delete, .check:
            PathNumberRequest.encode(path, version(&random), into: &bytes)
        case .checkWatches, .removeWatches, .addWatch:
            PathNumberRequest.encode(path, Int32(random.below(6)), into: &bytes)
        case .exists, .getData, .getChildren, .getChildren2:
            PathWatchRequest.encode(path, watch: random.oneIn(2), into: &bytes)
        case .getACL, .sync, .getEphemerals, .getAllChildrenNumber, .deleteContainer:
            PathRequest.encode(path, into: &bytes)
        case .multi, .multiRead: appendMulti(operation, to: &bytes, &random)
        case .setWatches, .setWatches2: appendWatches(operation, to: &bytes, &random)
        case .auth:
            AuthRequest.encode(
                scheme: random.element(of: ["digest", "ip", "world", "sasl", ""]),
                data: random.oneIn(2) ? Array("user:secret".utf8) : random.bytes(random.below(30)),
                into: &bytes)
        case .reconfig:
            for _ in 0..<3 { bytes.append(juteString: "server.1=localhost:1:2") }
            bytes.append(bigEndian: Int64(-1))
        case .sasl: bytes.append(juteBuffer: random.bytes(random.below(50)))
        case .createSession: bytes.append(bigEndian: Int32(random.below(60_000)))
        case .notification, .ping, .whoAmI, .closeSession, .error: break
        }
    }

    private static func appendMulti(
        _ operation: OperationCode, to bytes: inout [UInt8], _ random: inout SeededRandom
    ) {
        let kinds: [OperationCode] =
            operation == .multi
            ? [.create, .create2, .createContainer, .createTTL, .delete, .setData, .check]
            : [.getData, .getChildren]
        for _ in 0..<random.below(6) {
            let kind = random.element(of: kinds)
            MultiHeader(type: kind.rawValue, error: -1).encode(into: &bytes)
            append(kind, to: &bytes, &random)
        }
        MultiHeader.end.encode(into: &bytes)
    }

    private static func appendWatches(
        _ operation: OperationCode, to bytes: inout [UInt8], _ random: inout SeededRandom
    ) {
        func some(_ random: inout SeededRandom) -> [String] {
            (0..<random.below(4)).map { _ in path(&random) }
        }
        let isNewer = operation == .setWatches2
        SetWatchesRequest.encode(
            relativeZxid: Int64(random.below(50)), data: some(&random), exist: some(&random),
            child: some(&random), persistent: isNewer ? some(&random) : nil,
            persistentRecursive: isNewer ? some(&random) : nil, into: &bytes)
    }

    /// Lengths and counts that promise far more than there is.
    static func bomb(_ random: inout SeededRandom) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<1 + random.below(40) {
            switch random.below(4) {
            case 0: bytes.append(bigEndian: Int32.max - Int32(random.below(8)))
            case 1: bytes.append(bigEndian: Int32(1 << random.below(31)))
            case 2: bytes.append(bigEndian: Int32(-2 - random.below(100)))
            default: MultiHeader(type: random.element(of: writes).rawValue, error: -1).encode(into: &bytes)
            }
        }
        return bytes
    }
}
