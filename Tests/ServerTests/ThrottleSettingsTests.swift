import Testing

@testable import Server

@Suite struct ThrottleSettingsTests {
    @Test func nothingIsThrottledByDefault() throws {
        let (configuration, warnings) = try read("")
        #expect(configuration.connectionThrottle == ConnectionThrottleSettings())
        #expect(configuration.requestThrottle == RequestThrottleSettings())
        #expect(configuration.connectionThrottle.tokenCountMax == 0)
        #expect(configuration.requestThrottle.requestsMax == 0)
        #expect(configuration.requestThrottle.largeRequestByteCount == .max)
        #expect(configuration.admission.sessionlessMilliseconds == 10_000)
        #expect(warnings == [])
    }

    @Test(arguments: [
        """
        connectionMaxTokens=7
        connectionTokenFillTime=20
        connectionTokenFillCount=3
        connectionFreezeTime=100
        connectionDropIncrease=0.5
        connectionDropDecrease=0.25
        connectionDecreaseRatio=0.75
        connection_throttle_weight_enabled=true
        connection_throttle_renew_session_weight=1
        """,
        """
        connection_throttle_tokens=7
        connection_throttle_fill_time=20
        connection_throttle_fill_count=3
        connection_throttle_freeze_time=100
        connection_throttle_drop_increase=0.5
        connection_throttle_drop_decrease=0.25
        connection_throttle_decrease_ratio=0.75
        zookeeper.connection_throttle_weight_enabled=true
        zookeeper.connection_throttle_renew_session_weight=1
        """,
    ])
    func theConnectionThrottleIsTakenByBothKindsOfNames(text: String) throws {
        let (configuration, warnings) = try read(text)
        var expected = ConnectionThrottleSettings()
        expected.tokenCountMax = 7
        expected.fillMilliseconds = 20
        expected.fillCount = 3
        expected.freezeMilliseconds = 100
        expected.dropIncrease = 0.5
        expected.dropDecrease = 0.25
        expected.decreaseRatio = 0.75
        expected.isWeighted = true
        expected.resumedSessionWeight = 1
        #expect(configuration.connectionThrottle == expected)
        #expect(warnings == [])
    }

    @Test func limitsOfRequestsAreTaken() throws {
        let (configuration, warnings) = try read(
            """
            requestThrottleLimit=9
            requestThrottleStallTime=50
            requestStaleLatencyCheck=true
            throttledOpWaitTime=300
            largeRequestThreshold=1000
            largeRequestMaxBytes=5000
            nio.sessionlessCnxnTimeout=2000
            clientTcpKeepAlive=true
            """)
        var expected = RequestThrottleSettings()
        expected.requestsMax = 9
        expected.throttledOperationMilliseconds = 300
        expected.closesStaleConnections = true
        expected.largeRequestByteCount = 1000
        expected.largeRequestsByteCountMax = 5000
        #expect(configuration.requestThrottle == expected)
        #expect(configuration.admission.sessionlessMilliseconds == 2000)
        #expect(configuration.admission.keepsConnectionsAlive)
        #expect(warnings == [])
    }

    @Test func whatCannotBeSwitchedOffSaysSo() throws {
        let (configuration, warnings) = try read(
            "requestThrottleDropStale=false\nrequestStaleLatencyCheck=true")
        #expect(!configuration.requestThrottle.closesStaleConnections)
        #expect(warnings.count == 1)
    }

    @Test(arguments: [
        "connectionMaxTokens=-1", "connectionDropIncrease=2", "requestThrottleLimit=x",
        "largeRequestThreshold=-2",
    ])
    func valuesOutOfRangeAreRefused(line: String) {
        #expect(throws: ConfigurationError.self) { try read(line) }
    }

    private func read(_ text: String) throws -> (configuration: ServerConfiguration, warnings: [String]) {
        try ServerConfiguration.reading(
            PropertiesText("dataDir=/d\nclientPort=2181\n" + text), file: "zoo.cfg")
    }
}
