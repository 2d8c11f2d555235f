import SwiftASN1

/// DER that is not what it should be.
struct DERDefect: Error, Equatable {
    var expected: String
}

/// What is read from certificates and PKCS#12 files: children by place, bytes, object identifiers.
struct DERValue {
    private let node: ASN1Node

    private init(_ node: ASN1Node) { self.node = node }

    init(parsing bytes: ArraySlice<UInt8>, expecting what: String) throws(DERDefect) {
        do {
            node = try DER.parse(bytes)
        } catch {
            throw DERDefect(expected: what)
        }
    }

    /// The tag with its class and kind; no tag that is looked for here needs more than a byte.
    var tag: UInt8 { node.encodedBytes.first ?? 0 }

    /// Tag, length and content.
    var encodedBytes: ArraySlice<UInt8> { node.encodedBytes }

    /// Nothing, if it holds a value of its own.
    var children: [DERValue] {
        switch node.content {
        case .constructed(let nodes): nodes.map { DERValue($0) }
        case .primitive: []
        }
    }

    func child(_ index: Int, expecting what: String) throws(DERDefect) -> DERValue {
        let all = children
        guard index < all.count else { throw DERDefect(expected: what) }
        return all[index]
    }

    /// The content of a value that holds no others.
    func content(expecting what: String) throws(DERDefect) -> ArraySlice<UInt8> {
        guard case .primitive(let bytes) = node.content else { throw DERDefect(expected: what) }
        return bytes
    }

    /// Numbers with dots between them.
    func objectIdentifier() throws(DERDefect) -> String {
        do {
            return try ASN1ObjectIdentifier(derEncoded: node).oidComponents
                .map { String($0) }.joined(separator: ".")
        } catch {
            throw DERDefect(expected: "an object identifier")
        }
    }

    /// A whole number from 0 to `most`.
    func count(upTo most: Int, expecting what: String) throws(DERDefect) -> Int {
        do {
            let number = try Int(derEncoded: node)
            guard (0...most).contains(number) else { throw DERDefect(expected: what) }
            return number
        } catch {
            throw DERDefect(expected: what)
        }
    }

    enum Tag {
        static let octets: UInt8 = 0x04
        static let integer: UInt8 = 0x02
        static let sequence: UInt8 = 0x30
        /// `[n]` around another value.
        static func explicit(_ number: UInt8) -> UInt8 { 0xa0 | number }
        /// `[n]` in place of a plain value's own tag.
        static func implicit(_ number: UInt8) -> UInt8 { 0x80 | number }
    }
}
