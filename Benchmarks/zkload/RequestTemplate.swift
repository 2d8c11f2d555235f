import Glibc

/// One kind of request as encoded bytes with gaps: xid, digits of the path, value.
///
/// Writing a request is two or three copies and ten digits. The bytes live as long as the template.
struct RequestTemplate: ~Copyable {
    let operation: Operation
    /// The length of every request of this template, frame length included.
    let byteCount: Int
    private let head: UnsafeMutableRawBufferPointer
    private let tail: UnsafeMutableRawBufferPointer
    private let valueByteCount: Int
    private let pathByteCount: Int

    private static let xidOffset = 4
    private static let pathOffset = 16

    init(_ operation: Operation, at shape: PathShape, valueByteCount: Int) {
        let carriesValue = operation == .create || operation == .set
        self.operation = operation
        self.valueByteCount = carriesValue ? valueByteCount : 0
        pathByteCount = shape.template.count

        var body = FrameBytes()
        body.append(Int32(0))  // the xid, filled in later
        body.append(Int32(operation.rawValue))
        body.append(shape.template)
        if carriesValue { body.append(Int32(valueByteCount)) }
        var end = FrameBytes()
        switch operation {
        case .create:
            end.appendOpenACL()
            end.append(Int32(0))  // flags: persistent
        case .set, .delete: end.append(Int32(-1))  // any version
        case .get, .exists: end.append(UInt8(0))  // no watch
        }
        let frameByteCount = body.bytes.count + self.valueByteCount + end.bytes.count
        var framed = FrameBytes()
        framed.append(Int32(frameByteCount))
        framed.bytes += body.bytes
        byteCount = 4 + frameByteCount
        head = Self.kept(framed.bytes)
        tail = Self.kept(end.bytes)
    }

    deinit {
        head.deallocate()
        tail.deallocate()
    }

    private static func kept(_ bytes: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        memory.copyBytes(from: bytes)
        return memory
    }

    /// Writes the request for znode `number` to `target`, which has room for `byteCount` bytes.
    /// `value` has at least as many bytes as the template's values.
    @inline(__always)
    func write(number: Int, xid: Int32, value: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
        if let head = head.baseAddress { memcpy(target, head, self.head.count) }
        target.storeBytes(of: xid.bigEndian, toByteOffset: Self.xidOffset, as: Int32.self)
        PathShape.fill(number, into: target + Self.pathOffset, byteCount: pathByteCount)
        let valueStart = target + head.count
        memcpy(valueStart, value, valueByteCount)
        if let tail = tail.baseAddress { memcpy(valueStart + valueByteCount, tail, self.tail.count) }
    }
}

/// Bytes of a request under construction: integers big-endian, strings and buffers with a length before.
struct FrameBytes {
    var bytes: [UInt8] = []

    mutating func append(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ buffer: [UInt8]) {
        append(Int32(buffer.count))
        bytes += buffer
    }

    mutating func append(_ string: String) { append(Array(string.utf8)) }

    /// One entry: everybody may do everything.
    mutating func appendOpenACL() {
        append(Int32(1))
        append(Int32(31))
        append("world")
        append("anyone")
    }
}
