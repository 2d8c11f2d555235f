import ByteCoding
import Identifiers

/// In front of every transaction in the log; 32 bytes.
package struct TransactionHeader: Equatable, Sendable {
    package static let byteCount = 32

    /// The session that asked for it.
    package var sessionID: SessionID
    /// The client's xid.
    package var cxid: Int32
    package var zxid: Zxid
    /// The leader's clock, milliseconds since 1970.
    package var time: Int64
    /// What the transaction does; `.error` for a refused request.
    package var type: OperationCode

    @inlinable
    package init(sessionID: SessionID, cxid: Int32, zxid: Zxid, time: Int64, type: OperationCode) {
        self.sessionID = sessionID
        self.cxid = cxid
        self.zxid = zxid
        self.time = time
        self.type = type
    }

    @inlinable
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        sessionID = SessionID(rawValue: try reader.int64())
        cxid = try reader.int32()
        zxid = Zxid(rawValue: try reader.int64())
        time = try reader.int64()
        let rawType = try reader.int32()
        guard let type = OperationCode(rawValue: rawType) else { throw .unknownType(rawType) }
        self.type = type
    }

    @inlinable
    package func encode(into bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 8) { buffer in
            buffer.storeBytes(of: sessionID.rawValue.bigEndian, toByteOffset: 0, as: Int64.self)
            buffer.storeBytes(of: cxid.bigEndian, toByteOffset: 8, as: Int32.self)
            buffer.storeBytes(of: zxid.rawValue.bigEndian, toByteOffset: 12, as: Int64.self)
            buffer.storeBytes(of: time.bigEndian, toByteOffset: 20, as: Int64.self)
            buffer.storeBytes(of: type.rawValue.bigEndian, toByteOffset: 28, as: Int32.self)
            bytes.append(contentsOf: buffer)
        }
    }
}

/// Behind a transaction: what the tree's digest is once it is applied; 12 bytes.
package struct TransactionDigest: Equatable, Sendable {
    package static let byteCount = 12
    /// How ZooKeeper's version 2 computes digests is the only way known here.
    package static let currentVersion: Int32 = 2

    package var version: Int32
    package var treeDigest: UInt64

    @inlinable
    package init(version: Int32 = 2, treeDigest: UInt64) {
        self.version = version
        self.treeDigest = treeDigest
    }

    @inlinable
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        version = try reader.int32()
        treeDigest = UInt64(bitPattern: try reader.int64())
    }

    @inlinable
    package func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: version)
        bytes.append(bigEndian: treeDigest)
    }
}
