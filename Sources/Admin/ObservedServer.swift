import Server
import Synchronization

/// What the server was told at its start. Hummingbird has a type of the same name.
typealias Configuration = ServerConfiguration

/// The server that is asked; nobody until it serves.
package final class ObservedServer: Sendable {
    private let observer = Mutex<ServerObserver?>(nil)

    package init() {}

    package func set(_ observer: ServerObserver?) { self.observer.withLock { $0 = observer } }

    package var current: ServerObserver? { observer.withLock { $0 } }
}
