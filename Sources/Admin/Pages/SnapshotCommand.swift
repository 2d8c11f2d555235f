import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOPosix
import Server

/// `snapshot`: makes one, and sends its file.
extension CommandRunner {
    private static let pieceByteCount = 256 << 10

    /// - Parameter words: `streaming`, which is true unless it says anything else than `true`.
    func snapshot(
        _ words: [String: String], _ observer: ServerObserver, from peer: HTTPPeer
    ) async -> AdminAnswer {
        guard settings.offersSnapshots else {
            return .refused("The command is disabled (admin.snapshot.enabled)", .serviceUnavailable)
        }
        guard snapshotRate.allows() else {
            return .refused(
                "One snapshot is made in \(settings.rateLimitMilliseconds) ms (admin.rateLimiterIntervalInMS)",
                .tooManyRequests)
        }
        let isStreamed = words["streaming"].map { $0.lowercased() == "true" } ?? true
        log.notice("\(peer.description): snapshot, streaming=\(isStreamed)")
        let held: HeldSnapshot
        let file: ReadableFile
        do {
            held = try await observer.snapshot()
            file = try await pool.runIfActive { [held] in try ReadableFile(held.path) }
        } catch {
            log.warn("\(peer.description): snapshot failed: \(error)")
            return .refused("\(error)", .internalServerError)
        }
        var answer = AdminAnswer()
        answer.set("last_zxid", "0x" + String(UInt64(bitPattern: held.zxid), radix: 16))
        answer.set("snapshot_size", "\(file.byteCount)")
        if isStreamed { answer.body = body(file, held) }
        return answer
    }

    /// The file's bytes. A piece is read when the one before it was taken.
    private func body(_ file: ReadableFile, _ held: HeldSnapshot) -> ResponseBody {
        ResponseBody(contentLength: file.byteCount) { [pool] writer in
            var offset = 0
            while offset < file.byteCount {
                let piece = try await pool.runIfActive { [offset] in
                    try file.read(at: offset, atMost: Self.pieceByteCount)
                }
                try await writer.write(ByteBuffer(bytes: piece))
                offset += piece.count
            }
            try await writer.finish(nil)
            withExtendedLifetime(held) {}
        }
    }
}

extension AdminAnswer {
    mutating func set(_ header: String, _ value: String) {
        if let name = HTTPField.Name(header) { headers[name] = value }
    }
}
