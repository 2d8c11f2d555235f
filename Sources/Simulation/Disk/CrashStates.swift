import Disk

/// A disk as a crash left it.
package struct CrashState {
    package enum Kind: Sendable, Equatable {
        /// The power went: what was unsynced survived in part.
        case powerCut
        /// The process went: all that was written can be read, and nothing more of it is durable.
        case processCrash
    }

    package let disk: SimulatedDisk
    package let kind: Kind
    /// 1 for a crash of the scenario, 2 for a crash of the recovery from such a crash, and so on.
    package let depth: Int
    /// Counts the checks of an exploration; the same one in every run, and named by a violation.
    package let number: Int
    /// What had been reached before the crash, by the scenario and the recoveries since.
    package var markers: [Marker] { disk.markers }
}

/// The states that a power cut at one point of a run can leave.
///
/// Everything here is done millions of times, so it looks things up in arrays by the place of a file
/// in `inodes`, and no sets or dictionaries are built per state.
struct PowerCut {
    let point: CrashPoint
    let disk: SimulatedDisk
    let bounds: CrashBounds
    /// Where the pending changes of each file begin in a list of those of all files.
    private let starts: [Int]
    private let changeCount: Int

    /// One place at which states differ: a unit with several contents, or the size of a file.
    private struct Place {
        var inode: Int
        var isSize: Bool
        /// Pending changes, numbered over all files, and their times. Option `i` is the `i-1`th of
        /// them as the newest to survive; option 0 is none.
        var changes: [Int] = []
        var times: [Int] = []
    }

    /// A state before it is built: the names, and for each file with choices its image.
    struct Candidate {
        let directories: [Directory]
        let images: [(inode: Int, image: FileImage)]
        let fingerprint: UInt64
    }

    init(point: CrashPoint, disk: SimulatedDisk, bounds: CrashBounds) {
        self.point = point
        self.disk = disk
        self.bounds = bounds
        var starts: [Int] = []
        var count = 0
        for inode in point.volume.inodes {
            starts.append(count)
            count += inode.pending.count
        }
        self.starts = starts
        changeCount = count
    }

    /// Visits the states in bounds, some more than once; the visitor tells new ones by fingerprint.
    func forEach<Failure: Error>(
        _ random: inout SeededRandom, _ visit: (Candidate) throws(Failure) -> Void
    ) throws(Failure) {
        let inodes = point.volume.inodes
        let places = inodes.indices.map { self.places(of: $0) }
        let fingerprints = inodes.map { $0.durable.fingerprint(in: disk.store) }
        let survivors = survivingNames(&random)
        var share = bounds
        let most = max(16, bounds.combinationCountMax / survivors.count)
        share.fullCombinationCount = min(bounds.fullCombinationCount, most)
        share.randomCount = min(bounds.randomCount, most / 4)
        share.pairCount = min(bounds.pairCount, most / 8)
        for directories in survivors {
            let linked = Set(directories.flatMap { $0.cached.map(\.inode) }).sorted()
            let linkedPlaces = linked.flatMap { places[$0] }
            try forEach(linkedPlaces, directories, fingerprints, in: share, &random, visit)
        }
    }

    /// The disk of a candidate, with nothing pending.
    func disk(_ candidate: Candidate, recording: Bool) -> SimulatedDisk {
        let volume = Volume(directories: candidate.directories) { inode in
            let old = point.volume.inodes[inode]
            let image = candidate.images.first { $0.inode == inode }?.image
            return Inode(durable: image ?? old.durable, unreadable: old.unreadable)
        }
        return SimulatedDisk(volume, after: disk, markers: point.markers, recording: recording)
    }

    /// Every set of directories that the pending changes of names can leave.
    private func survivingNames(_ random: inout SeededRandom) -> [[Directory]] {
        let operations = point.volume.pendingEntries
        let count = operations.count + point.volume.unsyncedDirectories.count
        var seen: Set<[Bool]> = []
        var survivors: [[Directory]] = []
        let combinations = Combinations(
            optionCounts: Array(repeating: 2, count: count), steps: (0..<count).map { ($0, 1) },
            bounds: bounds)
        combinations.forEach(&random) { chosen in
            let chosen = chosen.map { $0 == 1 }
            let possible =
                operations.possible(Array(chosen[..<operations.count])) + chosen[operations.count...]
            if seen.insert(possible).inserted {
                survivors.append(point.volume.directories(surviving: possible))
            }
        }
        return survivors
    }

