import Glibc

extension Errno {
    /// The system's words for an errno.
    static func text(_ code: Int32) -> String {
        guard let words = strerror(code) else { return "unknown error" }
        return String(cString: words)
    }
}
