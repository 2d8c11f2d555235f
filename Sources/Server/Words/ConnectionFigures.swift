import Jute

/// What `cons` tells of a connection's last request and of its latencies.
///
/// A request costs it four stores; the latency is that of the whole turn, which is measured anyway.
struct ConnectionFigures {
    /// The type of the last answered request, or of the transaction that a write became.
    private(set) var lastOperation = Self.noOperation
    /// -1 if no request with a number of its own was answered.
    private(set) var lastCxid: Int32 = -1
    private(set) var lastZxid: Int64 = -1
    /// Milliseconds of the monotonic clock.
    private(set) var lastRespondedAt: Int64 = 0
    private(set) var lastLatency: UInt32 = 0
    private(set) var greatestLatency: UInt32 = 0
    private var leastLatency = UInt32.max
    private var unsettledCount: UInt32 = 0
    private var latencyCount: UInt64 = 0
    private var latencySum: UInt64 = 0

    private static let noOperation = Int32.min

    var minimumLatency: UInt32 { leastLatency == .max ? 0 : leastLatency }
    var meanLatency: UInt64 { latencyCount == 0 ? 0 : latencySum / latencyCount }

    /// A request was answered; how long it took is known at the turn's end.
    @inline(__always)
    mutating func noteAnswer(_ operation: Int32, cxid: Int32, zxid: Int64) {
        lastOperation = operation
        // Pings and the like have negative numbers, and hide the last that the client counted.
        if cxid >= 0 { lastCxid = cxid }
        lastZxid = zxid
        unsettledCount &+= 1
    }

    /// All that was answered since the last call took so long, nanoseconds.
    mutating func settle(nanoseconds: Int64, now: Int64) {
        guard unsettledCount > 0 else { return }
        let latency = UInt32(clamping: max(nanoseconds, 0) / 1_000_000)
        lastRespondedAt = now / 1_000_000
        lastLatency = latency
        greatestLatency = max(greatestLatency, latency)
        leastLatency = min(leastLatency, latency)
        latencyCount += UInt64(unsettledCount)
        latencySum += UInt64(latency) * UInt64(unsettledCount)
        unsettledCount = 0
    }

    /// ZooKeeper's letters for the last operation. A write that was refused has none.
    var operationName: StaticString {
        switch OperationCode(rawValue: lastOperation) {
        case .ping: "PING"
        case .createSession: "SESS"
        case .closeSession: "CLOS"
        case .multi: "MULT"
        case .multiRead: "MLTR"
        case .create, .create2, .createTTL, .createContainer: "CREA"
        case .delete, .deleteContainer: "DELE"
        case .setData: "SETD"
        case .setACL: "SETA"
        case .reconfig: "RECO"
        case .sync: "SYNC"
        case .check: "CHEC"
        case .exists: "EXIS"
        case .getData: "GETD"
        case .setWatches: "SETW"
        case .setWatches2: "STW2"
        case .addWatch: "ADDW"
        case .getACL: "GETA"
        case .getChildren, .getChildren2: "GETC"
        case .getAllChildrenNumber: "GETACN"
        case .checkWatches: "CHKW"
        case .removeWatches: "REMW"
        case .whoAmI: "HOMI"
        case .getEphemerals: "GETE"
        case .auth, .sasl, .notification, .error, nil: "NA"
        }
    }
}
