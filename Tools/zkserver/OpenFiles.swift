import Glibc

/// How many files and sockets the process may have open.
enum OpenFiles {
    /// Takes all that the system allows: the usual soft limit of 1024 is not enough for a server's clients,
    /// and a log that cannot open its next segment ends the server.
    static func raiseLimit() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
