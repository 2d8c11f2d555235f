import DataTree
import Jute
import Sessions

/// The connections that there are, by number and by place; and how many each address has.
struct ConnectionTable {
    /// What the connections of one address have in common.
    private struct Origin {
        var count: Int
        /// Who they are before they prove anything; one array for all of them.
        let identities: [Identity]
    }

    /// By index; a place is used again when its connection is gone.
    private var places: ContiguousArray<Connection?> = []
    private var free: [UInt32] = []
    private var origins: [RemoteAddress: Origin] = [:]
    private var lastSerial: UInt32 = 0
    private(set) var count = 0

    /// In the order of their places.
    var all: [Connection] { places.compactMap { $0 } }

    subscript(index: UInt32) -> Connection? {
        Int(index) < places.count ? places[Int(index)] : nil
    }

    /// The connection of a number, if it is still there.
    func connection(_ number: Sessions.Owner) -> Connection? {
        guard let connection = self[UInt32(truncatingIfNeeded: number)], connection.number == number else {
            return nil
        }
        return connection
    }

    func count(from address: RemoteAddress) -> Int { origins[address]?.count ?? 0 }

    /// Who somebody from this address is; `make` says it for the address's first connection.
    func identities(of address: RemoteAddress, _ make: () -> [Identity]) -> [Identity] {
        origins[address]?.identities ?? make()
    }

    /// Puts the connection that `make` makes for its number and place into the table. It must have its
    /// address's identities, and no others yet.
    mutating func add(_ make: (_ number: Sessions.Owner, _ index: UInt32) -> Connection) -> Connection {
        // The place stands in the number, so that a connection is found by its number.
        lastSerial = lastSerial == .max ? 1 : lastSerial + 1
        let index = free.popLast() ?? UInt32(places.count)
        let connection = make(Sessions.Owner(lastSerial) << 32 | Sessions.Owner(index), index)
        if Int(index) == places.count {
            places.append(connection)
        } else {
            places[Int(index)] = connection
        }
        origins[connection.address, default: Origin(count: 0, identities: connection.identities)].count += 1
        count += 1
        return connection
    }

    /// Takes a connection out; false if it was not in. Its place stays empty until it is released.
    mutating func remove(_ connection: Connection) -> Bool {
        guard self[connection.index] === connection else { return false }
        places[Int(connection.index)] = nil
        let left = (origins[connection.address]?.count ?? 1) - 1
        if left > 0 {
            origins[connection.address]?.count = left
        } else {
            origins[connection.address] = nil
        }
        count -= 1
        return true
    }

    /// Lets the next connection have an empty place.
    mutating func release(_ index: UInt32) { free.append(index) }
}

/// A moment at which a connection is looked at: it must have a session by then, or be gone.
struct ConnectionDeadline {
    var moment: Int64
    var number: Sessions.Owner
}
