import Testing

@testable import DataTree

/// The verdicts are those of Java's X500Principal (JDK 17), which Apache's server asks.
struct CertificateNameTests {
    @Test(arguments: [
        "", "  ", "CN=a", "cn=a", "CN=a,O=b", "CN=a, O=b", "CN=a;O=b", "CN=a+OU=c", "CN=", "1.2.3=a",
        "OID.1.2.3=a", "oid.1.2=a", "1.2=a", "01.2=a", "2.999=a", "CN=\"a,b\"", "CN=a\\,b", "CN=#04024869",
        "1.2.3=#04024869", "CN=a=b", "EMAILADDRESS=x@y", "email=x", "DC=com", "UID=1", "SERIALNUMBER=4",
        "STREET=s", "ST=s", "S=s", "L=l", "T=t", "IP=1", "DNQ=1", "DNQUALIFIER=1", "SURNAME=s", "GIVENNAME=g",
        "INITIALS=i", "GENERATION=g", "C=US", "CN= a ", "CN = a", " CN=a", "CN=a\nb", "CN=\u{e9}", "CN=\\41",
        "CN=\\C3\\A9", "CN=a\\ ", "CN=\"a\" ", "CN=a#b", "CN=a  b", "OU=", "O=a/b", "CN=a O=b", "CN=\\\"a",
    ])
    func theseAreNames(_ name: String) { #expect(CertificateName.isValid(name)) }

    @Test(arguments: [
        "=a", "CN", "abc", "FOO=a", "1=a", "CN=\"a", "CN=a\"b", "CN=a\\", "CN=#zz", "CN=#0", "CN=#", "CN=a,",
        "CN=a,,O=b", ",CN=a", "E=x", "SN=x", "CN=a<b", "CN=a>b", "CN=<a", "CN=a+", "CN=a;", "1.2.x=a",
        "3.1=a", "1.40=a", "CN=\\4", "CN=\\g1", "CN=\"a\"b", "CN=+a", "PSEUDONYM=x", "TITLE=x", "/CN=a",
        "CN:a", "CN=a,O", "user@host", "anyone", "DN=x", "1.2.3=#0402", "CN=#0402", "1..2=a", "1.2.=a",
        ".1=a", "OID.=a", "OID=a",
    ])
    func theseAreNot(_ name: String) { #expect(!CertificateName.isValid(name)) }
}
