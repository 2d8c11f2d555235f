import Disk
import Glibc

/// A folder of this run's own on the disk to measure.
struct BenchPlace {
    let path: String
    let disk: KernelDisk

    init(in directory: String) throws {
        path = "\(directory)/logbench-\(getpid())"
        try KernelDisk(syncMode: .bufferedThenSync).makeDirectory(path)
        disk = try KernelDisk(probing: path)
    }

    /// Removes the folder and what is in it.
    func remove() {
        for folder in ["\(path)/log/lost+cut", "\(path)/log", path] {
            guard let stream = opendir(folder) else { continue }
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { unlink("\(folder)/\(name)") }
            }
            closedir(stream)
            rmdir(folder)
        }
    }
}
