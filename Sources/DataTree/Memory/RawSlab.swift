import CCacheLines

/// Equal pieces of memory, numbered from 1, in chunks that never move.
///
/// Growing adds a chunk and copies nothing, so a pointer stays good until its piece is given back.
/// A piece that is given back keeps the number of the next free one in its first four bytes.
struct RawSlab: ~Copyable {
    let pieceByteCount: Int
    private let chunkShift: UInt32
    private var chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private var chunkCount = 0
    private var chunkCapacity = 4
    /// Numbers below this one have been given out before.
    private(set) var nextFresh: UInt32 = 1
    private var firstFree: UInt32 = 0
    /// Pieces in use.
    private(set) var count = 0

    /// - Parameters:
    ///   - pieceByteCount: at least 4, a multiple of 4.
    ///   - chunkShift: a chunk holds two to the power of this many pieces.
    init(pieceByteCount: Int, chunkShift: UInt32) {
        precondition(pieceByteCount >= 4 && pieceByteCount.isMultiple(of: 4), "a piece holds a link")
        self.pieceByteCount = pieceByteCount
        self.chunkShift = chunkShift
        chunks = .allocate(capacity: chunkCapacity)
    }

    deinit {
        for index in 0..<chunkCount { chunks[index].deallocate() }
        chunks.deallocate()
    }

    /// What the chunks take, used or not.
    var reservedByteCount: Int { chunkCount << Int(chunkShift) * pieceByteCount }

    /// The piece with this number, which must be in use.
    @inline(__always)
    subscript(number: UInt32) -> UnsafeMutableRawPointer {
        assert(number != 0 && number < nextFresh, "no such piece")
        let index = number &- 1
        let inChunk = Int(index & ((1 &<< chunkShift) &- 1))
        return chunks[Int(index &>> chunkShift)] + inChunk &* pieceByteCount
    }

    /// Asks the processor for the piece with this number, which must be in use.
    @inline(__always)
    func prefetch(_ number: UInt32) {
        let piece = self[number]
        var offset = 0
        while offset < pieceByteCount {
            ccachelines_prefetch(piece + offset)
            offset &+= Self.cacheLineByteCount
        }
        ccachelines_prefetch(piece + (pieceByteCount &- 1))
    }

    private static let cacheLineByteCount = 64

    /// Takes a piece; its bytes are whatever was there.
    mutating func allocate() -> UInt32 {
        count += 1
        if firstFree != 0 {
            let number = firstFree
            firstFree = self[number].load(as: UInt32.self)
            return number
        }
        precondition(nextFresh < .max, "32-bit numbers are used up")
        let number = nextFresh
        if Int((number &- 1) &>> chunkShift) == chunkCount { addChunk() }
        nextFresh += 1
        return number
    }

    /// Gives a piece back.
    mutating func free(_ number: UInt32) {
        self[number].storeBytes(of: firstFree, as: UInt32.self)
        firstFree = number
        count -= 1
    }

    private mutating func addChunk() {
        if chunkCount == chunkCapacity {
            let grown = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: chunkCapacity * 2)
            grown.moveInitialize(from: chunks, count: chunkCount)
            chunks.deallocate()
            chunks = grown
            chunkCapacity *= 2
        }
        let chunk = UnsafeMutableRawPointer.allocate(
            byteCount: pieceByteCount << Int(chunkShift), alignment: 8)
        (chunks + chunkCount).initialize(to: chunk)
        chunkCount += 1
    }
}

/// Values of one plain type in a slab, addressed by 32-bit numbers from 1.
struct Slab<Element: BitwiseCopyable>: ~Copyable {
    private var slab: RawSlab

    init(chunkShift: UInt32) {
        slab = RawSlab(pieceByteCount: MemoryLayout<Element>.stride, chunkShift: chunkShift)
    }

    var count: Int { slab.count }
    /// Numbers below this one have been given out before.
    var nextFresh: UInt32 { slab.nextFresh }
    var reservedByteCount: Int { slab.reservedByteCount }

    @inline(__always)
    subscript(number: UInt32) -> UnsafeMutablePointer<Element> {
        slab[number].assumingMemoryBound(to: Element.self)
    }

    @inline(__always)
    func prefetch(_ number: UInt32) { slab.prefetch(number) }

    mutating func allocate(_ element: Element) -> UInt32 {
        let number = slab.allocate()
        slab[number].initializeMemory(as: Element.self, to: element)
        return number
    }

    mutating func free(_ number: UInt32) { slab.free(number) }
}
