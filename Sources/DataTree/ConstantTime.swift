/// Comparisons of secrets.
package enum ConstantTime {
    /// Whether two texts have the same bytes, in a time that tells nothing but whether their lengths agree.
    package static func areEqual(_ one: String, _ other: String) -> Bool {
        areEqual(Array(one.utf8), Array(other.utf8))
    }

    package static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in one.indices { difference |= one[index] ^ other[index] }
        return difference == 0
    }
}
