/// Makes the requests of a run, one after the other, without allocating.
struct RequestSource: ~Copyable {
    /// Which znode the next request is for.
    enum Order {
        /// Any of the first `count`, each equally often.
        case random(count: Int)
        /// 0, 1, 2 ... as znodes are created or deleted.
        case sequential
    }

    let requestByteCountMax: Int
    let shape: PathShape
    private let first: RequestTemplate
    private let second: RequestTemplate
    private let firstPercent: UInt64
    private let randomCount: UInt64
    private let isSequential: Bool
    private let text: ValueText
    /// How many requests were made.
    private(set) var issuedCount = 0
    private var random = Xorshift(seed: 0x9E37_79B9_7F4A_7C15)

    init(_ mix: Mix, at shape: PathShape, order: Order, valueByteCount: Int) {
        let operations = mix.operations
        self.init(
            operations.first, operations.second, firstPercent: UInt64(operations.firstPercent), at: shape,
            order: order, valueByteCount: valueByteCount)
    }

    init(
        _ first: Operation, _ second: Operation, firstPercent: UInt64, at shape: PathShape, order: Order,
        valueByteCount: Int
    ) {
        self.shape = shape
        self.first = RequestTemplate(first, at: shape, valueByteCount: valueByteCount)
        self.second = RequestTemplate(second, at: shape, valueByteCount: valueByteCount)
        self.firstPercent = firstPercent
        requestByteCountMax = max(self.first.byteCount, self.second.byteCount)
        text = ValueText(valueByteCount: valueByteCount)
        switch order {
        case .random(let count): (randomCount, isSequential) = (UInt64(count), false)
        case .sequential: (randomCount, isSequential) = (0, true)
        }
    }

    /// Writes the next request to `target`, which has room for `requestByteCountMax` bytes.
    @inline(__always)
    mutating func writeNext(
        xid: Int32, to target: UnsafeMutableRawPointer
    ) -> (byteCount: Int, operation: Operation) {
        defer { issuedCount += 1 }
        let bits = random.next()
        let number: Int
        if isSequential {
            number = issuedCount
        } else {
            number = Int(((bits >> 32) &* randomCount) >> 32)
        }
        let value = text.value(bits)
        // Bits 16...31 choose the kind: apart from those that choose the znode and, mostly, the value.
        if ((bits >> 16 & 0xFFFF) * 100) >> 16 < firstPercent {
            first.write(number: number, xid: xid, value: value, to: target)
            return (first.byteCount, first.operation)
        }
        second.write(number: number, xid: xid, value: value, to: target)
        return (second.byteCount, second.operation)
    }
}
