import ArgumentParser

/// A request that the generator sends; the raw value is its number on the wire.
enum Operation: UInt8 {
    case create = 1
    case delete = 2
    case exists = 3
    case get = 4
    case set = 5
    /// getChildren, the kind without a stat.
    case children = 8
    /// Sets of several znodes as one transaction.
    case multi = 14
}

/// What a run does, as named on the command line.
enum Mix: String, CaseIterable, ExpressibleByArgument {
    case set, get, create, exists, children, multi
    /// 90 gets to 10 sets.
    case mixed

    /// The two kinds of request, and how many of 100 are of the first.
    var operations: (first: Operation, second: Operation, firstPercent: UInt32) {
        switch self {
        case .set: (.set, .set, 100)
        case .get: (.get, .get, 100)
        case .create: (.create, .create, 100)
        case .exists: (.exists, .exists, 100)
        case .children: (.children, .children, 100)
        case .multi: (.multi, .multi, 100)
        case .mixed: (.get, .set, 90)
        }
    }
}

/// What a run's requests carry besides a path, and so how large they and their replies are.
struct RequestSizes {
    /// Bytes of a value, of those sent and of those that come back.
    var valueByteCount: Int
    /// Children that a reply to `children` lists.
    var childCount = 0
    /// Sets in a `multi`.
    var multiCount = 1

    /// More than any reply to these requests is long, frame length included.
    var replyByteCountMax: Int {
        let children = childCount * (4 + PathShape.childName.utf8.count)
        let multi = multiCount * (ReplyCheck.multiHeaderByteCount + ReplyCheck.statByteCount)
        return max(valueByteCount, children, multi) + 256
    }
}

/// Error numbers of the protocol that the generator knows by name.
enum ServerError {
    static let none: Int32 = 0
    static let noNode: Int32 = -101
    static let nodeExists: Int32 = -110
}
