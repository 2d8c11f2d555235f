import DataTree
import Disk
import Glibc
import Identifiers
import Jute
import Sessions
import Snapshots
import Storage
import TestSupport
import Testing
import TransactionLog

@testable import Server

/// A snapshot takes the place of everything that a server holds, while it runs or before it starts.
@Suite(.serialized) struct RestoreTests {
    /// A snapshot of a server with data, and the session of a client with an ephemeral node in it.
    private struct Backup {
        let place: TemporaryDirectory
        let path: String
        let session: ConnectResponse
        let end: SnapshotEnd

        var bytes: [UInt8] {
            get throws { try place.contents(of: String(path.dropFirst(place.path.utf8.count + 1))) }
        }
    }

    private func backup() throws -> Backup {
        let source = try TestServer {
            $0.snapshotRecordCount = 20
            Self.letSessionsLast(&$0)
        }
        let client = try TestClient(port: source.port, timeout: 200_000)
        _ = try client.call(.create, TestClient.create("/e", "mine", flags: 1))
        for number in 0..<60 {
            _ = try client.call(.create, TestClient.create("/n\(number)", "of the backup"))
        }
        var pattern = glob_t()
        defer { globfree(&pattern) }
        for _ in 0..<500 where glob(source.directory + "/snap/snap-*.zks", 0, nil, &pattern) != 0 {
            usleep(10_000)
        }
        #expect(source.stop() == .stopped)
        let path = String(cString: try #require(pattern.gl_pathv?[0]))
        let reader = try SnapshotReader(path, on: KernelDisk(syncMode: .bufferedThenSync))
        return Backup(
            place: source.place, path: path, session: try #require(client.response), end: reader.footer.end)
    }

    /// However busy the machine is.
    private static func letSessionsLast(_ configuration: inout ServerConfiguration) {
        configuration.timeouts = SessionTimeouts(
            tickMilliseconds: 50, minimumMilliseconds: 100, maximumMilliseconds: 200_000)
    }

    private static func restore(_ bytes: [UInt8], into server: RunningServer) async throws -> Zxid {
        let intake = try server.receiveSnapshot()
        for start in stride(from: 0, to: bytes.count, by: 1000) {
            try intake.append(bytes.span.extracting(start..<min(bytes.count, start + 1000)).bytes)
        }
        return try await server.restore(intake)
    }

    private struct State: Equatable, Sendable {
        var zxid: Zxid
        var digest: UInt64
        var nodeCount: Int
        var sessionCount: Int
    }

    private func state(of server: TestServer) -> State? {
        server.onCore {
            State(
                zxid: $0.tree.lastAppliedZxid, digest: $0.tree.digest, nodeCount: $0.tree.nodeCount,
                sessionCount: $0.sessions.count)
        }
    }

    private func expected(_ backup: Backup) -> State {
        State(
            zxid: backup.end.zxid, digest: backup.end.digest, nodeCount: backup.end.totals.nodeCount,
            sessionCount: backup.end.totals.sessionCount)
    }

    @Test func aRunningServerTakesOverTheStateAndKeepsItsPort() async throws {
        let backup = try backup()
        let target = try TestServer(Self.letSessionsLast)
        let client = try TestClient(port: target.port)
        for number in 0..<100 { _ = try client.call(.create, TestClient.create("/t\(number)")) }
        let startedAt = target.onCore { $0.startedAt }
        let zxid = try await Self.restore(try backup.bytes, into: target.server)
        #expect(zxid == backup.end.zxid)
        #expect(target.onCore { $0.startedAt } == startedAt)
        #expect(state(of: target) == expected(backup))
        #expect(throws: TestClient.Ended.self) { try client.call(.exists, TestClient.watch("/t1")) }
        // The backup's session lives on, with its node; the target's is gone.
        let again = try TestClient(port: target.port, resuming: backup.session)
        #expect(again.response?.sessionID == backup.session.sessionID)
        #expect(try TestClient.data(try again.call(.getData, TestClient.watch("/e"))) == "mine")
        #expect(try again.call(.exists, TestClient.watch("/t1")).error == ErrorCode.noNode.rawValue)
        let gone = try TestClient(port: target.port, resuming: client.response)
        #expect(gone.response?.timeout == 0)
        #expect(target.stop() == .stopped)
        let next = try TestServer(on: target.place)
        let last = try TestClient(port: next.port)
        #expect(try last.call(.exists, TestClient.watch("/n1")).error == 0)
    }

    /// The state is older than what clients have seen; they would be sent away for ever if writes went on
    /// where the snapshot ends.
    @Test func clientsThatHaveSeenMoreMayComeBackAndNoZxidComesTwice() async throws {
        let backup = try backup()
        let target = try TestServer()
        let client = try TestClient(port: target.port)
        var seen: Int64 = 0
        for number in 0..<200 { seen = try client.call(.create, TestClient.create("/t\(number)")).zxid }
        #expect(seen > backup.end.zxid.rawValue)
        _ = try await Self.restore(try backup.bytes, into: target.server)
        let again = try TestClient(port: target.port, lastZxidSeen: seen)
        #expect(try again.call(.create, TestClient.create("/later")).zxid > 1 << 32)
        #expect(target.stop() == .stopped)
        let next = try TestServer(on: target.place)
        _ = try TestClient(port: next.port, lastZxidSeen: seen)
        _ = try await Self.restore(try backup.bytes, into: next.server)
        let third = try TestClient(port: next.port, lastZxidSeen: 1 << 32 + 50)
        #expect(try third.call(.create, TestClient.create("/later")).zxid > 2 << 32)
    }

    @Test func writesInFlightAreAnsweredFirst() async throws {
        let backup = try backup()
        let target = try TestServer()
        let client = try TestClient(port: target.port)
        for number in 0..<500 {
            client.queue(OperationCode.create.rawValue, TestClient.create("/t\(number)"))
        }
        client.flush()
        _ = try client.readReply()
        _ = try await Self.restore(try backup.bytes, into: target.server)
        var answered = 1
        do { while try client.readReply().error == 0 { answered += 1 } } catch is TestClient.Ended {}
        #expect(answered >= 1)
        #expect(state(of: target)?.digest == backup.end.digest)
    }

    @Test func whateverIsWrongWithTheFileChangesNothing() async throws {
        let backup = try backup()
        let target = try TestServer()
        let client = try TestClient(port: target.port)
        _ = try client.call(.create, TestClient.create("/t", "stays"))
        let good = try backup.bytes
        var damaged = good
        damaged[good.count / 2] ^= 1
        let before = state(of: target)
        for bytes in [damaged, Array(good.dropLast(9)), Array(good.prefix(4200)), [], Array("ZKSN".utf8)] {
            do {
                _ = try await Self.restore(bytes, into: target.server)
                Issue.record("it was taken")
            } catch {
                guard case RestoreError.refused? = error as? RestoreError else {
                    Issue.record(error)
                    continue
                }
            }
        }
        #expect(state(of: target) == before)
        #expect(try TestClient.data(try client.call(.getData, TestClient.watch("/t"))) == "stays")
        #expect(target.onCore { $0.statistics.restoreErrorCount } == 5)
        let left = try target.place.names().isEmpty ? [] : try names(in: target.directory + "/snap")
        #expect(left == ["LOCK"])
        _ = try await Self.restore(good, into: target.server)
        #expect(target.onCore { $0.statistics.restoreMilliseconds.count } == 1)
        #expect(target.onCore { $0.statistics.restoreErrorCount } == 5)
    }

    private func names(in directory: String) throws -> [String] {
        try KernelDisk(syncMode: .bufferedThenSync).names(in: directory).sorted()
    }

    @Test func oneRestoreAtATimeAndNoneOfAStoppedServer() async throws {
        let backup = try backup()
        let target = try TestServer()
        do {
            let intake = try target.server.receiveSnapshot()
            expect(.busy) { _ = try target.server.receiveSnapshot() }
            withExtendedLifetime(intake) {}
        }
        for _ in 0..<3 { _ = try await Self.restore(try backup.bytes, into: target.server) }
        #expect(state(of: target) == expected(backup))
        let late = try target.server.receiveSnapshot()
        let bytes = try backup.bytes
        try late.append(bytes.span.bytes)
        #expect(target.stop() == .stopped)
        do {
            _ = try await target.server.restore(late)
            Issue.record("it was taken")
        } catch {
            guard case .stopping = error else {
                Issue.record(error)
                return
            }
        }
        expect(.stopping) { _ = try target.server.receiveSnapshot() }
    }

    private func expect(_ wanted: RestoreError, _ body: () throws -> Void) {
        #expect { try body() } throws: { "\($0)" == "\(wanted)" }
    }

    @Test func aStopWhileASnapshotIsCheckedEndsBoth() async throws {
        let backup = try backup()
        for _ in 0..<10 {
            let target = try TestServer()
            let bytes = try backup.bytes
            let server = target.server
            async let outcome = Self.restore(bytes, into: server)
            target.server.requestStop()
            do {
                #expect(try await outcome == backup.end.zxid)
            } catch RestoreError.stopping {}
            #expect(target.stop() == .stopped)
        }
    }

    @Test func whatACrashLeftOfAReceptionGoesAtTheNextStart() throws {
        let first = try TestServer()
        first.stop()
        try first.place.write([1, 2, 3], to: "data/snap/tmp-snap-received-12")
        let second = try TestServer(on: first.place)
        #expect(try names(in: second.directory + "/snap") == ["LOCK"])
    }

    @Test func aStoppedStoreIsRestoredFromAFile() throws {
        let backup = try backup()
        let place = try TemporaryDirectory()
        let configuration = ServerConfiguration(dataDirectory: place.appending("data"), clientPort: 0)
        #expect(try OfflineRestore.run(backup.path, configuration) == backup.end.zxid)
        let target = try TestServer(on: place)
        #expect(state(of: target) == expected(backup))
        #expect { _ = try OfflineRestore.run(backup.path, configuration) } throws: {
            "\($0)".contains("locked")
        }
        target.stop()
        #expect { _ = try OfflineRestore.run(place.appending("nothing"), configuration) } throws: {
            "\($0)".contains("No such file")
        }
        // The backup is as it was.
        #expect(
            try SnapshotReader(backup.path, on: KernelDisk(syncMode: .bufferedThenSync)).footer.end
                == backup.end)
    }
}
