import NIOSSL
import Testing

@testable import Server

/// Names in certificates are written as Java's `X500Principal.getName()` writes them.
@Suite struct DistinguishedNameTests {
    @Test func everyNameIsWrittenAsJavaWritesIt() throws {
        let lines = String(decoding: try TLSVectors.bytes("x500-names.tsv"), as: UTF8.self)
            .split(separator: "\n")
        #expect(lines.count > 500)
        for (number, line) in lines.enumerated() {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            let der = TLSVectors.bytes(hex: String(columns[0]))
            guard columns[1] != "refused" else {
                #expect(throws: DERDefect.self, "line \(number + 1)") { try Self.text(der) }
                continue
            }
            let expected = String(decoding: TLSVectors.bytes(hex: String(columns[1])), as: UTF8.self)
            let text = try Self.text(der)
            // Scalar by scalar: Swift's equality would take composed and decomposed letters for the same.
            #expect(Array(text.unicodeScalars) == Array(expected.unicodeScalars), "line \(number + 1)")
        }
    }

    @Test func aNameCutAnywhereIsRefused() throws {
        let der = TLSVectors.bytes(
            hex: "302e310b3009060355040613024445310f300d060355040a0c064176696172793"
                + "10e300c06035504030c05636c69656e")
        #expect(try Self.text(der) == "CN=clien,O=Aviary,C=DE")
        for count in 0..<der.count {
            #expect(throws: DERDefect.self) { try Self.text(Array(der[..<count])) }
        }
    }

    @Test func aCertificateGivesItsNamesAndAddresses() throws {
        let keys = try KeyStore(TLSVectors.store("server.pem", password: ""))
        let fields = try CertificateFields(reading: keys.chain[0].toDERBytes())
        #expect(try fields.subjectText == "CN=server")
        #expect(try DistinguishedName.text(of: fields.issuer) == "CN=Test CA,O=Aviary\\, Inc.,C=DE")
        #expect(fields.addresses == [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]])
    }

    @Test func aDamagedCertificateNeverTraps() throws {
        let keys = try KeyStore(TLSVectors.store("server.pem", password: ""))
        let good = try keys.chain[0].toDERBytes()
        var refusals = 0
        for index in good.indices {
            for bit in 0..<8 {
                var bad = good
                bad[index] ^= 1 << UInt8(bit)
                do throws(DERDefect) {
                    _ = try DistinguishedName.text(of: CertificateFields(reading: bad).subject)
                } catch {
                    refusals += 1
                }
            }
        }
        #expect(refusals > good.count / 4)
    }

    private static func text(_ der: [UInt8]) throws(DERDefect) -> String {
        try DistinguishedName.text(of: DERValue(parsing: der[...], expecting: "a name"))
    }
}
