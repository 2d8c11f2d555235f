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
    /// What had been reached before the crash, by the scenario and the recoveries since.
    package var markers: [Marker] { disk.markers }
}

/// The states that a power cut at one point of a run can leave.
struct PowerCut {
    let point: CrashPoint
    let disk: SimulatedDisk
    let bounds: CrashBounds

    /// One place at which states differ: a unit with several contents, or the size of a file.
    private struct Place {
        var inode: Int
        /// The pending change that is the newest to survive; option 0, nothing, is not listed.
        var options: [Int]
        var isSize: Bool
        var times: [Int]
    }

    /// A state before it is built: the names, and for each changed file its image.
    struct Candidate {
        let directories: [Directory]
        let images: [Int: FileImage]
        let fingerprint: UInt64
    }

    /// Visits the states in bounds, some more than once; the visitor tells new ones by fingerprint.
    func forEach<Failure: Error>(
        _ random: inout SeededRandom, _ visit: (Candidate) throws(Failure) -> Void
    ) throws(Failure) {
        let places = point.volume.inodes.indices.map { self.places(of: $0) }
        let survivors = survivingNames(&random)
        let share = max(16, bounds.combinationCountMax / survivors.count)
        for directories in survivors {
            let linked = Set(directories.flatMap { $0.cached.map(\.inode) }).sorted()
            try forEach(linked.flatMap { places[$0] }, directories, linked, atMost: share, &random, visit)
        }
    }

    /// The disk of a candidate, with nothing pending.
    func disk(_ candidate: Candidate, recording: Bool) -> SimulatedDisk {
        let volume = Volume(directories: candidate.directories) { inode in
            let old = point.volume.inodes[inode]
            return Inode(durable: candidate.images[inode] ?? old.durable, unreadable: old.unreadable)
        }
        return SimulatedDisk(volume, after: disk, markers: point.markers, recording: recording)
    }

    /// Every set of directories that the pending changes of names can leave.
    private func survivingNames(_ random: inout SeededRandom) -> [[Directory]] {
        let operations = point.volume.pendingEntries
        var seen: Set<[Bool]> = []
        var survivors: [[Directory]] = []
        let combinations = Combinations(
            optionCounts: Array(repeating: 2, count: operations.count),
            steps: operations.indices.map { ($0, 1) }, bounds: bounds)
        combinations.forEach(atMost: bounds.fullCombinationCount, &random) { chosen in
            let possible = operations.possible(chosen.map { $0 == 1 })
            if seen.insert(possible).inserted {
                survivors.append(point.volume.directories(surviving: possible))
            }
        }
        return survivors
    }

    private func forEach<Failure: Error>(
        _ places: [Place], _ directories: [Directory], _ linked: [Int], atMost count: Int,
        _ random: inout SeededRandom, _ visit: (Candidate) throws(Failure) -> Void
    ) throws(Failure) {
        let changing = Set(places.map(\.inode)).sorted()
        let store = disk.store
        var fingerprints: [Int: UInt64] = [:]
        for inode in linked {
            fingerprints[inode] = point.volume.inodes[inode].durable.fingerprint(in: store)
        }
        let combinations = Combinations(
            optionCounts: places.map { $0.options.count + 1 }, steps: Self.steps(places), bounds: bounds)
        let full = min(bounds.fullCombinationCount, count)
        try combinations.forEach(atMost: full, &random) { (chosen: [Int]) throws(Failure) in
            let images = self.images(places, chosen, changing)
            for (inode, image) in images { fingerprints[inode] = image.fingerprint(in: store) }
            let fingerprint = Volume.fingerprint(of: directories) { fingerprints[$0] ?? 0 }
            try visit(Candidate(directories: directories, images: images, fingerprint: fingerprint))
        }
    }

    private func images(_ places: [Place], _ chosen: [Int], _ changing: [Int]) -> [Int: FileImage] {
        var survives: [Int: Set<Int>] = [:]
        for (place, option) in zip(places, chosen) where option > 0 {
            // Sizes survive in order: the newest surviving one brings those before it.
            let changes = place.isSize ? place.options[..<option] : place.options[option - 1..<option]
            survives[place.inode, default: []].formUnion(changes)
        }
        var images: [Int: FileImage] = [:]
        for inode in changing {
            guard let surviving = survives[inode] else {
                images[inode] = point.volume.inodes[inode].durable
                continue
            }
            images[inode] = point.volume.inodes[inode].image(in: disk.store) { surviving.contains($0) }
        }
        return images
    }

    /// The places at which the pending changes of a file leave a choice.
    private func places(of inode: Int) -> [Place] {
        let file = point.volume.inodes[inode]
        var size = Place(inode: inode, options: [], isSize: true, times: [])
        var units: [Int: Place] = [:]
        var order: [Int] = []
        let neverShrinks = file.neverShrinks
        var newest: [Int: UnitID] = [:]
        for (position, change) in file.pending.enumerated() {
            switch change.kind {
            case .size:
                size.options.append(position)
                size.times.append(change.time)
            case .unit(let index, let content):
                // Writing what is there already leaves no choice, unless a cut lies between.
                let before = newest.updateValue(content, forKey: index) ?? file.durable.unit(at: index)
                if before == content, neverShrinks { continue }
                if units[index] == nil { order.append(index) }
                var place = units[index] ?? Place(inode: inode, options: [], isSize: false, times: [])
                place.options.append(position)
                place.times.append(change.time)
                units[index] = place
            }
        }
        return (size.options.isEmpty ? [] : [size]) + order.compactMap { units[$0] }
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
