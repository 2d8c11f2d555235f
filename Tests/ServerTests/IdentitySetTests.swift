import Jute
import Testing

@testable import Server

struct IdentitySetTests {
    /// What a Java program printed that put the same identities into the set that Apache's server has.
    @Test func theOrderIsThatOfJavasHashTable() {
        let added = [
            ("digest", "joe:oesAybBun9icKJjQSTRN8OBueSc="), ("digest", "ann:x"), ("sasl", "bob"),
            ("super", ""),
            ("x509", "CN=a,O=b"), ("digest", "\u{e9}:1"), ("digest", "u1:h"), ("digest", "u2:h"),
            ("digest", "u3:h"), ("digest", "u4:h"), ("digest", "u5:h"), ("digest", "u6:h"),
            ("digest", "u7:h"),
            ("digest", "u8:h"),
        ]
        let orders = [
            3: ["ann:x", "joe:oesAybBun9icKJjQSTRN8OBueSc=", "127.0.0.1"],
            6: ["ann:x", "CN=a,O=b", "bob", "", "joe:oesAybBun9icKJjQSTRN8OBueSc=", "127.0.0.1"],
            11: [
                "u3:h", "ann:x", "u2:h", "u4:h", "CN=a,O=b", "bob", "", "joe:oesAybBun9icKJjQSTRN8OBueSc=",
                "\u{e9}:1", "127.0.0.1", "u1:h",
            ],
            12: [
                "CN=a,O=b", "bob", "127.0.0.1", "u3:h", "ann:x", "u2:h", "u5:h", "u4:h", "",
                "joe:oesAybBun9icKJjQSTRN8OBueSc=", "\u{e9}:1", "u1:h",
            ],
            15: [
                "CN=a,O=b", "bob", "127.0.0.1", "u3:h", "ann:x", "u2:h", "u5:h", "u4:h", "u7:h", "u6:h", "",
                "u8:h", "joe:oesAybBun9icKJjQSTRN8OBueSc=", "\u{e9}:1", "u1:h",
            ],
        ]
        var set = IdentitySet([Identity(scheme: "ip", id: "127.0.0.1")])
        for (scheme, id) in added {
            set.insert(Identity(scheme: scheme, id: id))
            if let order = orders[set.count] { #expect(set.list.map(\.id) == order) }
        }
        #expect(set.count == 15)
    }

    @Test func anIdentityIsThereOnce() {
        var set = IdentitySet([Identity(scheme: "ip", id: "::1")])
        for _ in 0..<3 { set.insert(Identity(scheme: "digest", id: "joe:x")) }
        #expect(set.count == 2 && set.byteCount == "ip::1digestjoe:x".utf8.count)
    }
}
