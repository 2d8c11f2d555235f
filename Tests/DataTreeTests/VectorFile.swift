import Glibc

/// What a server was asked, answered and logged; see `Tests/Vectors/DataTree/record_vectors.py`.
struct RecordedExchange {
    struct Notification: Equatable {
        var connection: UInt32
        var type: Int32
        var zxid: Int64
        var path: String
    }

    var line: Int
    var connection: UInt32
    var operation: Int32
    var body: [UInt8]
    /// Delivered to the connection before the reply.
    var notifications: [Notification] = []
    var error: Int32 = 0
    var reply: [UInt8] = []
    /// Nil for reads.
    var record: [UInt8]?

    static func load(_ name: String) throws -> [RecordedExchange] {
        let directory = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let text = try contents("/" + directory + "/Vectors/DataTree/" + name)
        var exchanges: [RecordedExchange] = []
        for (index, line) in text.split(separator: "\n").enumerated() {
            let words = line.split(separator: " ", maxSplits: 4).map(String.init)
            guard let mark = words.first else { continue }
            if mark == ">" {
                exchanges.append(
                    RecordedExchange(
                        line: index + 1, connection: UInt32(words[1]) ?? 0, operation: Int32(words[2]) ?? 0,
                        body: bytes(words[3])))
                continue
            }
            var exchange = exchanges.removeLast()
            switch mark {
            case "!":
                exchange.notifications.append(
                    Notification(
                        connection: UInt32(words[1]) ?? 0, type: Int32(words[2]) ?? 0,
                        zxid: Int64(words[3]) ?? 0, path: words[4]))
            case "<":
                exchange.error = Int32(words[1]) ?? 0
                exchange.reply = bytes(words[2])
            default:
                exchange.record = bytes(words[1])
            }
            exchanges.append(exchange)
        }
        return exchanges
    }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        if digits.count < 2 { return [] }
        return stride(from: 0, to: digits.count, by: 2).map { index in
            UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) ?? 0
        }
    }

    struct CannotRead: Error { var path: String }

    private static func contents(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw CannotRead(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
