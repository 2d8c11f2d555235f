import Synchronization

/// Remembers the bytes of records: the same few are compared in millions of states.
enum ScriptBytes {
    private static let known = Mutex<[ScriptRecord: [UInt8]]>([:])

    static func of(_ record: ScriptRecord) -> [UInt8] {
        known.withLock { known in
            if let bytes = known[record] { return bytes }
            let bytes = record.bytes
            known[record] = bytes
            return bytes
        }
    }
}