    private func forEach<Failure: Error>(
        _ places: [Place], _ directories: [Directory], _ durable: [UInt64], in bounds: CrashBounds,
        _ random: inout SeededRandom, _ visit: (Candidate) throws(Failure) -> Void
    ) throws(Failure) {
        let changing = Set(places.map(\.inode)).sorted()
        var fingerprints = durable
        let combinations = Combinations(
            optionCounts: places.map { $0.changes.count + 1 }, steps: Self.steps(places), bounds: bounds)
        try combinations.forEach(&random) { (chosen: [Int]) throws(Failure) in
            let images = self.images(places, chosen, changing)
            for (inode, image) in images { fingerprints[inode] = image.fingerprint(in: disk.store) }
            let fingerprint = Volume.fingerprint(of: directories) { fingerprints[$0] }
            try visit(Candidate(directories: directories, images: images, fingerprint: fingerprint))
        }
    }

    private func images(
        _ places: [Place], _ chosen: [Int], _ changing: [Int]
    ) -> [(inode: Int, image: FileImage)] {
        var survives = [Bool](repeating: false, count: changeCount)
        for (place, option) in zip(places, chosen) where option > 0 {
            survives[place.changes[option - 1]] = true
            // Sizes survive in order: the newest surviving one brings those before it.
            guard place.isSize else { continue }
            for earlier in place.changes[..<(option - 1)] { survives[earlier] = true }
        }
        return changing.map { inode in
            let start = starts[inode]
            return (inode, point.volume.inodes[inode].image(in: disk.store) { survives[start + $0] })
        }
    }

    /// The places at which the pending changes of a file leave a choice.
    private func places(of inode: Int) -> [Place] {
        let file = point.volume.inodes[inode]
        let neverShrinks = file.neverShrinks
        var size = Place(inode: inode, isSize: true)
        var units: [Place] = []
        var placeOfUnit: [Int: Int] = [:]
        var newest: [Int: UnitID] = [:]
        for (position, change) in file.pending.enumerated() {
            switch change.kind {
            case .size:
                size.changes.append(starts[inode] + position)
                size.times.append(change.time)
            case .unit(let index, let content):
                // Writing what is there already leaves no choice, unless a cut lies between.
                let before = newest.updateValue(content, forKey: index) ?? file.durable.unit(at: index)
                if before == content, neverShrinks { continue }
                let place = placeOfUnit[index] ?? units.count
                if place == units.count { units.append(Place(inode: inode, isSize: false)) }
                placeOfUnit[index] = place
                units[place].changes.append(starts[inode] + position)
                units[place].times.append(change.time)
            }
        }
        return size.changes.isEmpty ? units : [size] + units
    }

    private static func steps(_ places: [Place]) -> [(place: Int, option: Int)] {
        var steps: [(place: Int, option: Int, time: Int)] = []
        for (index, place) in places.enumerated() {
            for (option, time) in place.times.enumerated() { steps.append((index, option + 1, time)) }
        }
        steps.sort { $0.time < $1.time }
        return steps.map { ($0.place, $0.option) }
    }
}

extension SimulatedDisk {
    /// The distinct disks that a power cut at this moment can leave, each with everything durable.
    ///
    /// - Parameter limit: at most so many; the bounds may leave fewer.
    package func crashStates(limit: Int = .max, _ bounds: CrashBounds = CrashBounds()) -> [SimulatedDisk] {
        let point = CrashPoint(
            moment: .end, operation: nil, path: "", markers: markers, volume: volume)
        return Self.crashStates(at: point, of: self, limit: limit, bounds)
    }

    /// The distinct disks that a power cut at a point of this disk's run can leave.
    package func crashStates(
        at point: CrashPoint, limit: Int = .max, _ bounds: CrashBounds = CrashBounds()
    ) -> [SimulatedDisk] {
        Self.crashStates(at: point, of: self, limit: limit, bounds)
    }

    /// The disk as the next process finds it after this one crashed: all that was written can be
    /// read, and what was not synced is still not durable.
    package func processCrash(recording: Bool = false) -> SimulatedDisk {
        SimulatedDisk(volume, after: self, markers: markers, recording: recording)
    }

    private static func crashStates(
        at point: CrashPoint, of disk: SimulatedDisk, limit: Int, _ bounds: CrashBounds
    ) -> [SimulatedDisk] {
        let cut = PowerCut(point: point, disk: disk, bounds: bounds)
        var random = SeededRandom(seed: bounds.seed)
        var seen: Set<UInt64> = []
        var disks: [SimulatedDisk] = []
        cut.forEach(&random) { candidate in
            guard disks.count < limit, seen.insert(candidate.fingerprint).inserted else { return }
            disks.append(cut.disk(candidate, recording: false))
        }
        return disks
    }
}
