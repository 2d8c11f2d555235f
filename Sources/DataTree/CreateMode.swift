import Jute

/// The kinds of node that a create request's flags ask for.
enum CreateMode: Int32 {
    case persistent = 0
    case ephemeral = 1
    case persistentSequential = 2
    case ephemeralSequential = 3
    case container = 4
    case timeToLive = 5
    case timeToLiveSequential = 6

    var isEphemeral: Bool { self == .ephemeral || self == .ephemeralSequential }
    var isTimeToLive: Bool { self == .timeToLive || self == .timeToLiveSequential }
    var isSequential: Bool {
        self == .persistentSequential || self == .ephemeralSequential || self == .timeToLiveSequential
    }

    /// Checks flags and time to live together with the operation that brings them.
    init(_ operation: OperationCode, _ request: borrowing CreateRequest, _ rules: TreeRules) throws(ErrorCode)
    {
        guard let mode = CreateMode(rawValue: request.flags) else { throw .badArguments }
        if mode.isTimeToLive {
            guard rules.areExtendedTypesEnabled else { throw .unimplemented }
            let isInRange = request.ttl > 0 && request.ttl <= NodeKind.timeToLiveMax
            guard isInRange else { throw .badArguments }
        } else if operation == .createTTL {
            throw .badArguments
        }
        self = mode
    }

    /// `%010d`: ten characters, zeros after the sign.
    static func appendSequence(_ number: Int32, to path: inout [UInt8]) {
        let digits = Array(String(number.magnitude).utf8)
        let width = number < 0 ? 9 : 10
        if number < 0 { path.append(UInt8(ascii: "-")) }
        for _ in 0..<max(0, width - digits.count) { path.append(UInt8(ascii: "0")) }
        path += digits
    }
}
