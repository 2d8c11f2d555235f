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

    private func pairs(_ text: String) -> [String: String] {
        Dictionary(PropertiesText(text).entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }
}
