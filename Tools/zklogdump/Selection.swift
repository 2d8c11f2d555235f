import Identifiers
import Jute
import TransactionLog

/// Which transactions are shown.
struct Selection {
    var fromZxid: Zxid?
    var toZxid: Zxid?
    var fromTime: Int64?
    var toTime: Int64?
    var pathPrefix: String?
    var session: SessionID?
    var type: String?

    /// Nothing at or before this zxid is wanted.
    var startZxid: Zxid {
        guard let fromZxid, fromZxid.rawValue > 0 else { return .zero }
        return Zxid(rawValue: fromZxid.rawValue - 1)
    }

    func contains(_ zxid: Zxid) -> Bool {
        zxid >= fromZxid ?? zxid && zxid <= toZxid ?? zxid
    }

    func contains(_ transaction: Transaction) -> Bool {
        let header = transaction.header
        return header.time >= fromTime ?? header.time && header.time <= toTime ?? header.time
            && header.sessionID == session ?? header.sessionID
            && (pathPrefix.map { transaction.touches($0) } ?? true)
            && (type.map { transaction.hasType($0) } ?? true)
    }

    /// Whether a record that is no transaction is shown: only if nothing about its contents is asked.
    var takesUnknown: Bool {
        fromTime == nil && toTime == nil && pathPrefix == nil && session == nil && type == nil
    }
}
