/// What a server needs to know of a certificate besides whether it is to be trusted.
package struct CertificateFields {
    /// The issuer's and the subject's name, as the certificate has them.
    let issuer: DERValue
    let subject: DERValue
    /// The addresses that it was made out to: 4 bytes, or 16.
    let addresses: [[UInt8]]

    /// From a certificate's DER.
    package init(_ bytes: [UInt8]) throws { try self.init(reading: bytes) }

    init(reading bytes: [UInt8]) throws(DERDefect) {
        let certificate = try DERValue(parsing: bytes[...], expecting: "a certificate")
        let fields = try certificate.child(0, expecting: "what a certificate certifies").children
        // The version, which the oldest certificates leave out, is the only field that may stand before.
        let first = fields.first?.tag == DERValue.Tag.explicit(0) ? 1 : 0
        guard fields.count >= first + 6 else { throw DERDefect(expected: "all fields of a certificate") }
        issuer = fields[first + 2]
        subject = fields[first + 4]
        var addresses: [[UInt8]] = []
        for field in fields[(first + 6)...] where field.tag == DERValue.Tag.explicit(3) {
            for item in try field.child(0, expecting: "extensions").children {
                addresses += try Self.addresses(inExtension: item)
            }
        }
        self.addresses = addresses
    }

    /// The subject's name as Java's `X500Principal.getName()` prints it.
    package var subjectText: String { get throws { try DistinguishedName.text(of: subject) } }

    private static let subjectAlternativeNames = "2.5.29.17"
    private static let addressTag = DERValue.Tag.implicit(7)

    private static func addresses(inExtension item: DERValue) throws(DERDefect) -> [[UInt8]] {
        let type = try item.child(0, expecting: "an extension's type").objectIdentifier()
        guard type == subjectAlternativeNames, let value = item.children.last else { return [] }
        let names = try DERValue(
            parsing: value.content(expecting: "an extension's value"), expecting: "alternative names")
        var addresses: [[UInt8]] = []
        for name in names.children where name.tag == addressTag {
            addresses.append([UInt8](try name.content(expecting: "an address")))
        }
        return addresses
    }
}
