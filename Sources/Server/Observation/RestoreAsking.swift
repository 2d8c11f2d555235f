import Identifiers

extension ServerObserver {
    /// Begins to take in a snapshot's file. Blocks. One at a time.
    package func receiveSnapshot() throws(RestoreError) -> SnapshotIntake { try server.receiveSnapshot() }

    /// Lets what was taken in take the place of everything, durably; returns its zxid.
    package func restore(_ intake: SnapshotIntake) async throws(RestoreError) -> Int64 {
        try await server.restore(intake).rawValue
    }
}
