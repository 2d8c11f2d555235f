/// How a server process ends; the same numbers for everyone who watches it.
package enum ServerExitCode: Int32, Sendable {
    /// Stopped by SIGTERM or SIGINT, in good order.
    case stopped = 0
    /// The settings cannot be used.
    case configuration = 2
    /// The data directory cannot be opened, or must not: the message says what to do.
    case storage = 10
    /// A write or sync of the log failed while the server ran; restarting recovers what is durable.
    case logFailure = 11
    /// The client port cannot be listened on.
    case listening = 12
    /// A port for operators (admin, metrics) cannot be listened on.
    case operatorPort = 13
}
