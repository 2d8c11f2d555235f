/// Memory whose address suits `O_DIRECT`, zeroed at the start.
package final class AlignedBuffer: @unchecked Sendable {
    /// Address, length and offset of direct I/O are multiples of this many bytes.
    package static let alignment = 4096

    package let bytes: UnsafeMutableRawBufferPointer

    /// - Parameter byteCount: rounded up to a multiple of `alignment`; at least one block.
    package init(byteCount: Int) {
        let rounded = max(Self.alignment, Self.roundUp(byteCount))
        bytes = .allocate(byteCount: rounded, alignment: Self.alignment)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { bytes.deallocate() }

    package var byteCount: Int { bytes.count }

    package static func roundUp(_ byteCount: Int) -> Int {
        (byteCount + alignment - 1) / alignment * alignment
    }
}
