import ByteCoding
import Jute
import Simulation
import Testing

/// What clients send, before anything is done with it.
extension FuzzTests {
    @Test func connectRequests() {
        FuzzRun.target("connect", rounds: 200_000) { random in
            var bytes: [UInt8] = []
            var request = ConnectRequest(timeout: Int32(truncatingIfNeeded: random.next()))
            request.lastZxidSeen = random.interestingNumber(near: 0)
            request.password = random.bytes(random.below(20))
            request.isReadOnly = random.oneIn(3) ? nil : random.oneIn(2)
            request.encode(into: &bytes)
            let original = bytes
            let isChanged = random.below(10) > 0
            if isChanged { Mutation.change(&bytes, &random) }
            try FuzzRun.decoding(bytes.count) {
                var reader = JuteReader(bytes.span.bytes)
                guard let decoded = Self.ifReadable(ConnectRequest.init(from:), &reader) else {
                    return try demand(isChanged, "a valid request is refused")
                }
                var again: [UInt8] = []
                decoded.encode(into: &again)
                try Self.demandSame(again, as: Array(bytes.prefix(reader.offset)))
                try demand(isChanged || again == original, "another request came out")
            }
        }
    }

    @Test func requestBodies() {
        FuzzRun.target("body", rounds: 400_000) { random in
            let operation = random.element(of: OperationCode.allCases)
            let sample = RequestSamples.body(operation, &random)
            var bytes = sample
            switch random.below(8) {
            case 0: break
            case 1: bytes = random.bytes(random.length(below: 400))
            case 2: bytes = RequestSamples.bomb(&random)
            default: Mutation.change(&bytes, &random)
            }
            // Reading over a body allocates nothing but a thrown error.
            try FuzzRun.holding(atMost: FuzzRun.errorByteCount) {
                var reader = JuteReader(bytes.span.bytes)
                let isReadable = Self.isReadable(operation, &reader)
                try demand(isReadable || bytes != sample, "a valid body of \(operation) is refused")
                try demand(reader.offset <= bytes.count, "read past the end")
            }
            try Self.demandSameBody(operation, bytes)
        }
    }

    @Test func transactionBodies() {
        FuzzRun.target("transaction", rounds: 300_000) { random in
            let operation = random.element(of: OperationCode.allCases)
            var bytes: [UInt8] = []
            bytes.append(juteString: RequestSamples.path(&random))
            bytes.append(juteBuffer: RequestSamples.data(&random))
            AccessList.encode(RequestSamples.accessList(&random), into: &bytes)
            bytes.append(bigEndian: random.next())
            bytes.append(bigEndian: random.next())
            if random.oneIn(4) { bytes = RequestSamples.bomb(&random) }
            if random.oneIn(2) { Mutation.change(&bytes, &random) }
            try FuzzRun.holding(atMost: FuzzRun.errorByteCount) {
                var reader = JuteReader(bytes.span.bytes)
                do throws(JuteDefect) { try operation.checkTransaction(&reader) } catch { return }
                try demand(reader.offset <= bytes.count, "read past the end")
            }
            try Self.demandSameTransaction(operation, bytes)
        }
    }

    @Test func transactionHeaders() {
        FuzzRun.target("header", rounds: 100_000) { random in
            var bytes = random.bytes(28)
            bytes.append(bigEndian: Int32(random.below(120) - 15))
            if random.oneIn(4) { Mutation.change(&bytes, &random) }
            try FuzzRun.holding(atMost: 512) {
                var reader = JuteReader(bytes.span.bytes)
                let header = Self.ifReadable(TransactionHeader.init(from:), &reader)
                guard let header else { return }
                var again: [UInt8] = []
                header.encode(into: &again)
                try demand(again.elementsEqual(bytes.prefix(32)), "\(header) is written otherwise")
            }
        }
    }

    // MARK: What was accepted is written the same

    private static func isReadable(_ operation: OperationCode, _ reader: inout JuteReader) -> Bool {
        do throws(JuteDefect) { try operation.checkBody(&reader) } catch { return false }
        return true
    }

