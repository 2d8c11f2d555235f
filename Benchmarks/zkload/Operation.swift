import ArgumentParser

/// A request that the generator sends; the raw value is its number on the wire.
enum Operation: UInt8 {
    case create = 1
    case delete = 2
    case exists = 3
    case get = 4
    case set = 5
}

/// What a run does, as named on the command line.
enum Mix: String, CaseIterable, ExpressibleByArgument {
    case set, get, create, exists
    /// 90 gets to 10 sets.
    case mixed

    /// The two kinds of request, and how many of 100 are of the first.
    var operations: (first: Operation, second: Operation, firstPercent: UInt32) {
        switch self {
        case .set: (.set, .set, 100)
        case .get: (.get, .get, 100)
        case .create: (.create, .create, 100)
        case .exists: (.exists, .exists, 100)
        case .mixed: (.get, .set, 90)
        }
    }
}

/// Error numbers of the protocol that the generator knows by name.
enum ServerError {
    static let none: Int32 = 0
    static let noNode: Int32 = -101
    static let nodeExists: Int32 = -110
}
