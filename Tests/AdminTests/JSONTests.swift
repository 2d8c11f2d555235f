import Testing

@testable import Admin

/// Answers look as Jackson's pretty printer makes them look.
@Suite struct JSONTests {
    private func text(_ value: JSON) -> String { String(decoding: value.encoded(), as: UTF8.self) }

    @Test func plainValuesStandAsTheyAre() {
        #expect(text(.null) == "null")
        #expect(text(.boolean(true)) == "true")
        #expect(text(.integer(.min)) == "-9223372036854775808")
        #expect(text(.decimal(0)) == "0.0")
        #expect(text(.decimal(3.4853)) == "3.4853")
        #expect(text(.decimal(.nan)) == "null")
        #expect(text(JSON(UInt64.max)) == "9223372036854775807")
    }

    @Test func textIsEscapedWhereItMustBe() {
        #expect(text(.text("a\"b\\c/d€")) == #""a\"b\\c/d€""#)
        #expect(text(.text("\u{8}\t\n\u{c}\r")) == #""\b\t\n\f\r""#)
        #expect(text(.text("\0\u{1}\u{1f}\u{7f}")) == "\"\\u0000\\u0001\\u001F\u{7f}\"")
        #expect(text(.bytes([0x2f, 0xff, 0x22])) == "\"/\u{fffd}\\\"\"")
    }

    @Test func listsStandOnOneLineAndObjectsOnMany() {
        #expect(text(.list([])) == "[ ]")
        #expect(text(.object([])) == "{ }")
        #expect(text(.list([.integer(1), .text("a")])) == "[ 1, \"a\" ]")
        let inner = JSON.object([("b", .integer(1)), ("a", .list([.object([("c", .null)]), .object([])]))])
        #expect(
            text(.object([("x", inner), ("y", .object([]))])) == """
                {
                  "x" : {
                    "b" : 1,
                    "a" : [ {
                      "c" : null
                    }, { } ]
                  },
                  "y" : { }
                }
                """)
    }
}
