import DataTree
import Identifiers

/// `wchs`, `wchc` and `wchp`: who watches what. Child watches are among them, which ZooKeeper's leave out.
extension Core {
    /// From counters.
    func appendWatchSummary(to text: inout ReportText) {
        text.append(tree.watcherCount)
        text.append(" connections watching ")
        text.append(tree.watchedPathCount)
        text.append(" paths\nTotal watches:")
        text.append(tree.watchCount)
        text.append("\n")
    }

    /// By session: its identifier, then the paths.
    func appendWatchesBySession(to text: inout ReportText) {
        var last: UInt32?
        tree.forEachWatch { watcher, path in
            guard text.hasRoom else {
                text.cut("watches", count: tree.watchCount)
                return false
            }
            if watcher != last {
                text.append("0x")
                text.append(hexadecimal: sessionID(of: watcher))
                text.append("\n")
                last = watcher
            }
            text.append("\t")
            text.append(path)
            text.append("\n")
            return true
        }
        text.append("\n")
    }

    /// By path: then the sessions.
    func appendWatchesByPath(to text: inout ReportText) {
        tree.forEachWatchedPath { path, watchers in
            guard text.hasRoom else {
                text.cut("paths", count: tree.watchedPathCount)
                return false
            }
            text.append(path)
            text.append("\n")
            for watcher in watchers {
                guard text.hasRoom else { break }
                text.append("\t0x")
                text.append(hexadecimal: sessionID(of: watcher))
                text.append("\n")
            }
            return true
        }
        text.append("\n")
    }

    func sessionID(of watcher: UInt32) -> Int64 { connections[watcher]?.sessionID.rawValue ?? 0 }
}
