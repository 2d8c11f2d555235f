import DataTree
import Identifiers
import Sessions

/// What a server begins with: the tree as storage held it, and the sessions that were open.
struct LoadedState: ~Copyable {
    private(set) var tree: DataTree
    var sessions: [SessionTimeout]

    init(tree: consuming DataTree, sessions: [SessionTimeout]) {
        self.tree = tree
        self.sessions = sessions
    }

    consuming func takeTree() -> DataTree { tree }
}
