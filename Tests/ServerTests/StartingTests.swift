import Glibc
import Jute
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Server

/// From the process's beginning until clients are served.
@Suite(.serialized) struct StartingTests {
    @Test func aStartWhosePortIsTakenLeavesNoTraceInTheDataDirectory() throws {
        let first = try TestServer()
        let place = try TemporaryDirectory()
        do {
            _ = try TestServer(on: place) { $0.clientPort = first.port }
            Issue.record("two servers listen on one port")
        } catch let error as StartError {
            #expect(error.exitCode == .listening)
            #expect("\(error)".hasPrefix("cannot listen for clients: "))
        }
        #expect(access(place.appending("data"), F_OK) != 0)
    }

    @Test func aStartThatIsRefusedGivesItsPortBack() throws {
        let first = try TestServer()
        var port = 0
        #expect(throws: StartError.self) {
            _ = try TestServer(on: first.place) {
                port = unusedPort()
                $0.clientPort = port
            }
        }
        #expect(throws: TestClient.Ended.self) { _ = try TestClient(rawTo: port) }
        #expect(try TestServer { $0.clientPort = port }.port == port)
    }

    @Test func whileTheDataIsLoadedCommandsAreToldSoAndClientsAreSentAway() throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = ServerConfiguration(dataDirectory: "unused", clientPort: 0)
        configuration.clientAddress = "127.0.0.1"
        let listeners = try Listeners.open(
            configuration, on: group.next(), core: CoreReference(eventLoop: group.next()), tls: nil)
        let port = try #require(listeners.port)
        let text = "This ZooKeeper instance is not currently serving requests\n"
        #expect(try answer(Array("srvr".utf8), at: port) == text)
        #expect(
            try answer(Array("mntr".utf8), at: port)
                == "mntr is not executed because it is not in the whitelist.\n")
        var request: [UInt8] = [0, 0, 0, 45]
        ConnectRequest(timeout: 1000, isReadOnly: false).encode(into: &request)
        #expect(try answer(request, at: port) == "")
        try group.syncShutdownGracefully()
    }

    private func answer(_ bytes: [UInt8], at port: Int) throws -> String {
        let client = try TestClient(rawTo: port)
        client.send(bytes)
        return String(decoding: try client.readToEnd(), as: UTF8.self)
    }

    /// A port that the kernel gave to a server that has ended.
    private func unusedPort() -> Int {
        do {
            let server = try TestServer()
            server.stop()
            return server.port
        } catch {
            Issue.record("no server starts: \(error)")
            return 0
        }
    }
}
