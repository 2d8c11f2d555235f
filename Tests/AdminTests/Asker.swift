import Glibc

/// A socket of a client that speaks HTTP as the test wants it.
final class Asker {
    private let descriptor: Int32

    /// To 127.0.0.1. Reading waits ten seconds at most.
    init(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { close(descriptor) }

    /// Whether the kernel took all of it.
    @discardableResult
    func send(_ text: String) -> Bool {
        Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) == text.utf8.count
    }

    /// All that comes until the other side closes or nothing comes; nil if it was never closed.
    func readToEnd() -> String? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) {
                return String(decoding: bytes, as: UTF8.self)
            }
            guard count > 0 else { return nil }
            bytes += piece[..<count]
        }
    }

    /// The answer to one request on a connection of its own.
    static func get(_ path: String, port: Int, method: String = "GET", fields: String = "") -> String? {
        let asker = Asker(port: port)
        asker.send("\(method) \(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\(fields)\r\n")
        return asker.readToEnd()
    }
}
