/// Where the generator's numbered znodes stand: number 107 is "/zkload/p07/v100-00000107".
///
/// All paths of a shape are equally long, so a request is a template with digits to fill in.
struct PathShape {
    static let root = "/zkload"
    static let parentCount = 100
    private static let digitCount = 8
    static let numberMax = 99_999_999

    /// The path of number 0.
    let template: [UInt8]
    /// Tells the shapes of one server apart.
    let label: String
    /// 0, or how many children the numbered znodes have: then number 27 of a shape of ten is child 7
    /// of znode 2.
    private let childCount: Int
    private let nodeByteCount: Int

    /// `name` stands before the digits of the last part; 1 to 64 plain characters.
    init(name: String) {
        template = Array("\(Self.parent(0))/\(name)-00000000".utf8)
        label = name
        childCount = 0
        nodeByteCount = template.count
    }

    /// The children of `parents`, `count` of each.
    init(childrenOf parents: PathShape, count: Int) {
        template = parents.template + Array("/\(Self.childName)".utf8)
        label = "\(parents.label)-children"
        childCount = count
        nodeByteCount = parents.template.count
    }

    /// The name of a child, all of them equally long.
    static let childName = "child-00000000"

    static func parent(_ index: Int) -> String {
        "\(root)/p\(index / 10)\(index % 10)"
    }

    /// The znodes that sets and gets go to. Values of another size have znodes of their own, so that a
    /// run never reads what a run with another size has left.
    static func keys(valueByteCount: Int) -> PathShape { PathShape(name: "v\(valueByteCount)") }

    /// The znodes whose children are listed.
    static func parents(childCount: Int) -> PathShape { PathShape(name: "dir\(childCount)") }

    /// Fills the digits of `number` into a copy of the template at `path`.
    @inline(__always)
    func fill(_ number: Int, into path: UnsafeMutableRawPointer) {
        guard childCount > 0 else { return fillNode(number, into: path) }
        Self.fillDigits(number % childCount, into: path, end: template.count)
        fillNode(number / childCount, into: path)
    }

    @inline(__always)
    private func fillNode(_ number: Int, into path: UnsafeMutableRawPointer) {
        Self.fillDigits(number, into: path, end: nodeByteCount)
        // A znode's parent is its number's last two digits.
        let parentDigits = Self.root.utf8.count + 2
        let last = path.loadUnaligned(fromByteOffset: nodeByteCount - 2, as: UInt16.self)
        path.storeBytes(of: last, toByteOffset: parentDigits, as: UInt16.self)
    }

    @inline(__always)
    private static func fillDigits(_ number: Int, into path: UnsafeMutableRawPointer, end: Int) {
        let zero = UInt8(ascii: "0")
        var rest = UInt32(truncatingIfNeeded: number)
        for position in stride(from: end - 1, through: end - digitCount, by: -1) {
            path.storeBytes(of: zero + UInt8(rest % 10), toByteOffset: position, as: UInt8.self)
            rest /= 10
        }
    }
}
