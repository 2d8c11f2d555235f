import ByteCoding
import Glibc
import NIOCore

/// Where a connection comes from: 16 bytes of IPv6 (IPv4 as `::ffff:a.b.c.d`) and a port.
///
/// Text is made only where it is wanted: 5,000 idle connections need not hold ten thousand strings.
struct RemoteAddress: Hashable {
    /// The bytes of the address in the order of the network, first half and second half.
    private let high: UInt64
    private var low: UInt64

    /// Where the address lies in the kernel's `sockaddr_in` and `sockaddr_in6`.
    private static let offsetOfIPv4 = 4
    private static let offsetOfIPv6 = 8

    /// What the kernel says of a socket; all zero for what is no internet address.
    init(_ address: SocketAddress?) {
        switch address {
        case .v4(let four):
            let bits = withUnsafeBytes(of: four.address) {
                UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: Self.offsetOfIPv4, as: UInt32.self))
            }
            high = 0
            low = 0xffff_0000_0000 | UInt64(bits)
        case .v6(let six):
            let halves = withUnsafeBytes(of: six.address) { bytes in
                [Self.offsetOfIPv6, Self.offsetOfIPv6 + 8].map {
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
                }
            }
            high = halves[0]
            low = halves[1]
        case .unixDomainSocket, nil:
            high = 0
            low = 0
        }
    }

    /// What one owner of addresses can be taken to have: an IPv4 address, or 64 bits of an IPv6 one.
    var network: RemoteAddress {
        var network = self
        if !isIPv4 { network.low = 0 }
        return network
    }

    /// This machine's own.
    var isLoopback: Bool { isIPv4 ? low >> 24 & 0xff == 127 : high == 0 && low == 1 }

    var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

    /// As certificates have an address: 4 bytes, or 16.
    var certificateBytes: [UInt8] {
        var bytes: [UInt8] = []
        if isIPv4 {
            bytes.append(bigEndian: UInt32(truncatingIfNeeded: low))
        } else {
            bytes.append(bigEndian: high)
            bytes.append(bigEndian: low)
        }
        return bytes
    }

    /// The address as text; an IPv4 address that came through an IPv6 socket as IPv4.
    var text: String {
        if high == 0, low == 0 { return "unknown" }
        if isIPv4 {
            return [24, 16, 8, 0].map { String(low >> $0 & 0xff) }.joined(separator: ".")
        }
        var bytes: [UInt8] = []
        bytes.append(bigEndian: high)
        bytes.append(bigEndian: low)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress,
                inet_ntop(AF_INET6, bytes, start, socklen_t(INET6_ADDRSTRLEN)) != nil
            else { return "unknown" }
            return String(cString: start)
        }
    }
}
