import Disk

/// A note that a scenario leaves in the trace, such as "zxid 5 was acknowledged".
///
/// The checker of a crash state is given all markers that were reached before the crash.
package struct Marker: Hashable, Sendable {
    /// What the marker means is up to the scenario.
    package var kind: UInt8
    package var value: Int

    package init(kind: UInt8, value: Int) {
        self.kind = kind
        self.value = value
    }

    var fingerprint: UInt64 { SeededRandom.mix(UInt64(kind) << 56 ^ UInt64(bitPattern: Int64(value))) }
}

/// A moment of a recorded run at which the process or the power may have gone.
package struct CrashPoint: Sendable {
    package enum Moment: Sendable, Equatable {
        /// Nothing of the call has happened; the call before it is complete.
        case before
        /// A durable write is on its way; any of its units may be on the disk.
        case inside
        /// The run is over.
        case end
    }

    package let moment: Moment
    package let operation: DiskError.Operation?
    package let path: String
    /// Markers of the run reached before this moment.
    package let markers: [Marker]
    let volume: Volume
}

extension CrashPoint: CustomStringConvertible {
    package var description: String {
        guard let operation else { return "at the end" }
        return "\(moment == .inside ? "inside" : "before") \(operation.rawValue) \(path)"
    }
}

/// What a recording disk keeps: one crash point per call that changes something, and per durable write
/// another one inside it.
///
/// A point holds the whole volume as a value, so the states at it are enumerated after the run, and
/// the scenario runs once.
struct Trace: Sendable {
    private(set) var points: [CrashPoint] = []

    mutating func record(
        _ moment: CrashPoint.Moment, _ operation: DiskError.Operation, _ path: String, _ markers: [Marker],
        _ volume: Volume
    ) {
        points.append(
            CrashPoint(moment: moment, operation: operation, path: path, markers: markers, volume: volume))
    }
}
