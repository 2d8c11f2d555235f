import DataTree
import Identifiers
import Sessions

/// What a server begins with: the tree as storage held it, and the sessions that were open.
struct LoadedState: ~Copyable {
    private(set) var tree: DataTree
    var sessions: [SessionTimeout]
    /// Records after which the tree was not what the log says it was.
    var digestMismatchCount: UInt64

    init(tree: consuming DataTree, sessions: [SessionTimeout], digestMismatchCount: UInt64 = 0) {
        self.tree = tree
        self.sessions = sessions
        self.digestMismatchCount = digestMismatchCount
    }

    consuming func takeTree() -> DataTree { tree }
}
