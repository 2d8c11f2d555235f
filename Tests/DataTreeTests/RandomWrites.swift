import DataTree
import Identifiers
import Jute
import Simulation

/// Random requests on few names, so that nodes come, go, come back and get in each other's way.
struct RandomWrites {
    var random: SeededRandom
    /// How many names there are on each level.
    var nameCount = 4

    mutating func path(depth: Int? = nil) -> String {
        let depth = depth ?? 1 + random.below(3)
        return (0..<depth).map { _ in "/n\(random.below(nameCount))" }.joined()
    }

    mutating func data() -> [UInt8]? {
        switch random.below(12) {
        case 0: nil
        case 1: []
        case 2: [UInt8](repeating: 7, count: random.below(3000))
        default: [UInt8](repeating: UInt8(random.below(256)), count: random.below(40))
        }
    }

    mutating func acl() -> [AccessEntry] {
        switch random.below(4) {
        case 0: [AccessEntry(.all, Identity(scheme: "digest", id: "u:\(random.below(3))")), .open]
        case 1: [AccessEntry(.all, Identity(scheme: "ip", id: "10.0.0.\(random.below(3))")), .open]
        default: [.open]
        }
    }

    mutating func version() -> Int32 { random.below(4) == 0 ? Int32(random.below(3)) : -1 }

    mutating func session() -> Int64 { Int64(1 + random.below(3)) }

    /// An operation that may stand in a multi.
    mutating func item() -> (OperationCode, [UInt8]) {
        switch random.below(12) {
        case 0...1: (.create, Body.create(path(), data(), acl: acl()))
        case 2...3: (.create2, Body.create(path(), data(), flags: Int32(random.below(4)), acl: acl()))
        case 4: (.createContainer, Body.create(path(), data(), flags: 4))
        case 5: (.createTTL, Body.create(path(), data(), flags: 5, ttl: Int64(1 + random.below(5000))))
        case 6...8: (.delete, Body.pathNumber(path(), version()))
        case 9: (.check, Body.pathNumber(path(), version()))
        default: (.setData, Body.setData(path(), data(), version: version()))
        }
    }

    mutating func request() -> (operation: OperationCode, body: [UInt8], session: Int64) {
        switch random.below(20) {
        case 0: return (.closeSession, [], session())
        case 1...3: return (.setACL, Body.setACL(path(), acl(), version: version()), session())
        case 4...6: return (.multi, Body.multi((0..<random.below(5)).map { _ in item() }), session())
        case 7: return (.createSession, [0, 0, 0x10, 0], session())
        default:
            let item = item()
            if item.0 == .check { return (.setData, Body.setData(path(), data()), session()) }
            return (item.0, item.1, session())
        }
    }
}

extension TreeFixture {
    static var extendedRules: TreeRules {
        var rules = TreeRules()
        rules.areExtendedTypesEnabled = true
        return rules
    }

    /// Submits one random request.
    func submitRandom(_ writes: inout RandomWrites) throws {
        let request = writes.request()
        try submit(request.operation, request.body, session: request.session)
    }
}
