/// A value in an answer. Fields keep their order.
enum JSON: Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case decimal(Double)
    case text(String)
    /// Text as UTF-8; what is not UTF-8 becomes U+FFFD.
    case bytes([UInt8])
    case list([JSON])
    case object([(name: String, value: JSON)])

    init(_ number: some BinaryInteger) { self = .integer(Int64(clamping: number)) }

    /// Bytes of UTF-8, indented as Jackson does it for Apache's server.
    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }
}
