/// Where the generator's numbered znodes stand: number 107 is "/zkload/p07/node-00000107".
///
/// All paths of a shape are equally long, so a request is a template with ten digits to fill in.
struct PathShape {
    static let root = "/zkload"
    static let parentCount = 100
    private static let digitCount = 8
    static let numberMax = 99_999_999

    /// The path of number 0.
    let template: [UInt8]

    /// `name` stands before the digits of the last part; 1 to 64 plain characters.
    init(name: String) {
        template = Array("\(Self.parent(0))/\(name)-00000000".utf8)
    }

    static func parent(_ index: Int) -> String {
        "\(root)/p\(index / 10)\(index % 10)"
    }

    /// The znodes that sets and gets go to.
    static let keys = PathShape(name: "node")

    /// Fills the digits of `number` into a copy of the template at `path`.
    @inline(__always)
    static func fill(_ number: Int, into path: UnsafeMutableRawPointer, byteCount: Int) {
        let zero = UInt8(ascii: "0")
        var rest = UInt32(truncatingIfNeeded: number)
        var position = byteCount
        for _ in 0..<digitCount {
            position -= 1
            path.storeBytes(of: zero + UInt8(rest % 10), toByteOffset: position, as: UInt8.self)
            rest /= 10
        }
        // A znode's parent is its number's last two digits.
        let parentDigits = root.utf8.count + 2
        let last = path.loadUnaligned(fromByteOffset: byteCount - 2, as: UInt16.self)
        path.storeBytes(of: last, toByteOffset: parentDigits, as: UInt16.self)
    }
}
