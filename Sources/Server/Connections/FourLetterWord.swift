/// The commands that a client port answers when a connection begins with them.
package enum FourLetterWord: String, CaseIterable, Sendable {
    case conf, cons, crst, dirs, envi, isro, mntr, ruok, srst, srvr, stat, wchs

    /// The command whose letters are the four bytes of `code`, first letter highest.
    package init?(code: UInt32) {
        for word in Self.allCases where word.code == code {
            self = word
            return
        }
        return nil
    }

    package var code: UInt32 { rawValue.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

    /// What is answered when the word may not be used.
    var refusal: String { "\(rawValue) is not executed because it is not in the whitelist.\n" }
}

/// Which commands may be used (`4lw.commands.whitelist`).
package enum FourLetterWordFilter: Equatable, Sendable {
    case all
    case only(Set<FourLetterWord>)

    /// From `*`, or words with commas between them; nil if something else stands there.
    package init?(list: String) {
        let words = list.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }
        if words.contains("*") {
            self = .all
            return
        }
        var known: Set<FourLetterWord> = []
        for word in words {
            guard word.utf8.count == 4 else { return nil }
            // Words that other servers have and this one has not are no mistake.
            if let command = FourLetterWord(rawValue: word) { known.insert(command) }
        }
        self = .only(known)
    }

    package func allows(_ word: FourLetterWord) -> Bool {
        switch self {
        case .all: true
        case .only(let words): words.contains(word)
        }
    }
}