    private static func ifReadable<Value>(
        _ read: (inout JuteReader) throws(JuteDefect) -> Value, _ reader: inout JuteReader
    ) -> Value? {
        do throws(JuteDefect) { return try read(&reader) } catch { return nil }
    }

    /// The same bytes, but that null is written as empty and every true as 1, as ZooKeeper reads them.
    private static func demandSame(_ again: [UInt8], as bytes: [UInt8]) throws(Violation) {
        try demand(again.count == bytes.count, "\(bytes.count) bytes became \(again.count)")
        for (new, old) in zip(again, bytes) where new != old {
            try demand((new == 0 && old == 0xFF) || new == 1, "\(bytes) became \(again)")
        }
    }

    private static func demandSameBody(_ operation: OperationCode, _ bytes: [UInt8]) throws {
        var again: [UInt8] = []
        var reader = JuteReader(bytes.span.bytes)
        do throws(JuteDefect) {
            switch operation {
            case .create, .create2, .createContainer, .createTTL:
                let request = try CreateRequest(operation, from: &reader)
                again.append(juteString: request.path)
                request.data.encode(into: &again)
                guard try appendList(request.acl, to: &again) else { return }
                again.append(bigEndian: request.flags)
                if operation == .createTTL { again.append(bigEndian: request.ttl) }
            case .setData:
                let request = try SetDataRequest(from: &reader)
                again.append(juteString: request.path)
                request.data.encode(into: &again)
                again.append(bigEndian: request.version)
            case .setACL:
                let request = try SetACLRequest(from: &reader)
                again.append(juteString: request.path)
                guard try appendList(request.acl, to: &again) else { return }
                again.append(bigEndian: request.version)
            case .delete, .check, .checkWatches, .removeWatches, .addWatch:
                let request = try PathNumberRequest(from: &reader)
                again.append(juteString: request.path)
                again.append(bigEndian: request.number)
            case .exists, .getData, .getChildren, .getChildren2:
                let request = try PathWatchRequest(from: &reader)
                again.append(juteString: request.path)
                again.append(jute: request.watch)
            default: return
            }
        } catch {
            return
        }
        try demandSame(again, as: Array(bytes.prefix(reader.offset)))
    }

    /// False if the list is null or no text, which no encoder writes.
    private static func appendList(_ encoded: RawSpan, to bytes: inout [UInt8]) throws(JuteDefect) -> Bool {
        guard let entries = try AccessList.decode(encoded) else { return false }
        AccessList.encode(entries, into: &bytes)
        return true
    }

    private static func demandSameTransaction(_ operation: OperationCode, _ bytes: [UInt8]) throws {
        var again: [UInt8] = []
        var reader = JuteReader(bytes.span.bytes)
        do throws(JuteDefect) {
            switch operation {
            case .create, .create2, .createContainer, .createTTL:
                let create = try CreateTransaction(operation, from: &reader)
                // The record of before 3.4 lacks its last field; nobody writes it now.
                if reader.remainingByteCount == 0, create.parentCversion == -1 { return }
                CreateTransaction.encode(
                    operation, path: create.path, data: create.data, acl: create.acl,
                    isEphemeral: create.isEphemeral, parentCversion: create.parentCversion, ttl: create.ttl,
                    into: &again)
            case .setData:
                let change = try SetDataTransaction(from: &reader)
                SetDataTransaction.encode(
                    path: change.path, data: change.data, version: change.version, into: &again)
            case .setACL:
                let change = try SetACLTransaction(from: &reader)
                SetACLTransaction.encode(
                    path: change.path, acl: change.acl, version: change.version, into: &again)
            case .delete, .deleteContainer:
                let deletion = try DeleteTransaction(from: &reader)
                DeleteTransaction.encode(path: deletion.path, into: &again)
            default: return
            }
        } catch {
            return
        }
        try demandSame(again, as: Array(bytes.prefix(reader.offset)))
    }
}
