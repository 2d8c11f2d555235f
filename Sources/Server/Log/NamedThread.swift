import Glibc
import Synchronization

/// A thread with a name, for as long as its work lasts.
package struct NamedThread: Sendable {
    private let thread: pthread_t

    /// Starts `body` on a new thread. `name` is shown by the system's tools (at most 15 bytes).
    package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> NamedThread {
        let work = Unmanaged.passRetained(Work(name: name, body: body)).toOpaque()
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, runWork, work)
        precondition(status == 0, "the system refuses to start the thread \(name): error \(status)")
        return NamedThread(thread: thread)
    }

    /// Waits until the work has ended. Once only.
    package func join() { pthread_join(thread, nil) }

    /// Lets the calling thread sleep.
    @Sendable static func sleep(nanoseconds: UInt64) {
        var pause = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        nanosleep(&pause, nil)
    }
}

/// The one thread of whoever owns this, between its start and its end.
struct OwnThread: ~Copyable, Sendable {
    private let running = Mutex<NamedThread?>(nil)

    /// Once at a time.
    func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        running.withLock { $0 = NamedThread.start(name, body) }
    }

    /// Waits until the work has ended; does nothing if none was started, or somebody else waited for it.
    func join() {
        running.withLock { thread in
            defer { thread = nil }
            return thread
        }?.join()
    }
}

private final class Work: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func runWork(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
    nameCallingThread(work.name)
    work.body()
    return nil
}

/// Only a label; where the system has no such file the thread goes without.
private func nameCallingThread(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY)
    guard file >= 0 else { return }
    _ = write(file, name, name.utf8.count)
    close(file)
}
