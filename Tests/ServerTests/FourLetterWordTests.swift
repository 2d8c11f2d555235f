import Testing

@testable import Server

/// Which commands may be used, as ZooKeeper reads its whitelist.
@Suite struct FourLetterWordTests {
    @Test func withoutAListOnlySrvrIsAllowed() {
        let filter = FourLetterWordFilter(list: "")
        #expect(FourLetterWord.allCases.filter(filter.allows) == [.srvr])
    }

    @Test func srvrIsAllowedWhateverTheListSays() {
        let filter = FourLetterWordFilter(list: "ruok")
        #expect(Set(FourLetterWord.allCases.filter(filter.allows)) == [.ruok, .srvr])
    }

    @Test func isroIsAllowedWhereServersMayBeReadOnly() {
        #expect(FourLetterWordFilter(list: "", isReadOnlyModeEnabled: true).allows(.isro))
        #expect(!FourLetterWordFilter(list: "").allows(.isro))
    }

    @Test func blanksAndControlCharactersAroundAWordAreCutOffAndNoOthers() {
        let filter = FourLetterWordFilter(list: " ruok ,\tmntr\u{0},\u{a0}cons,w chs,,")
        #expect(Set(FourLetterWord.allCases.filter(filter.allows)) == [.ruok, .mntr, .srvr])
        #expect(filter.unknownWords == ["\u{a0}cons", "w chs"])
    }

    @Test func aStarIsEveryCommandAndEndsTheList() {
        let filter = FourLetterWordFilter(list: "ruok, * ,nonsense")
        #expect(FourLetterWord.allCases.allSatisfy(filter.allows))
        #expect(filter.unknownWords == [])
    }

    @Test func wordsAreComparedLetterByLetter() {
        #expect(!FourLetterWordFilter(list: "RUOK,**,*a").allows(.ruok))
    }

    @Test func theBytesOfTelnetAreACommandToo() {
        #expect(FourLetterWord(code: 0xfff4_fffd) == .telnetClose)
        #expect(FourLetterWordFilter(list: "telnet close").allows(.telnetClose))
    }
}

/// Reports are bytes, and bounded.
@Suite struct ReportTextTests {
    @Test func numbersAreWrittenAsJavaWritesThem() {
        var text = ReportText()
        text.append(0)
        text.append(" ")
        text.append(-120)
        text.append(" ")
        text.append(hexadecimal: 0x1000_a8dd)
        text.append(" ")
        text.append(hexadecimal: -1)
        text.append(" ")
        text.append(Int64.min)
        #expect(
            String(decoding: text.bytes, as: UTF8.self)
                == "0 -120 1000a8dd ffffffffffffffff -9223372036854775808")
    }

    @Test func aLineThatWasBegunIsFinishedAndTheCutIsSaid() {
        var text = ReportText(byteCountMax: 10)
        #expect(text.hasRoom)
        text.append("0123456789")
        #expect(!text.hasRoom)
        text.cut("watches", count: 7)
        #expect(
            String(decoding: text.bytes, as: UTF8.self)
                == "0123456789... cut after 10 bytes: 7 watches in all\n")
    }
}
