import Disk

/// What a disk does to data at rest. Page cache and disk show it at once; no call is counted.
package enum Damage: Sendable, Equatable {
    case flipBit(path: String, offset: Int, bit: Int)
    /// New bytes at an offset, within the file.
    case overwrite(path: String, offset: Int, bytes: [UInt8])
    case zero(path: String, range: Range<Int>)
    /// Reads that touch the range fail with EIO until the units are written durably.
    case makeUnreadable(path: String, range: Range<Int>)
    /// The file and its name are gone.
    case remove(path: String)
}

extension SimulatedDisk {
    /// Damages a file; false if there is none of that name or the place is outside it.
    @discardableResult
    package func apply(_ damage: Damage) -> Bool {
        switch damage {
        case .flipBit(let path, let offset, let bit):
            guard let bytes = contents(of: path), bytes.indices.contains(offset), 0..<8 ~= bit else {
                return false
            }
            return overwrite(path, at: offset, with: [bytes[offset] ^ (1 << bit)])
        case .overwrite(let path, let offset, let bytes):
            return overwrite(path, at: offset, with: bytes)
        case .zero(let path, let range):
            return overwrite(path, at: range.lowerBound, with: Array(repeating: 0, count: range.count))
        case .makeUnreadable(let path, let range):
            guard let inode = inode(of: path) else { return false }
            volume.inodes[inode].unreadable
                .formUnion(FileImage.unitIndices(offset: range.lowerBound, byteCount: range.count))
            return true
        case .remove(let path):
            guard let name = volume.entryName(path), volume.inode(name) != nil else { return false }
            volume.removeDurably(name)
            return true
        }
    }

    /// What reads of a file see; nil if there is no file of that name. Counts no call.
    package func contents(of path: String) -> [UInt8]? {
        guard let inode = inode(of: path) else { return nil }
        return contents(of: volume.inodes[inode].cached)
    }

    /// What a power cut leaves of a file if its name survives and nothing unsynced does.
    package func durableContents(of path: String) -> [UInt8]? {
        guard let inode = inode(of: path) else { return nil }
        return contents(of: volume.inodes[inode].durable)
    }

    /// The paths of all files, sorted.
    package var paths: [String] {
        volume.directories.flatMap { directory in
            directory.cached.map { directory.path == "." ? $0.name : directory.path + "/" + $0.name }
        }.sorted()
    }

    /// Writes what was meant for another place into a file, within its size.
    ///
    /// - Parameters:
    ///   - suffix: how the file's path ends; nil for the file that is written.
    ///   - inode: the file that is written. It may have another name than it was opened under.
    func misdirect(
        _ bytes: UnsafeRawBufferPointer, toPathSuffix suffix: String?, from inode: Int, at offset: Int
    ) {
        var inode = inode
        if let suffix {
            guard let path = paths.first(where: { $0.hasSuffix(suffix) }), let other = self.inode(of: path)
            else { return }
            inode = other
        }
        let count = min(bytes.count, volume.inodes[inode].cached.byteCount - offset)
        guard count > 0 else { return }
        let fitting = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        volume.inodes[inode].overwrite(fitting, at: offset, in: store)
    }

    private func inode(of path: String) -> Int? { volume.entryName(path).flatMap { volume.inode($0) } }

    private func overwrite(_ path: String, at offset: Int, with bytes: [UInt8]) -> Bool {
        guard let inode = inode(of: path), offset >= 0,
            offset + bytes.count <= volume.inodes[inode].cached.byteCount
        else { return false }
        bytes.withUnsafeBytes { volume.inodes[inode].overwrite($0, at: offset, in: store) }
        return true
    }

    private func contents(of image: FileImage) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: image.byteCount) { buffer, count in
            count = image.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0, from: store)
        }
    }
}
