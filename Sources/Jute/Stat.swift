import ByteCoding

/// A znode's facts as clients see them; 68 bytes on the wire.
package struct Stat: Equatable, Sendable {
    package static let byteCount = 68

    package var czxid: Int64 = 0
    package var mzxid: Int64 = 0
    /// Milliseconds since 1970, by the clock of the leader that made the node.
    package var ctime: Int64 = 0
    package var mtime: Int64 = 0
    package var version: Int32 = 0
    package var cversion: Int32 = 0
    package var aversion: Int32 = 0
    package var ephemeralOwner: Int64 = 0
    package var dataByteCount: Int32 = 0
    package var childCount: Int32 = 0
    package var pzxid: Int64 = 0

    @inlinable
    package init() {}

    package init(from reader: inout JuteReader) throws(JuteDefect) {
        czxid = try reader.int64()
        mzxid = try reader.int64()
        ctime = try reader.int64()
        mtime = try reader.int64()
        version = try reader.int32()
        cversion = try reader.int32()
        aversion = try reader.int32()
        ephemeralOwner = try reader.int64()
        dataByteCount = try reader.int32()
        childCount = try reader.int32()
        pzxid = try reader.int64()
    }

    @inlinable
    package func encode(into bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: Stat.byteCount, alignment: 8) { buffer in
            buffer.storeBytes(of: czxid.bigEndian, toByteOffset: 0, as: Int64.self)
            buffer.storeBytes(of: mzxid.bigEndian, toByteOffset: 8, as: Int64.self)
            buffer.storeBytes(of: ctime.bigEndian, toByteOffset: 16, as: Int64.self)
            buffer.storeBytes(of: mtime.bigEndian, toByteOffset: 24, as: Int64.self)
            buffer.storeBytes(of: version.bigEndian, toByteOffset: 32, as: Int32.self)
            buffer.storeBytes(of: cversion.bigEndian, toByteOffset: 36, as: Int32.self)
            buffer.storeBytes(of: aversion.bigEndian, toByteOffset: 40, as: Int32.self)
            buffer.storeBytes(of: ephemeralOwner.bigEndian, toByteOffset: 44, as: Int64.self)
            buffer.storeBytes(of: dataByteCount.bigEndian, toByteOffset: 52, as: Int32.self)
            buffer.storeBytes(of: childCount.bigEndian, toByteOffset: 56, as: Int32.self)
            buffer.storeBytes(of: pzxid.bigEndian, toByteOffset: 60, as: Int64.self)
            bytes.append(contentsOf: buffer)
        }
    }
}
