/// What the program says with its exit code.
enum ExitStatus: Int32 {
    /// The log is clean, or ends with a torn batch that was never acknowledged.
    case sound = 0
    case damaged = 1
    case badInvocation = 2
    case unreadable = 3
}
