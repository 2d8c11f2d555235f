import CSocket
import Glibc

/// What TLS needs to know: whose certificates are trusted. Lives as long as a connection may be made.
final class TransportSecurity {
    fileprivate let context: OpaquePointer

    /// Trusts the certificates of a PEM file, be it an authority's or a server's own.
    init(authorities: String) throws(LoadFailure) {
        var problem = TextBuffer()
        guard let context = csecure_open(authorities, &problem.bytes, problem.bytes.count) else {
            throw LoadFailure(problem.text)
        }
        self.context = context
    }

    deinit { csecure_free(context) }
}

/// A connected socket, plain or with TLS. Whoever holds it closes it.
struct Wire {
    let descriptor: Int32
    private let stream: OpaquePointer?

    /// Connects, and shakes hands where the server speaks TLS; waits for both.
    init(to server: ServerAddress) throws(LoadFailure) {
        descriptor = csocket_connect(server.host, server.port)
        guard descriptor >= 0 else { throw LoadFailure("connect to \(server)", code: descriptor) }
        guard let security = server.security else {
            stream = nil
            return
        }
        var problem = TextBuffer()
        stream = csecure_connect(security.context, descriptor, &problem.bytes, problem.bytes.count)
        guard stream != nil else {
            _ = csocket_close(descriptor)
            throw LoadFailure("\(server): \(problem.text)")
        }
    }

    /// "plain", or version and cipher suite.
    var transport: String {
        guard let stream else { return "plain" }
        var name = TextBuffer()
        csecure_describe(stream, &name.bytes, name.bytes.count)
        return name.text
    }

    /// Sends what the socket takes; -EAGAIN when that is nothing.
    @inline(__always)
    func send(_ bytes: UnsafeRawPointer?, _ count: Int) -> Int64 {
        guard let stream else { return csocket_send(descriptor, bytes, count) }
        return csecure_send(stream, bytes, count)
    }

    /// Receives what is there, up to `count`; 0 when the peer has closed, -EAGAIN when there is nothing.
    @inline(__always)
    func receive(_ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int64 {
        guard let stream else { return csocket_receive(descriptor, bytes, count) }
        return csecure_receive(stream, bytes, count)
    }

    /// Whether a receipt that has filled its buffer may have left bytes of which the poller knows nothing.
    var hidesBytes: Bool { stream != nil }

    func setBlocking(_ isBlocking: Bool) throws(LoadFailure) {
        let status = csocket_set_blocking(descriptor, isBlocking ? 1 : 0)
        guard status == 0 else { throw LoadFailure("fcntl", code: status) }
    }

    func close() {
        if let stream { csecure_close(stream) }
        _ = csocket_close(descriptor)
    }
}

/// Room for a text that C code writes.
private struct TextBuffer {
    var bytes = [CChar](repeating: 0, count: 256)

    var text: String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
