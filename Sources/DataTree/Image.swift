import Identifiers
import Jute

extension DataTree {
    /// Where an image's next slice begins.
    package struct ImageCursor: Equatable, Sendable {
        var nodeID: UInt32

        /// The first slice.
        package static let start = ImageCursor(nodeID: 0)
    }

    /// Appends a slice of the image, about `maxByteCount` long (one node may exceed it); returns where
    /// the next one begins, nil after the last.
    ///
    /// Records may be applied between slices; the image is then fuzzy, and whoever loads it replays
    /// the records applied since before the first slice.
    package func encodeImageSlice(
        from cursor: ImageCursor, maxByteCount: Int, into slice: inout [UInt8]
    ) -> ImageCursor? { nil }

    /// Adds a slice's nodes to this tree, which must be fresh or hold other slices of the same image.
    ///
    /// Slices may come in any order. A slice that throws may have added some of its nodes.
    package mutating func loadImageSlice(_ slice: RawSpan) throws(ImageDefect) {}

    /// Names without a node: parents that an image has not brought (yet). 0 after a whole load and replay.
    package var placeholderCount: Int { 0 }
}

/// Why bytes are not a slice of an image.
package enum ImageDefect: Error, Equatable {
    case malformed(JuteDefect)
    case unknownTag(UInt8)
    case unknownAccessList(UInt32)
    case invalidPath
}
