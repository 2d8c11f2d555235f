import ByteCoding
import Identifiers

/// The count at the front of a session table does not fit the number of bytes there are.
package struct SessionTableDefect: Error, Equatable, Sendable {
    package let byteCount: Int
}

/// The session table as it stands in snapshots: a count (int32), then identifier (int64) and timeout in
/// milliseconds (int32) of each session, all big-endian, identifiers rising.
extension Sessions {
    private static let lineByteCount = 12

    package func encodeTable(into bytes: inout [UInt8]) {
        let lines = table
        bytes.append(bigEndian: Int32(lines.count))
        for line in lines {
            bytes.append(bigEndian: line.id.rawValue)
            bytes.append(bigEndian: line.timeoutMilliseconds)
        }
    }

    /// Reads a table that `encodeTable` wrote; the bytes must end with it.
    package static func decodeTable(_ bytes: RawSpan) throws(SessionTableDefect) -> [SessionTimeout] {
        var reader = ByteReader(bytes)
        do throws(ByteReader.Truncated) {
            let count = Int(try reader.bigEndian(Int32.self))
            if count >= 0, count * lineByteCount == reader.remainingByteCount {
                var lines: [SessionTimeout] = []
                lines.reserveCapacity(count)
                for _ in 0..<count {
                    let id = SessionID(rawValue: try reader.bigEndian())
                    lines.append(SessionTimeout(id: id, timeoutMilliseconds: try reader.bigEndian()))
                }
                return lines
            }
        } catch {
            throw SessionTableDefect(byteCount: bytes.byteCount)
        }
        throw SessionTableDefect(byteCount: bytes.byteCount)
    }
}
