import Server

/// Runs a test's body on a thread of its own: it blocks, and the threads that tests run on are those on which
/// HTTP ports answer.
func onOwnThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { continuation in
        _ = NamedThread.start("test") { continuation.resume(with: Result { try body() }) }
    }
}
