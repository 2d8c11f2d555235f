/// Makes the requests of a run, one after the other, without allocating.
struct RequestSource: ~Copyable {
    let requestByteCountMax: Int
    let shape: PathShape
    let sizes: RequestSizes
    private let first: RequestTemplate
    private let second: RequestTemplate
    private let firstPercent: UInt64
    private let text: ValueText
    private var choice: ZnodeChoice

    init(_ mix: Mix, at shape: PathShape, order: ZnodeChoice.Order, sizes: RequestSizes) {
        let operations = mix.operations
        self.init(
            operations.first, operations.second, firstPercent: UInt64(operations.firstPercent), at: shape,
            order: order, sizes: sizes)
    }

    init(
        _ first: Operation, _ second: Operation, firstPercent: UInt64, at shape: PathShape,
        order: ZnodeChoice.Order, sizes: RequestSizes
    ) {
        self.shape = shape
        self.sizes = sizes
        self.first = RequestTemplate(first, at: shape, sizes: sizes)
        self.second = RequestTemplate(second, at: shape, sizes: sizes)
        self.firstPercent = firstPercent
        requestByteCountMax = max(self.first.byteCount, self.second.byteCount)
        text = ValueText(valueByteCount: sizes.valueByteCount)
        choice = ZnodeChoice(order)
    }

    /// How many znodes the requests made so far name.
    var znodeCount: Int { choice.count }

    /// Writes the next request to `target`, which has room for `requestByteCountMax` bytes.
    @inline(__always)
    mutating func writeNext(
        xid: Int32, to target: UnsafeMutableRawPointer
    ) -> (byteCount: Int, operation: Operation) {
        let znode = choice.next()
        // Bits 16...31 choose the kind: apart from those that choose the znode and, mostly, the value.
        if ((znode.bits >> 16 & 0xFFFF) * 100) >> 16 < firstPercent {
            Self.write(first, xid: xid, znode, others: &choice, text, to: target)
            return (first.byteCount, first.operation)
        }
        Self.write(second, xid: xid, znode, others: &choice, text, to: target)
        return (second.byteCount, second.operation)
    }

    @inline(__always)
    private static func write(
        _ template: borrowing RequestTemplate, xid: Int32, _ znode: ZnodeChoice.Chosen,
        others: inout ZnodeChoice, _ text: borrowing ValueText, to target: UnsafeMutableRawPointer
    ) {
        var position = template.begin(xid: xid, at: target)
        position = template.writeUnit(number: znode.number, value: text.value(znode.bits), at: position)
        guard template.unitCount > 1 else { return template.finish(at: position) }
        for _ in 1..<template.unitCount {
            let other = others.next()
            position = template.writeUnit(number: other.number, value: text.value(other.bits), at: position)
        }
        template.finish(at: position)
    }
}

/// Which znode comes next.
struct ZnodeChoice {
    enum Order {
        /// Any of the first `count`, each equally often.
        case random(count: Int)
        /// 0, 1, 2 ... as znodes are created or deleted.
        case sequential
    }

    /// A znode's number and the random bits that go with it.
    struct Chosen {
        var number: Int
        var bits: UInt64
    }

    private var random = Xorshift(seed: 0x9E37_79B9_7F4A_7C15)
    private let randomCount: UInt64
    private let isSequential: Bool
    /// How many were chosen.
    private(set) var count = 0

    init(_ order: Order) {
        switch order {
        case .random(let count): (randomCount, isSequential) = (UInt64(count), false)
        case .sequential: (randomCount, isSequential) = (0, true)
        }
    }

    @inline(__always)
    mutating func next() -> Chosen {
        defer { count += 1 }
        let bits = random.next()
        return Chosen(number: isSequential ? count : Int(((bits >> 32) &* randomCount) >> 32), bits: bits)
    }
}
