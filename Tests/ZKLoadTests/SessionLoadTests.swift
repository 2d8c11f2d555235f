import Testing

@testable import zkload

@Suite struct SessionLoadTests {
    private let plan = RunPlan(durationNanoseconds: nanosecondsPerSecond / 5)

    @Test func churnCountsSessionsThatWereOpenedAndClosedWhole() throws {
        var churn = try Churn(parallelCount: 4, servers: NullServerThread().servers)
        let measurement = try churn.run(plan)
        #expect(measurement.answeredCount >= 4)
        #expect(measurement.latencies.count >= UInt64(measurement.answeredCount))
    }

    @Test func churnStopsAtARefusedClose() throws {
        var churn = try Churn(parallelCount: 4, servers: NullServerThread(failAt: 3).servers)
        #expect(throws: LoadFailure.self) { _ = try churn.run(plan) }
    }

    @Test func everyIdleSessionPingsOnceAnInterval() throws {
        var idle = try IdleSessions(
            count: 50, intervalNanoseconds: nanosecondsPerSecond / 20, servers: NullServerThread().servers,
            processes: [])
        let measurement = try idle.run(plan)
        try idle.close()
        // 50 sessions, 20 pings a second each, for a fifth of a second. Late answers count no more.
        #expect((1...200).contains(measurement.answeredCount))
        #expect((199...200).contains(measurement.latencies.count))
    }

    @Test func idleSessionsStopAtAWrongAnswerToAPing() throws {
        var idle = try IdleSessions(
            count: 2, intervalNanoseconds: nanosecondsPerSecond / 50,
            servers: NullServerThread(failAt: 2).servers, processes: [])
        #expect(throws: LoadFailure.self) { _ = try idle.run(plan) }
    }

    @Test(arguments: FanOut.Kind.allCases)
    func inEveryRoundOfAFanOutEveryWatcherIsToldOnce(kind: FanOut.Kind) throws {
        var fanOut = try FanOut(kind, watcherCount: 20, servers: NullServerThread().servers)
        let measurement = try fanOut.run(plan)
        #expect(fanOut.roundCount >= 1)
        #expect(measurement.answeredCount == 20 * fanOut.roundCount)
        #expect(measurement.latencies.count == UInt64(20 * fanOut.roundCount))
        #expect(fanOut.lastTold(0.5) <= fanOut.lastTold(1))
        #expect(fanOut.lastTold(1) == measurement.latencies.maxNanoseconds)
        try fanOut.close()
    }

    @Test func aFanOutStopsWhenAWatchIsRefused() throws {
        // Two requests create the znode, one closes that session; the fourth is a watcher's.
        let servers = NullServerThread(failAt: 4).servers
        #expect(throws: LoadFailure.self) {
            _ = try FanOut(.persistent, watcherCount: 3, servers: servers)
        }
    }
}

@Suite struct TransportTests {
    @Test func trustInAFileThatIsNotThereIsAFailure() {
        #expect(throws: LoadFailure.self) { _ = try TransportSecurity(authorities: "/nowhere/ca.pem") }
    }

    @Test func aServerThatSpeaksNoTLSIsAFailure() throws {
        // The null server takes the hello for a frame that is far too long, and closes.
        var server = try #require(NullServerThread().servers.first)
        do throws(LoadFailure) {
            server.security = try TransportSecurity(authorities: "/etc/ssl/certs/ca-certificates.crt")
        } catch {
            try Test.cancel("no OpenSSL 3 or no file of authorities here")
        }
        #expect(throws: LoadFailure.self) { _ = try Wire(to: server) }
    }
}

@Suite struct ServerFrameTests {
    private let path = Array("/zkload/fan-out".utf8)

    private func event(
        xid: Int32 = -1, type: Int32 = 3, state: Int32 = 3, path: String = "/zkload/fan-out"
    ) -> [UInt8] {
        var bytes = FrameBytes()
        bytes.append(xid)
        bytes.append(Int64(-1))
        bytes.append(Int32(0))
        bytes.append(type)
        bytes.append(state)
        bytes.append(path)
        return bytes.bytes
    }

    private func isChange(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { ServerFrame($0).isChange(of: path) }
    }

    @Test func anEventCountsOnlyForItsPathAndWhatHasHappened() {
        #expect(isChange(event()))
        #expect(!isChange(event(xid: 1)))
        #expect(!isChange(event(type: 2)))
        #expect(!isChange(event(state: 0)))
        #expect(!isChange(event(path: "/zkload/fan-in!")))
        #expect(!isChange(event(path: "/zkload/fan-out/x")))
        #expect(!isChange(Array(event().dropLast())))
    }

    @Test func aReplyCountsOnlyForItsRequestAndWithoutError() {
        func answers(_ error: Int32, to xid: Int32) -> Bool {
            var bytes = FrameBytes()
            bytes.append(Int32(7))
            bytes.append(Int64(1))
            bytes.append(error)
            return bytes.bytes.withUnsafeBytes { ServerFrame($0).answers(xid) }
        }
        #expect(answers(0, to: 7))
        #expect(!answers(0, to: 8))
        #expect(!answers(-101, to: 7))
        #expect(!answers(-112, to: 7))
    }

    @Test func aSessionIsGrantedByATimeoutAboveZero() {
        func isGrant(timeout: Int32, byteCount: Int = 37) -> Bool {
            var bytes = FrameBytes()
            bytes.append(Int32(0))
            bytes.append(timeout)
            bytes.bytes += [UInt8](repeating: 0, count: byteCount - 8)
            return bytes.bytes.withUnsafeBytes { ServerFrame($0).isGrant }
        }
        #expect(isGrant(timeout: 40_000))
        #expect(!isGrant(timeout: 0))
        #expect(!isGrant(timeout: 40_000, byteCount: 20))
    }
}
