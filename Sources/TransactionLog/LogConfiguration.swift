/// How a log is kept.
package struct LogConfiguration: Sendable {
    /// Size of a segment, a multiple of 4 KiB. The default is ZooKeeper's `preAllocSize`.
    package var segmentByteCount = LogFormat.segmentByteCountDefault
    /// Bytes of records that are kept in memory for readers.
    package var ringByteCount = 8 * 1024 * 1024
    /// Fresh random bits for segment nonces; a seeded source makes a simulation repeatable.
    package var random: @Sendable () -> UInt64

    package init(random: @escaping @Sendable () -> UInt64) { self.random = random }

    func nonce() -> UInt128 { UInt128(random()) << 64 | UInt128(random()) }
}
