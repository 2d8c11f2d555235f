import Identifiers
import Jute

/// Bringing what the next look-ups need into the processor's cache, for many paths at once.
///
/// A look-up in a large tree waits for memory three times, each time for what it read before: the index's
/// slot, the node, its name and data. Requests that came together need not wait one after the other.
/// Nothing here changes what any call answers.
extension DataTree {
    /// Notes the nodes that a request will look up soon, if its body or its items begin with a path.
    ///
    /// A body that cannot be read is passed over; whoever handles it says what is wrong with it.
    package mutating func expect(_ operation: OperationCode, _ body: RawSpan) {
        var reader = JuteReader(body)
        do throws(JuteDefect) {
            if operation == .multi || operation == .multiRead {
                try MultiRequest.forEachPath(&reader) { expect($0) }
            } else if operation.beginsWithPath {
                _ = expect(try PathRequest(from: &reader).path)
            }
        } catch {}
    }

    /// Notes the nodes that a record is about.
    package mutating func expect(record: RawSpan) {
        var reader = JuteReader(record)
        do throws(JuteDefect) {
            let type = try TransactionHeader(from: &reader).type
            if type == .multi {
                try MultiTransaction.forEachPath(&reader) { expect($0) }
            } else if type.beginsWithPath {
                _ = expect(try PathRequest(from: &reader).path)
            }
        } catch {}
    }

    /// False once there is no use in looking further: the first would be gone from the cache before it is needed.
    @inline(__always)
    private mutating func expect(_ path: RawSpan) -> Bool {
        guard expected.count < Self.expectedCountMax else { return false }
        let hash = hash(Path.stored(path))
        index.prefetch(hash)
        expected.append(hash)
        return true
    }

    /// Some 350 bytes each.
    private static let expectedCountMax = 4096

    /// Asks for the memory of all nodes noted since the last call.
    package mutating func fetchExpected() {
        for place in expected.indices {
            let id = index.first(expected[place])
            expected[place] = id
            if id != 0 { nodes.prefetch(id) }
        }
        for id in expected where id != 0 {
            let node = nodes[id]
            blocks.prefetch(node.pointee.block, byteCount: node.pointee.blockByteCount)
        }
        expected.removeAll(keepingCapacity: true)
    }
}

extension OperationCode {
    fileprivate var beginsWithPath: Bool {
        switch self {
        case .create, .create2, .createContainer, .createTTL, .delete, .exists, .getData, .setData, .getACL,
            .setACL, .getChildren, .getChildren2, .deleteContainer, .check:
            true
        default: false
        }
    }
}
