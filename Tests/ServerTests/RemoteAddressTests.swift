import NIOCore
import Testing

@testable import Server

@Suite struct RemoteAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("255.1.20.0", "255.1.20.0"), ("::1", "::1"),
        ("::ffff:10.0.0.7", "10.0.0.7"), ("2001:db8::8:800:200c:417a", "2001:db8::8:800:200c:417a"),
        ("::2.3.4.5", "::2.3.4.5"), ("0.0.0.0", "0.0.0.0"),
    ])
    func textIsAsTheKernelWritesIt(address: String, text: String) throws {
        #expect(RemoteAddress(try SocketAddress(ipAddress: address, port: 1)).text == text)
    }

    @Test func oneAddressIsOneWhateverSocketItCameThrough() throws {
        let four = RemoteAddress(try SocketAddress(ipAddress: "10.0.0.7", port: 1))
        let mapped = RemoteAddress(try SocketAddress(ipAddress: "::ffff:10.0.0.7", port: 2))
        #expect(four == mapped && four.hashValue == mapped.hashValue)
        #expect(four != RemoteAddress(try SocketAddress(ipAddress: "10.0.0.8", port: 1)))
    }

    @Test func whatIsNoAddressIsUnknown() {
        #expect(RemoteAddress(nil).text == "unknown")
    }
}
