import Glibc

/// Hands whole groups of work from one thread to another: everything that gathered is taken at once.
///
/// The lock is held for a swap of two arrays, never while work is done. Putting wakes the taker only
/// when it sleeps.
final class WorkQueue<Item: Sendable>: @unchecked Sendable {
    // Everything below is touched only under `mutex`.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var gathered: [Item] = []
    private var isClosed = false
    private var takerSleeps = false

    enum Taking {
        case items
        case timedOut
        case closed
    }

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func put(_ item: Item) {
        pthread_mutex_lock(mutex)
        gathered.append(item)
        let wake = takerSleeps
        pthread_mutex_unlock(mutex)
        if wake { pthread_cond_signal(condition) }
    }

    /// No more items will be put; the taker gets what is there, then `closed`.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }

    /// Moves everything gathered into `items`, which must be empty, waiting for it if there is nothing:
    /// for ever, or until a moment of the monotonic clock in nanoseconds.
    func takeAll(into items: inout [Item], deadline: Int64?) -> Taking {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while gathered.isEmpty {
            if isClosed { return .closed }
            takerSleeps = true
            defer { takerSleeps = false }
            guard let deadline else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            var moment = timespec(
                tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
            if pthread_cond_timedwait(condition, mutex, &moment) == ETIMEDOUT && gathered.isEmpty {
                return isClosed ? .closed : .timedOut
            }
        }
        swap(&gathered, &items)
        return .items
    }
}
