import ByteCoding

/// Who somebody is, by a scheme's word.
package struct Identity: Hashable, Sendable {
    package var scheme: String
    package var id: String

    package init(scheme: String, id: String) {
        self.scheme = scheme
        self.id = id
    }

    package static let anyone = Identity(scheme: "world", id: "anyone")

    /// Byte for byte, as Java compares. Swift alone would take two spellings of an accented letter for one
    /// name, and let one user pass for another.
    package static func == (one: Identity, other: Identity) -> Bool {
        one.scheme.isSameText(as: other.scheme) && one.id.isSameText(as: other.id)
    }
}

extension String {
    /// Whether two texts have the same bytes.
    package func isSameText(as other: String) -> Bool {
        self == other && utf8.elementsEqual(other.utf8)
    }
}

/// What an access entry allows; the bits of the wire.
package struct Permissions: OptionSet, Hashable, Sendable {
    package var rawValue: Int32

    @inlinable
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let read = Permissions(rawValue: 1)
    package static let write = Permissions(rawValue: 2)
    package static let create = Permissions(rawValue: 4)
    package static let delete = Permissions(rawValue: 8)
    package static let admin = Permissions(rawValue: 16)
    package static let all = Permissions(rawValue: 31)
}

/// One line of an access list.
package struct AccessEntry: Hashable, Sendable {
    package var permissions: Permissions
    package var identity: Identity

    package init(_ permissions: Permissions, _ identity: Identity) {
        self.permissions = permissions
        self.identity = identity
    }

    /// Everything for everyone.
    package static let open = AccessEntry(.all, .anyone)
}

/// The Jute vector of access entries; in it an entry takes at least 12 bytes.
package enum AccessList {
    /// Decodes a list; nil for null, or for text that is not UTF-8 (both are InvalidACL to a writer).
    package static func decode(_ encoded: RawSpan) throws(JuteDefect) -> [AccessEntry]? {
        var reader = JuteReader(encoded)
        guard let count = try reader.itemCount(itemByteCountMin: 12) else { return nil }
        var entries: [AccessEntry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let permissions = Permissions(rawValue: try reader.int32())
            let scheme = text(try reader.string())
            let id = text(try reader.string())
            guard let scheme, let id else { return nil }
            entries.append(AccessEntry(permissions, Identity(scheme: scheme, id: id)))
        }
        return entries
    }

    package static func encode(_ entries: [AccessEntry], into bytes: inout [UInt8]) {
        bytes.append(bigEndian: Int32(truncatingIfNeeded: entries.count))
        for entry in entries {
            bytes.append(bigEndian: entry.permissions.rawValue)
            bytes.append(juteString: entry.identity.scheme)
            bytes.append(juteString: entry.identity.id)
        }
    }

    static func text(_ bytes: RawSpan) -> String? {
        bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    }
}

extension JuteReader {
    /// An access list's encoded bytes, count included, after checking that they hold together.
    @inlinable
    @_lifetime(copy self)
    package mutating func accessList() throws(JuteDefect) -> RawSpan {
        var ahead = copy()
        let start = ahead.offset
        let count = try ahead.itemCount(itemByteCountMin: 12) ?? 0
        for _ in 0..<count {
            _ = try ahead.int32()
            _ = try ahead.string()
            _ = try ahead.string()
        }
        return try slice(ahead.offset - start)
    }
}
