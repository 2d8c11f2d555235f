import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Testing

@testable import Admin

/// A port for operators by itself, with a responder of the test's.
@Suite struct HTTPPortTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func port(
        _ number: Int = 0, _ change: (inout HTTPLimits) -> Void = { _ in }, answer: String = "hello"
    ) throws -> HTTPPort {
        var settings = HTTPPort.Settings(key: "admin.serverPort", address: "127.0.0.1", port: number)
        change(&settings.limits)
        return try HTTPPort(settings, logger: logger) { _, _ in
            Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: answer)))
        }
    }

    @Test func aRequestIsAnswered() async throws {
        try await onOwnThread {
            let port = try Self.port()
            let answer = Asker.get("/anything", port: port.port)
            #expect(answer?.hasPrefix("HTTP/1.1 200 OK\r\n") == true)
            #expect(answer?.hasSuffix("\r\n\r\nhello") == true)
            port.stop()
        }
    }

    @Test func aPortThatIsTakenIsNamedWithItsKey() async throws {
        try await onOwnThread {
            let first = try Self.port()
            let error = #expect(throws: HTTPPortError.self) { try Self.port(first.port) }
            #expect(error?.key == "admin.serverPort")
            #expect("\(error as Any)".contains("127.0.0.1:\(first.port)"), "\(error as Any)")
            first.stop()
        }
    }

    @Test func aPortThatWasGivenBackCanBeTakenAgain() async throws {
        try await onOwnThread {
            let first = try Self.port()
            let number = first.port
            first.stop()
            let second = try Self.port(number)
            #expect(Asker.get("/", port: number)?.hasSuffix("hello") == true)
            second.stop()
        }
    }

    @Test func anEndDoesNotWaitForThoseWhoAreSilent() async throws {
        try await onOwnThread {
            let port = try Self.port()
            let silent = Asker(port: port.port)
            let slow = Asker(port: port.port)
            slow.send("GET / HTTP/1.1\r\nHo")
            let start = ContinuousClock.now
            port.stop()
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(silent.readToEnd() != nil)
        }
    }

    @Test func aHeadThatIsTooLongIsRefused() async throws {
        try await onOwnThread {
            let port = try Self.port()
            let field = String(repeating: "x", count: 20_000)
            let answer = Asker.get("/", port: port.port, fields: "X: \(field)\r\n")
            #expect(answer?.contains("200") == false)
            let many = String(repeating: "a: b\r\n", count: 1000)
            #expect(Asker.get("/", port: port.port, fields: many)?.contains("200") == false)
            port.stop()
        }
    }

    @Test func whoSaysNothingOrTooLittleIsSentAway() async throws {
        try await onOwnThread {
            let port = try Self.port { $0.idleMilliseconds = 300 }
            let silent = Asker(port: port.port)
            let slowHead = Asker(port: port.port)
            slowHead.send("GET / HTTP/1.1\r\n")
            let slowBody = Asker(port: port.port)
            slowBody.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc")
            for asker in [silent, slowHead, slowBody] { #expect(asker.readToEnd() != nil) }
            port.stop()
        }
    }

    @Test func aBodyThatNobodyAskedForIsBounded() async throws {
        try await onOwnThread {
            let port = try Self.port { $0.bodyByteCountMax = 1000 }
            let asker = Asker(port: port.port)
            asker.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "200\r\n" + String(repeating: "x", count: 512) + "\r\n"
            for _ in 0..<1000 { asker.send(chunk) }
            #expect(asker.readToEnd() != nil)
            port.stop()
        }
    }

    @Test func anAnswerThatNobodyTakesDoesNotKeepItsConnection() async throws {
        try await onOwnThread {
            let long = String(repeating: "x", count: 64 << 20)
            let port = try Self.port(0, { $0.idleMilliseconds = 300 }, answer: long)
            let asker = Asker(port: port.port)
            asker.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            usleep(2_000_000)
            #expect((asker.readToEnd()?.utf8.count ?? 0) < long.utf8.count)
            port.stop()
        }
    }

    @Test func onlySoManyAreLetInAtATime() async throws {
        try await onOwnThread {
            let port = try Self.port { limits in
                limits.connectionCountMax = 4
                limits.idleMilliseconds = 500
            }
            let silent = (0..<8).map { _ in Asker(port: port.port) }
            // Waits until those in front of it were sent away.
            #expect(Asker.get("/", port: port.port)?.hasSuffix("hello") == true)
            withExtendedLifetime(silent) { port.stop() }
        }
    }
}
