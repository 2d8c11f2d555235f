import Identifiers

/// One connection of a client, as it stands at one moment.
package struct ConnectionFacts: Sendable {
    private let address: RemoteAddress
    private let port: UInt16
    package let isEncrypted: Bool
    /// Java's set of what a selector waits for: 1 is reading, 4 writing.
    package let interestOperations: Int
    package let outstandingCount: Int
    package let receivedCount: UInt64
    package let sentCount: UInt64
    /// 0 as long as there is no session.
    package let sessionID: Int64
    /// In ZooKeeper's letters.
    package let lastOperation: StaticString
    /// Milliseconds since 1970.
    package let establishedAt: Int64
    package let sessionTimeout: Int32
    /// -1 if there was none; so is the next.
    package let lastCxid: Int64
    package let lastZxid: Int64
    /// Milliseconds of the monotonic clock.
    package let lastRespondedAt: Int64
    /// Milliseconds, like the next three.
    package let lastLatency: UInt32
    package let minimumLatency: UInt32
    package let meanLatency: UInt64
    package let greatestLatency: UInt32

    /// Address and port, as Java writes them.
    package var remoteAddress: String {
        address.isIPv4 ? "\(address.text):\(port)" : "[\(address.text)]:\(port)"
    }

    init(_ connection: Connection, _ core: Core) {
        let figures = connection.figures
        address = connection.address
        port = connection.port
        isEncrypted = connection.isEncrypted
        interestOperations = connection.interestOperations
        outstandingCount = connection.pendingCount
        receivedCount = UInt64(connection.receivedCount)
        sentCount = UInt64(connection.sentCount)
        sessionID = connection.sessionID.rawValue
        lastOperation = figures.operationName
        establishedAt = core.wallMilliseconds - (core.now - connection.openedAt) / 1_000_000
        sessionTimeout = connection.sessionTimeout
        lastCxid = Int64(figures.lastCxid)
        lastZxid = figures.lastZxid
        lastRespondedAt = figures.lastRespondedAt
        lastLatency = figures.lastLatency
        minimumLatency = figures.minimumLatency
        meanLatency = figures.meanLatency
        greatestLatency = figures.greatestLatency
    }
}

extension ServerObserver {
    /// With so many the loop is held for some ten milliseconds.
    package static let connectionCountMax = 20_000

    package func connections() async throws(NotServingError) -> BoundedList<ConnectionFacts> {
        try await ask { core in
            var list = BoundedList<ConnectionFacts>()
            list.items.reserveCapacity(min(core.connections.count, Self.connectionCountMax))
            for connection in core.connections.all {
                guard list.items.count < Self.connectionCountMax else {
                    list.cutOf = core.connections.count
                    break
                }
                list.items.append(ConnectionFacts(connection, core))
            }
            return list
        }
    }
}
