import ByteCoding
import Identifiers
import Jute

/// The facts about a node that are stored, and digested, with it.
struct NodeStat: BitwiseCopyable, Equatable {
    var czxid: Int64 = 0
    var mzxid: Int64 = 0
    var pzxid: Int64 = 0
    var ctime: Int64 = 0
    var mtime: Int64 = 0
    /// 0, a session, or a mark for containers and nodes with a time to live; see `NodeKind`.
    var ephemeralOwner: Int64 = 0
    var version: Int32 = 0
    /// Counts the creations of children, never a deletion; what clients see is made from it.
    var cversion: Int32 = 0
    var aversion: Int32 = 0

    init() {}

    /// Of a node that is created now.
    init(createdAt zxid: Zxid, time: Int64, ephemeralOwner: Int64) {
        czxid = zxid.rawValue
        mzxid = zxid.rawValue
        pzxid = zxid.rawValue
        ctime = time
        mtime = time
        self.ephemeralOwner = ephemeralOwner
    }

    static let encodedByteCount = 60

    /// The bytes that a digest covers, in that order: 60, all big-endian.
    @inline(__always)
    func withEncoded<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        withUnsafeTemporaryAllocation(byteCount: Self.encodedByteCount, alignment: 8) { buffer in
            buffer.storeBytes(of: czxid.bigEndian, toByteOffset: 0, as: Int64.self)
            buffer.storeBytes(of: mzxid.bigEndian, toByteOffset: 8, as: Int64.self)
            buffer.storeBytes(of: pzxid.bigEndian, toByteOffset: 16, as: Int64.self)
            buffer.storeBytes(of: ctime.bigEndian, toByteOffset: 24, as: Int64.self)
            buffer.storeBytes(of: mtime.bigEndian, toByteOffset: 32, as: Int64.self)
            buffer.storeBytes(of: version.bigEndian, toByteOffset: 40, as: Int32.self)
            buffer.storeBytes(of: cversion.bigEndian, toByteOffset: 44, as: Int32.self)
            buffer.storeBytes(of: aversion.bigEndian, toByteOffset: 48, as: Int32.self)
            buffer.storeBytes(of: ephemeralOwner.bigEndian, toByteOffset: 52, as: Int64.self)
            return body(UnsafeRawBufferPointer(buffer))
        }
    }

    init(from reader: inout JuteReader) throws(JuteDefect) {
        czxid = try reader.int64()
        mzxid = try reader.int64()
        pzxid = try reader.int64()
        ctime = try reader.int64()
        mtime = try reader.int64()
        version = try reader.int32()
        cversion = try reader.int32()
        aversion = try reader.int32()
        ephemeralOwner = try reader.int64()
    }

    /// A node's part in the tree's digest: the checksum of its path and data, continued over this.
    @inline(__always)
    func digest(continuing contentCRC: UInt32) -> UInt32 {
        withEncoded { CRC32.of($0, continuing: contentCRC) }
    }
}

/// A node in its slab: 104 bytes. Name and data share one block, the name in front.
struct Node: BitwiseCopyable {
    var stat = NodeStat()
    var childCount: UInt32 = 0
    /// The root is its own parent; 0 marks a slot that is free.
    var parent: UInt32 = 0
    var firstChild: UInt32 = 0
    var nextSibling: UInt32 = 0
    var previousSibling: UInt32 = 0
    var acl: UInt32 = 0
    var block: UInt32 = 0
    var nameByteCount: UInt32 = 0
    /// -1 for null data; `placeholder` for a name without a node.
    var rawDataByteCount: Int32 = 0
    /// CRC-32 of path and data, which a digest continues.
    var contentCRC: UInt32 = 0
    /// The node's part in the tree's digest; 0 for what is not counted.
    var digest: UInt32 = 0

    static let placeholder: Int32 = -2

    var isFree: Bool { parent == 0 }
    /// A parent that an image has not brought; clients never see one.
    var isPlaceholder: Bool { rawDataByteCount == Self.placeholder }
    var isDataNull: Bool { rawDataByteCount < 0 }
    var dataByteCount: Int { Int(max(0, rawDataByteCount)) }
    var blockByteCount: Int { Int(nameByteCount) &+ dataByteCount }
}

/// What an ephemeralOwner says about a node.
enum NodeKind: Equatable {
    case persistent
    case ephemeral
    case container
    /// Milliseconds.
    case timeToLive(Int64)

    static let containerOwner = Int64.min
    private static let extendedMask = UInt64(0xff) << 56
    /// About 34.8 years.
    static let timeToLiveMax: Int64 = 1 << 40 - 1

    /// - Parameter areExtendedTypesEnabled: otherwise 0xff is a server's number in a session's id.
    init(owner: Int64, areExtendedTypesEnabled: Bool) {
        if owner == 0 {
            self = .persistent
        } else if areExtendedTypesEnabled, UInt64(bitPattern: owner) & Self.extendedMask == Self.extendedMask
        {
            self = .timeToLive(owner & Self.timeToLiveMax)
        } else {
            self = owner == Self.containerOwner ? .container : .ephemeral
        }
    }

    static func owner(timeToLive: Int64) -> Int64 { Int64(bitPattern: extendedMask) | timeToLive }
}
