import Testing

@testable import Server

@Suite struct FrameSplitterTests {
    /// Three frames: empty, one byte, five bytes.
    private let stream: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 1, 7, 0, 0, 0, 5, 1, 2, 3, 4, 5]
    private let frames: [[UInt8]] = [[], [7], [1, 2, 3, 4, 5]]

    @Test func framesOfOneReadComeOutInOrder() throws {
        #expect(try split([stream]) == frames)
    }

    @Test func aStreamCutAtAnyTwoBytesGivesTheSameFrames() throws {
        for first in 0...stream.count {
            for second in first...stream.count {
                let pieces = [stream[..<first], stream[first..<second], stream[second...]].map(Array.init)
                #expect(try split(pieces) == frames)
            }
        }
    }

    @Test func oneByteAtATimeGivesTheSameFrames() throws {
        #expect(try split(stream.map { [$0] }) == frames)
    }

    @Test func aNegativeLengthIsRefused() {
        #expect(throws: FrameSplitter.BadLength(declared: -1, limit: 5)) {
            try split([[0xff, 0xff, 0xff, 0xff]])
        }
    }

    @Test func aLengthAboveTheLimitIsRefusedBeforeItsBytesArrive() {
        #expect(throws: FrameSplitter.BadLength(declared: 6, limit: 5)) { try split([[0, 0], [0, 6]]) }
    }

    @Test func theFirstFrameMayBeLimitedMoreNarrowly() throws {
        for cut in 0...stream.count {
            var splitter = FrameSplitter(frameByteCountMax: 5, firstFrameByteCountMax: 0)
            var taken: [[UInt8]] = []
            for piece in [stream[..<cut], stream[cut...]] {
                try splitter.split(Array(piece).span.bytes) {
                    taken.append($0.withUnsafeBytes { Array($0) })
                    return true
                }
            }
            #expect(taken == frames)
        }
        var splitter = FrameSplitter(frameByteCountMax: 5, firstFrameByteCountMax: 4)
        #expect(throws: FrameSplitter.BadLength(declared: 5, limit: 4)) {
            try splitter.split(([0, 0, 0, 5] as [UInt8]).span.bytes) { _ in true }
        }
    }

    @Test func whatIsKeptOfAFrameAndWhatItDeclaresCanBeAsked() throws {
        var splitter = FrameSplitter(frameByteCountMax: 5)
        try splitter.split(([0, 0, 0] as [UInt8]).span.bytes) { _ in true }
        #expect(splitter.keptByteCount == 3 && splitter.declaredByteCount == nil)
        try splitter.split(([3, 1] as [UInt8]).span.bytes) { _ in true }
        #expect(splitter.keptByteCount == 5 && splitter.declaredByteCount == 3)
        try splitter.split(([2, 3] as [UInt8]).span.bytes) { _ in true }
        #expect(splitter.keptByteCount == 0 && splitter.declaredByteCount == nil)
    }

    @Test func nothingIsTakenAfterTheBodyStops() throws {
        var splitter = FrameSplitter(frameByteCountMax: 5)
        var taken = 0
        try splitter.split(stream.span.bytes) { _ in
            taken += 1
            return false
        }
        #expect(taken == 1)
    }

    @Test func whatIsNotTakenIsKeptUntilItGoesOn() throws {
        for cut in 0...stream.count {
            for takenFirst in 0...frames.count {
                var splitter = FrameSplitter(frameByteCountMax: 5)
                var taken: [[UInt8]] = []
                let takesUpToFirst: (RawSpan) -> Bool = { frame in
                    guard taken.count < takenFirst else { return false }
                    taken.append(frame.withUnsafeBytes { Array($0) })
                    return true
                }
                try splitter.split(stream.span.bytes.extracting(..<cut), takesUpToFirst)
                if splitter.isStopped {
                    splitter.stop(before: stream.span.bytes.extracting(cut...))
                } else {
                    try splitter.split(stream.span.bytes.extracting(cut...), takesUpToFirst)
                }
                #expect(taken == Array(frames.prefix(takenFirst)))
                #expect(splitter.isStopped == (takenFirst < frames.count))
                try splitter.resume { frame in
                    taken.append(frame.withUnsafeBytes { Array($0) })
                    return true
                }
                #expect(taken == frames && !splitter.isStopped)
            }
        }
    }

    @Test func aPreviewShowsTheWholeFramesAndTakesNone() throws {
        #expect(preview(stream + [0, 0, 0, 5, 1]) == frames)
        #expect(try split([stream]) == frames)
    }

    @Test func aLoneFrameIsNotPreviewed() {
        #expect(preview([0, 0, 0, 1, 7]) == [])
    }

    @Test func aPreviewEndsAtALengthThatIsNone() {
        #expect(preview([0, 0, 0, 1, 7, 0xff, 0xff, 0xff, 0xff, 1]) == [[7]])
    }

    @Test func whatContinuesAFrameIsNotPreviewed() throws {
        var splitter = FrameSplitter(frameByteCountMax: 5)
        try splitter.split(stream.span.bytes.extracting(..<6)) { _ in true }
        var shown = 0
        splitter.preview(stream.span.bytes.extracting(6...)) { _ in shown += 1 }
        #expect(shown == 0)
    }

    private func preview(_ bytes: [UInt8]) -> [[UInt8]] {
        let splitter = FrameSplitter(frameByteCountMax: 5)
        var frames: [[UInt8]] = []
        splitter.preview(bytes.span.bytes) { frame in frames.append(frame.withUnsafeBytes { Array($0) }) }
        return frames
    }

    private func split(_ pieces: [[UInt8]]) throws(FrameSplitter.BadLength) -> [[UInt8]] {
        var splitter = FrameSplitter(frameByteCountMax: 5)
        var frames: [[UInt8]] = []
        for piece in pieces {
            try splitter.split(piece.span.bytes) { frame in
                frames.append(frame.withUnsafeBytes { Array($0) })
                return true
            }
        }
        return frames
    }
}
