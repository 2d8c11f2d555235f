/// How values are shown.
enum TextForms {
    /// The id's bytes as they stand in the file.
    static func storeID(_ id: UInt128) -> String {
        withUnsafeBytes(of: id.littleEndian) { bytes in
            bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
    }

    private static let base64Digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func base64(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            bits <<= 8
            for place in 0..<4 {
                digits.append(place <= group.count ? base64Digits[Int(bits >> 26)] : UInt8(ascii: "="))
                bits <<= 6
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
