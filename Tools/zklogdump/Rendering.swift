import DumpOutput
import Identifiers
import Jute
import Metadata
import TransactionLog

/// A transaction as text for people or as JSON for programs.
enum Rendering {
    /// `2026-11-21T10:03:18.123Z 1.4 0x100000004 0x10000abc setData /a version 2 data 5`, and an indented
    /// line for each part of a multi. The rest, which lines have no room for, is in the JSON.
    static func lines(_ transaction: Transaction, zxid: Zxid) -> String {
        let header = transaction.header
        var lines = "\(CivilTime.text(header.time)) \(zxid.dotted) \(zxid) \(header.sessionID) "
        lines += "\(text(transaction.change))\n"
        for part in transaction.parts { lines += "    \(text(part))\n" }
        return lines
    }

    private static func text(_ change: Transaction.Change) -> String {
        var words = [change.type.name]
        if let path = change.path { words.append(SafeText.escaped(path)) }
        for (name, value) in change.details where name != "cversion" {
            switch value {
            case .flag: words.append(name)
            case .number(let number): words.append("\(name) \(number)")
            case .word(let word): words.append(word)
            }
        }
        if let byteCount = change.dataByteCount { words.append("data \(byteCount)") }
        return words.joined(separator: " ")
    }

    /// One object, on one line.
    static func json(_ transaction: Transaction, zxid: Zxid, batch: LogBatch) -> String {
        let header = transaction.header
        var object = JSONObject()
        object.add("zxid", "\(zxid)")
        object.add("epoch", Int(zxid.epoch.rawValue))
        object.add("counter", Int(zxid.counter))
        object.add("time", Int(header.time))
        object.add("session", "\(header.sessionID)")
        object.add("cxid", Int(header.cxid))
        object.add("batch", Int(clamping: batch.ordinal))
        object.add("segment", Int(clamping: batch.end.segment))
        add(transaction.change, to: &object)
        if !transaction.parts.isEmpty {
            object.add(
                "parts",
                objects: transaction.parts.map { part in
                    var object = JSONObject()
                    add(part, to: &object)
                    return object
                })
        }
        return object.text + "\n"
    }

    private static func add(_ change: Transaction.Change, to object: inout JSONObject) {
        object.add("type", change.type.name)
        if let path = change.path { object.add("path", path) }
        for (name, value) in change.details {
            switch value {
            case .flag: object.add(name, true)
            case .number(let number): object.add(name, Int(number))
            case .word(let word): object.add(name, word)
            }
        }
        if let byteCount = change.dataByteCount { object.add("dataLength", byteCount) }
        if !change.removedPaths.isEmpty { object.add("removed", strings: change.removedPaths) }
    }

    /// What cannot be decoded is shown as such; its checksum was right.
    static func unknown(_ zxid: Zxid, byteCount: Int, reason: String, asJSON: Bool) -> String {
        guard asJSON else {
            return "\(zxid.dotted) \(zxid) not a transaction: \(reason), \(byteCount) bytes\n"
        }
        var object = JSONObject()
        object.add("zxid", "\(zxid)")
        object.add("unknown", reason)
        object.add("length", byteCount)
        return object.text + "\n"
    }

    /// What was shown after a zxid is no longer part of the log, which goes on from there.
    static func truncation(after zxid: Zxid, asJSON: Bool) -> String {
        guard asJSON else { return "truncated after \(zxid.dotted) \(zxid); the log goes on from there:\n" }
        var object = JSONObject()
        object.add("truncatedAfter", "\(zxid)")
        return object.text + "\n"
    }
}

extension Zxid {
    /// `epoch.counter`, both decimal.
    var dotted: String { "\(epoch).\(counter)" }

    /// Reads `0x100000004` or `1.4`; nil if it is neither.
    init?(text: String) {
        if text.hasPrefix("0x"), let bits = UInt64(text.dropFirst(2), radix: 16) {
            self.init(rawValue: Int64(bitPattern: bits))
            return
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let epoch = Int32(parts[0]), epoch >= 0, let counter = UInt32(parts[1]) else {
            return nil
        }
        self.init(epoch: Epoch(rawValue: epoch), counter: counter)
    }
}
