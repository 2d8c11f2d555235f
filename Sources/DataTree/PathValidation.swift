/// The rules for a node's whole path.
extension Path {
    /// Absolute, no empty, `.` or `..` component, no trailing slash, no forbidden character.
    ///
    /// Forbidden are the control characters, surrogates, the private use area and U+FFF0...U+FFFF,
    /// hence everything outside the basic plane. Malformed UTF-8 is forbidden too: ZooKeeper reads it
    /// as U+FFFD.
    static func isValid(_ path: RawSpan) -> Bool {
        guard path.byteCount > 0, byte(path, 0) == slash else { return false }
        if path.byteCount == 1 { return true }
        var componentStart = 1
        var index = 1
        while index < path.byteCount {
            let byte = byte(path, index)
            if byte == slash {
                guard isComponent(path, componentStart, index) else { return false }
                index += 1
                componentStart = index
            } else if byte >= 0x20, byte < 0x7f {
                index += 1
            } else {
                let byteCount = allowedScalarByteCount(path, at: index)
                if byteCount == 0 { return false }
                index += byteCount
            }
        }
        return isComponent(path, componentStart, path.byteCount)
    }

    private static func isComponent(_ path: RawSpan, _ start: Int, _ end: Int) -> Bool {
        let dot = UInt8(ascii: ".")
        switch end - start {
        case 0: return false
        case 1: return byte(path, start) != dot
        case 2: return byte(path, start) != dot || byte(path, start + 1) != dot
        default: return true
        }
    }

    /// How long the allowed scalar beyond ASCII at `index` is; 0 when it is forbidden or malformed.
    private static func allowedScalarByteCount(_ path: RawSpan, at index: Int) -> Int {
        let lead = byte(path, index)
        switch lead {
        case 0xc2...0xdf:
            guard let scalar = scalar(path, index, continuationByteCount: 1) else { return 0 }
            return scalar > 0x9f ? 2 : 0
        case 0xe0...0xef:
            guard let scalar = scalar(path, index, continuationByteCount: 2) else { return 0 }
            guard scalar >= 0x800, scalar < 0xd800 || scalar > 0xf8ff, scalar < 0xfff0 else { return 0 }
            return 3
        default:
            return 0
        }
    }

    private static func scalar(_ path: RawSpan, _ index: Int, continuationByteCount: Int) -> UInt32? {
        guard index + continuationByteCount < path.byteCount else { return nil }
        var scalar = UInt32(byte(path, index)) & (continuationByteCount == 1 ? 0x1f : 0x0f)
        for offset in 1...continuationByteCount {
            let byte = byte(path, index + offset)
            guard byte & 0xc0 == 0x80 else { return nil }
            scalar = scalar << 6 | UInt32(byte & 0x3f)
        }
        return scalar
    }
}
