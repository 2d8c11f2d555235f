/// The commands that a client port answers when a connection begins with them.
package enum FourLetterWord: String, CaseIterable, Sendable {
    case conf, cons, crst, dirs, dump, envi, gtmk, hash, isro, mntr, ruok, srst, srvr, stat, stmk
    case wchc, wchp, wchs
    /// What `telnet` sends when its user closes it. ZooKeeper has it among the commands, whitelist and all.
    case telnetClose = "telnet close"

    /// The command whose letters are the four bytes of `code`, first letter highest.
    package init?(code: UInt32) {
        for word in Self.allCases where word.code == code {
            self = word
            return
        }
        return nil
    }

    package var code: UInt32 {
        self == .telnetClose ? 0xfff4_fffd : rawValue.utf8.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Bytes that belong to the command behind its letters: the mask that `stmk` sets.
    package var argumentByteCount: Int { self == .stmk ? 8 : 0 }

    /// What is answered when the word may not be used.
    var refusal: String { "\(rawValue) is not executed because it is not in the whitelist.\n" }
}

/// Which commands may be used (`4lw.commands.whitelist`).
package struct FourLetterWordFilter: Equatable, Sendable {
    private var words: Set<FourLetterWord>
    /// What stands in the list and is no command: ZooKeeper takes it in silence.
    package private(set) var unknownWords: [String] = []

    package static let all = FourLetterWordFilter(Set(FourLetterWord.allCases))

    /// These and no others.
    package static func only(_ words: Set<FourLetterWord>) -> Self { Self(words) }

    private init(_ words: Set<FourLetterWord>) { self.words = words }

    /// As ZooKeeper reads it: pieces between commas, control characters and blanks around them cut off;
    /// a piece `*` is every command, and ends the list. `srvr` may always be used, because zkServer.sh
    /// asks it, and `isro` where servers may be read-only, because clients that look for one ask it.
    package init(list: String, isReadOnlyModeEnabled: Bool = false) {
        self.init(isReadOnlyModeEnabled ? [.srvr, .isro] : [.srvr])
        for piece in list.split(separator: ",") {
            let name = Self.trimmed(piece)
            if name == "*" {
                words = Set(FourLetterWord.allCases)
                return
            }
            if let word = FourLetterWord(rawValue: name) {
                words.insert(word)
            } else if !name.isEmpty {
                unknownWords.append(name)
            }
        }
    }

    package func allows(_ word: FourLetterWord) -> Bool { words.contains(word) }

    private static func trimmed(_ text: Substring) -> String {
        let scalars = text.unicodeScalars.drop { $0.value <= 0x20 }
        guard let last = scalars.lastIndex(where: { $0.value > 0x20 }) else { return "" }
        return String(scalars[...last])
    }
}
