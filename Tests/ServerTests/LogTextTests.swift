import Testing

@testable import Server

/// S30: what comes from outside cannot forge a line, move a terminal's cursor, or fill the disk.
@Suite struct LogTextTests {
    @Test func whatIsNotPrintableIsEscaped() {
        #expect(LogText.escaped("a\nb\r\tc\u{0}\u{1b}[31m\u{7f}") == #"a\nb\r\tc\u{0}\u{1b}[31m\u{7f}"#)
        #expect(
            LogText.escaped("\u{85}\u{2028}\u{2029}\u{202e}\u{feff}")
                == #"\u{85}\u{2028}\u{2029}\u{202e}\u{feff}"#)
        #expect(LogText.escaped("\u{e000}\u{ffff}") == #"\u{e000}\u{ffff}"#)
    }

    @Test func whatIsPrintableStays() {
        #expect(LogText.escaped("/caf\u{e9}/\u{4e2d}\u{6587} ~") == "/caf\u{e9}/\u{4e2d}\u{6587} ~")
    }

    /// Or an escape could be forged.
    @Test func aBackslashIsEscapedToo() {
        #expect(LogText.escaped(#"\n"#) == #"\\n"#)
    }

    @Test func longTextIsCutAt256Characters() {
        #expect(LogText.escaped(String(repeating: "x", count: 256)).count == 256)
        #expect(
            LogText.escaped(String(repeating: "x", count: 1 << 20)) == String(repeating: "x", count: 256)
                + "...")
        #expect(LogText.escaped(String(repeating: "\n", count: 1 << 20)).count <= 259)
    }

    @Test func aWholeLineKeepsItsEscapesAndIsOneLine() {
        #expect(LogText.printable(#"a\n"# + "\n\u{1b}") == #"a\n\n\u{1b}"#)
        #expect(LogText.printable(String(repeating: "x", count: 1 << 20)).count == 4099)
    }
}
