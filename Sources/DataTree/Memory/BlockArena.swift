/// Byte blocks of any length, in slabs by size class; a block is known by a 32-bit number and its length.
///
/// Whoever holds a block knows its length anyway, so the class is not stored: it follows from the
/// length. Up to 512 bytes a class every 8 bytes, then eight classes for every doubling (at most an
/// eighth is wasted); above 64 KiB each block is an allocation of its own.
struct BlockArena: ~Copyable {
    private let classes: UnsafeMutablePointer<RawSlab>
    /// Addresses of the blocks above the largest class; 0 in the upper half when it is free.
    private var large: Slab<UInt>

    private static let fineClassCount = 64
    private static let classCount = fineClassCount + 7 * 8
    private static let classByteCountMax = 64 << 10

    init() {
        classes = .allocate(capacity: Self.classCount)
        for index in 0..<Self.classCount {
            let byteCount = Self.byteCount(ofClass: index)
            // A chunk is about 64 KiB, and at least one block.
            var shift: UInt32 = 0
            while byteCount << Int(shift + 1) <= 64 << 10 { shift += 1 }
            (classes + index).initialize(to: RawSlab(pieceByteCount: byteCount, chunkShift: shift))
        }
        large = Slab(chunkShift: 8)
    }

    deinit {
        classes.deinitialize(count: Self.classCount)
        classes.deallocate()
        // The slab's link takes the lower half of a free number's word.
        for number in 1..<large.nextFresh where large[number].pointee >> 32 != 0 {
            UnsafeMutableRawPointer(bitPattern: large[number].pointee)?.deallocate()
        }
    }

    /// What all slabs take, used or not; blocks above the largest class are not in it.
    var reservedByteCount: Int {
        var sum = 0
        for index in 0..<Self.classCount { sum += classes[index].reservedByteCount }
        return sum
    }

    /// The block's first byte. A block of no bytes has the number 0 and must not be asked for.
    @inline(__always)
    func address(_ number: UInt32, byteCount: Int) -> UnsafeMutableRawPointer {
        if byteCount > Self.classByteCountMax { return largeAddress(number) }
        return classes[Self.classIndex(byteCount)][number]
    }

    /// Asks the processor for a block of up to 512 bytes; the hardware fetches ahead in longer ones by itself.
    @inline(__always)
    func prefetch(_ number: UInt32, byteCount: Int) {
        if byteCount == 0 || byteCount > 512 { return }
        classes[Self.classIndex(byteCount)].prefetch(number)
    }

    /// Takes a block; its bytes are whatever was there. 0 for no bytes.
    mutating func allocate(byteCount: Int) -> UInt32 {
        if byteCount == 0 { return 0 }
        if byteCount > Self.classByteCountMax {
            let block = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 8)
            return large.allocate(UInt(bitPattern: block))
        }
        return classes[Self.classIndex(byteCount)].allocate()
    }

    /// Gives a block back; the length must be the one it was taken with.
    mutating func free(_ number: UInt32, byteCount: Int) {
        if byteCount == 0 { return }
        if byteCount > Self.classByteCountMax {
            largeAddress(number).deallocate()
            large[number].pointee = 0
            large.free(number)
        } else {
            classes[Self.classIndex(byteCount)].free(number)
        }
    }

    /// Whether blocks of both lengths are alike, so that one can become the other in place.
    static func isSameClass(_ a: Int, _ b: Int) -> Bool {
        if a == 0 || b == 0 || a > classByteCountMax || b > classByteCountMax { return a == b }
        return classIndex(a) == classIndex(b)
    }

    private func largeAddress(_ number: UInt32) -> UnsafeMutableRawPointer {
        guard let block = UnsafeMutableRawPointer(bitPattern: large[number].pointee) else {
            preconditionFailure("block \(number) is not in use")
        }
        return block
    }

    @inline(__always)
    static func classIndex(_ byteCount: Int) -> Int {
        if byteCount <= 512 { return (byteCount &- 1) >> 3 }
        let scale = Int.bitWidth - 1 - (byteCount &- 1).leadingZeroBitCount  // 9 for 513...1024
        let eighth = (byteCount &- 1) >> (scale - 3) & 7
        return fineClassCount + (scale - 9) * 8 + eighth
    }

    static func byteCount(ofClass index: Int) -> Int {
        if index < fineClassCount { return (index + 1) * 8 }
        let scale = 9 + (index - fineClassCount) / 8
        let eighth = (index - fineClassCount) % 8
        return 1 << scale + (eighth + 1) << (scale - 3)
    }
}
