import DataTree
import Sessions

/// What a server begins with: the tree as storage held it, and the sessions that were open.
package struct LoadedState: ~Copyable {
    package var tree: DataTree
    /// By rising identifier.
    package let sessions: [SessionTimeout]
    /// Records after which the tree was not what the log says it was.
    package let digestMismatchCount: UInt64

    package consuming func takeTree() -> DataTree { tree }
}
