extension Disk {
    /// Removes files as `unlink` does, and gives their space back in small steps once the names are gone.
    ///
    /// Freeing a long file at once may keep the device busy for tens of milliseconds (a file system
    /// mounted with `discard` tells it of every freed block), and a sync of the log waits behind that.
    /// Whoever has such a file open finds it ever shorter.
    ///
    /// - Parameter pause: sleeps so many nanoseconds after each step.
    package func unlink(
        _ names: [String], in directory: String, pause: (_ nanoseconds: UInt64) -> Void
    ) throws(DiskError) {
        for name in names {
            let file = try open(directory + "/" + name, access: .buffered)
            // First the name, durably: no crash shows a file by its name that has lost its end.
            try unlink([name], in: directory)
            var byteCount = try file.byteCount()
            while byteCount > PacedRemoval.stepByteCount {
                byteCount -= PacedRemoval.stepByteCount
                try file.truncate(to: byteCount)
                pause(PacedRemoval.pauseNanoseconds)
            }
        }
    }
}

private enum PacedRemoval {
    static let stepByteCount = 2 << 20
    /// With it a whole log segment takes about a tenth of a second.
    static let pauseNanoseconds: UInt64 = 2_000_000
}
