import Glibc
import NIOSSL
import Testing

@testable import Server

/// Certificates are exchanged while the server runs, whole or not at all.
@Suite struct CertificateWatchTests {
    @Test func newFilesAreUsedAndBadOnesKeepTheOld() throws {
        let path = "/tmp/aviary-watch-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).pem"
        defer { unlink(path) }
        TLSVectors.write(try TLSVectors.bytes("server.pem"), to: path)
        var settings = TLSSettings()
        settings.keyStore = StoreFile(path: path, kind: .pem)
        settings.clientAuthentication = .none
        let messages = KeptMessages()
        let context = try TLSContext(settings, logger: messages.logger)
        let watch = CertificateWatch(context, logger: messages.logger)
        let thread = watch.start()
        defer {
            watch.stop()
            thread.join()
        }
        let first = context.forNewConnection

        // Half of a file, then a key that belongs to another certificate.
        let good = try TLSVectors.bytes("traditional.pem")
        TLSVectors.write(Array(good[..<(good.count / 2)]), to: path)
        #expect(Self.waits { messages.count(of: "cannot be exchanged") > 0 })
        TLSVectors.write(try TLSVectors.bytes("mismatched.pem"), to: path)
        #expect(Self.waits { messages.count(of: "may not belong together") > 0 })
        #expect(context.forNewConnection === first)

        TLSVectors.write(good, to: path)
        #expect(Self.waits { context.forNewConnection !== first })
        #expect(messages.count(of: "the certificate files changed") > 0)
    }

    @Test func aContextIsNotMadeOfAKeyAndAnothersCertificate() throws {
        var settings = TLSSettings()
        settings.keyStore = try TLSVectors.store("mismatched.pem")
        settings.clientAuthentication = .none
        #expect(throws: StoreFileError.self) { try TLSContext(settings, logger: KeptMessages().logger) }
    }

    private static func waits(_ isDone: () -> Bool) -> Bool {
        for _ in 0..<500 {
            if isDone() { return true }
            usleep(10_000)
        }
        return false
    }
}
