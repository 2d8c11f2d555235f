import Foundation

@testable import zkload

/// A null server on a thread of its own, which lives as long as the test program.
final class NullServerThread: @unchecked Sendable {
    private let isListening = DispatchSemaphore(value: 0)
    /// Written before the semaphore is signalled, read after it was waited for.
    private var port: UInt16 = 0

    /// Waits until the server listens. `failAt` is the request that it answers with an error.
    init(failAt: Int? = nil) {
        Thread.detachNewThread { self.serve(failAt: failAt) }
        isListening.wait()
    }

    var servers: [ServerAddress] { [ServerAddress(argument: "127.0.0.1:\(port)")].compactMap(\.self) }

    private func serve(failAt: Int?) {
        for candidate in (20_000...30_000).shuffled() {
            do throws(LoadFailure) {
                var server = try NullServer(port: UInt16(candidate), valueByteCount: 0, failAt: failAt)
                port = UInt16(candidate)
                isListening.signal()
                try server.serve()
            } catch {
                if port != 0 { return }  // it has served, and a test has seen what it did
            }
        }
    }
}
