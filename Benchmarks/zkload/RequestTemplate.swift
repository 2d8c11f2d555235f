import Glibc

/// One kind of request as encoded bytes with gaps: xid, digits of the path, value.
///
/// A request is a frame's 12 bytes and one unit (path, value, what follows), or for a `multi` several and
/// an end. Writing a unit is two or three copies and ten digits. The bytes live as long as the template.
struct RequestTemplate: ~Copyable {
    let operation: Operation
    /// The length of every request of this template, frame length included.
    let byteCount: Int
    let unitCount: Int
    private let shape: PathShape
    private let head: UnsafeMutableRawBufferPointer
    private let tail: UnsafeMutableRawBufferPointer
    private let end: UnsafeMutableRawBufferPointer
    private let valueByteCount: Int
    private let pathOffset: Int

    /// Length, xid and type.
    private static let frameByteCount = 12

    init(_ operation: Operation, at shape: PathShape, sizes: RequestSizes) {
        let carriesValue = operation == .create || operation == .set || operation == .multi
        self.operation = operation
        self.shape = shape
        unitCount = operation == .multi ? sizes.multiCount : 1
        valueByteCount = carriesValue ? sizes.valueByteCount : 0

        var start = FrameBytes()
        if operation == .multi { start.appendMultiHeader(.set) }
        pathOffset = start.bytes.count + 4
        start.append(shape.template)
        if carriesValue { start.append(Int32(valueByteCount)) }
        var rest = FrameBytes()
        switch operation {
        case .create:
            rest.appendOpenACL()
            rest.append(Int32(0))  // flags: persistent
        case .set, .delete, .multi: rest.append(Int32(-1))  // any version
        case .get, .exists, .children: rest.append(UInt8(0))  // no watch
        }
        var last = FrameBytes()
        if operation == .multi { last.appendMultiHeader(nil) }
        byteCount =
            Self.frameByteCount + unitCount * (start.bytes.count + valueByteCount + rest.bytes.count)
            + last.bytes.count
        head = Self.kept(start.bytes)
        tail = Self.kept(rest.bytes)
        end = Self.kept(last.bytes)
    }

    deinit {
        head.deallocate()
        tail.deallocate()
        end.deallocate()
    }

    private static func kept(_ bytes: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        memory.copyBytes(from: bytes)
        return memory
    }

    /// Starts a request at `target`, which has room for `byteCount` bytes; returns where its first unit
    /// goes.
    @inline(__always)
    func begin(xid: Int32, at target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        target.storeBytes(of: Int32(truncatingIfNeeded: byteCount - 4).bigEndian, as: Int32.self)
        target.storeBytes(of: xid.bigEndian, toByteOffset: 4, as: Int32.self)
        target.storeBytes(of: Int32(operation.rawValue).bigEndian, toByteOffset: 8, as: Int32.self)
        return target + Self.frameByteCount
    }

    /// Writes the unit for znode `number`; returns where the next one goes, or the end. `value` has at
    /// least as many bytes as the template's values.
    @inline(__always)
    func writeUnit(
        number: Int, value: UnsafeRawPointer, at target: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        if let head = head.baseAddress { memcpy(target, head, self.head.count) }
        shape.fill(number, into: target + pathOffset)
        let valueStart = target + head.count
        memcpy(valueStart, value, valueByteCount)
        let tailStart = valueStart + valueByteCount
        if let tail = tail.baseAddress { memcpy(tailStart, tail, self.tail.count) }
        return tailStart + tail.count
    }

    /// Ends the request after its last unit.
    @inline(__always)
    func finish(at target: UnsafeMutableRawPointer) {
        if let end = end.baseAddress { memcpy(target, end, self.end.count) }
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

    /// What stands before each part of a multi; nil is its end.
    mutating func appendMultiHeader(_ operation: Operation?) {
        append(operation.map { Int32($0.rawValue) } ?? -1)
        append(UInt8(operation == nil ? 1 : 0))
        append(Int32(-1))
    }
}
