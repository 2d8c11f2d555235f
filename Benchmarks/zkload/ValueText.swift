/// The source of values: 64 KiB and one value more of JSON-like text, of which a value is any stretch.
///
/// Text as services store it, so that a server which compresses its log gains what it would in earnest.
struct ValueText: ~Copyable {
    private let bytes: UnsafeMutableRawBufferPointer
    private static let startCount: UInt64 = 64 * 1024

    init(valueByteCount: Int) {
        var random = Xorshift(seed: 0x5EED)
        let byteCount = Int(Self.startCount) + valueByteCount
        var text: [UInt8] = []
        while text.count < byteCount {
            let number = random.next()
            let line = """
                {"host":"10.0.\(number & 255).\(number >> 8 & 255)","port":\(1024 + number >> 16 & 32767),\
                "id":"\(String(number, radix: 16))","state":"active","weight":\(number >> 40 & 1023)},
                """
            text += Array(line.utf8)
        }
        bytes = .allocate(byteCount: byteCount, alignment: 64)
        bytes.copyBytes(from: text[..<byteCount])
    }

    deinit { bytes.deallocate() }

    /// A value chosen by `random`; good as long as this text.
    @inline(__always)
    func value(_ random: UInt64) -> UnsafeRawPointer {
        UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped) + Int(random & (Self.startCount - 1))
    }
}

/// A small random generator with a fixed seed: two servers measured one after the other see the same requests.
struct Xorshift {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    @inline(__always)
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
