/// Comparisons of secrets.
package enum ConstantTime {
    /// Whether two texts have the same bytes, in a time that tells nothing but whether their lengths agree.
    /// Allocates nothing: access lists are checked with it.
    package static func areEqual(_ one: String, _ other: String) -> Bool {
        areEqual(one.utf8, other.utf8)
    }

    package static func areEqual<Bytes: Collection>(_ one: Bytes, _ other: Bytes) -> Bool
    where Bytes.Element == UInt8 {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for (byte, otherByte) in zip(one, other) { difference |= byte ^ otherByte }
        return difference == 0
    }
}
