import Testing

@testable import Server

@Suite struct PropertiesTextTests {
    @Test func keysEndAtEqualsColonOrBlank() {
        #expect(
            pairs("a=1\nb:2\nc 3\nd = 4\n  e\t:\t5  \n") == [
                "a": "1", "b": "2", "c": "3", "d": "4", "e": "5",
            ])
    }

    @Test func commentsAndEmptyLinesAreNothing() {
        #expect(pairs("# a=1\n! b=2\n\n   \n  # c=3\nd=4 # not a comment") == ["d": "4 # not a comment"])
    }

    @Test func aBackslashContinuesTheLine() {
        let text = PropertiesText("a=one,\\\n    two\\\n#three\nb=2")
        #expect(text.entries.map(\.value) == ["one,two#three", "2"])
        #expect(text.entries.map(\.lineNumber) == [1, 4])
    }

    @Test func escapesAreUndone() {
        #expect(pairs(#"path=C\:\\x\u0041\t."#) == ["path": "C:\\xA\t."])
        #expect(pairs(#"a\=b=c"#) == ["a=b": "c"])
    }

    @Test func aKeyMayStandAlone() {
        #expect(pairs("alone") == ["alone": ""])
    }

    @Test func windowsLineEndsAreLineEnds() {
        #expect(pairs("a=1\r\nb=2\r\n") == ["a": "1", "b": "2"])
    }

    /// As an editor of old writes them: a comment in Latin-1, with an ellipsis of Windows in it.
    @Test func bytesThatAreNotUTF8AreLatin1() {
        let text = PropertiesText(
            Array("# f".utf8) + [0xfc, 0x72, 0x85] + Array("a=0\ndataDir=/d".utf8) + [0xe9])
        #expect(text.entries == [.init(key: "dataDir", value: "/d\u{e9}", lineNumber: 2)])
    }

    @Test func bytesThatAreUTF8AreTakenAsThatWhateverStandsElsewhere() {
        let text = PropertiesText([0x23, 0xff, 0x0d] + Array("a=\u{e9}\u{2026}\u{2028}\nb=1".utf8))
        #expect(text.entries.map(\.value) == ["\u{e9}\u{2026}\u{2028}", "1"])
        #expect(text.entries.map(\.lineNumber) == [2, 3])
    }

    @Test func everyKindOfLineEndCountsOnce() {
        #expect(PropertiesText("\n\r\n\r\r\na=1\r\n\n\nb=2").entries.map(\.lineNumber) == [5, 8])
    }

    private func pairs(_ text: String) -> [String: String] {
        Dictionary(PropertiesText(text).entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }
}
