import ByteCoding
import DataTree
import Identifiers
import Jute

/// Containers that nobody uses any more and nodes whose time to live is over go by themselves.
extension Core {
    /// Asks for their deletion, when it is time; each is checked again when its record is made.
    func reapIfDue() {
        let period = Int64(configuration.reaper.periodMilliseconds) * 1_000_000
        guard now - lastReapAt >= period else { return }
        lastReapAt = now
        guard tree.expirableCount > 0 else { return }
        let share =
            Int64(configuration.reaper.countMaxPerMinute) * Int64(configuration.reaper.periodMilliseconds)
        let paths = tree.expiredPaths(
            now: wallMilliseconds, neverUsedMax: Int64(configuration.reaper.neverUsedMillisecondsMax),
            countMax: max(Int(share / 60_000), 1))
        for path in paths {
            var body: [UInt8] = []
            body.append(juteString: path.span.bytes)
            proposeInternally(.deleteContainer, .none, xid: 0, body: body, .internalWork, on: nil)
        }
    }
}
