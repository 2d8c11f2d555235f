import Glibc
import Logging
import NIOCore
import NIOPosix

/// What the kernel knows of a client's end of its connection.
extension Connection {
    /// Asks to be told when the client closes its end, instead of the connection being closed at once.
    func noticesHalfClosure() {
        do {
            try context?.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        } catch {
            core.logger.debug("\(remoteDescription): \(error)")
        }
    }

    /// Whether the client's kernel has acknowledged every byte that was sent.
    var isAllTaken: Bool {
        guard out.isEmpty, let context else { return false }
        do {
            guard try context.channel.syncOptions?.getOption(.bufferedWritableBytes) == 0 else {
                return false
            }
        } catch {
            return false
        }
        return withSocket { socket in
            var unacknowledged: CInt = -1
            let status = ioctl(socket, UInt(TIOCOUTQ), &unacknowledged)
            return status == 0 && unacknowledged == 0
        }
    }

    /// Whether the client has closed its end and did not reset the connection, as a kernel does when its
    /// program closes a connection without having read everything.
    var hasClientClosedInOrder: Bool {
        withSocket { socket in
            var info = [UInt8](repeating: 0, count: 256)
            var byteCount = socklen_t(info.count)
            let status = getsockopt(socket, Int32(IPPROTO_TCP), Self.tcpInfo, &info, &byteCount)
            // The state is the first byte.
            return status == 0 && byteCount > 0 && info[0] == Self.closeWait
        }
    }

    /// TCP_INFO, and TCP_CLOSE_WAIT in it.
    private static let tcpInfo: Int32 = 11
    private static let closeWait: UInt8 = 8

    private func withSocket(_ body: (CInt) -> Bool) -> Bool {
        guard let context else { return false }
        do {
            let operations = context.channel.pipeline.syncOperations
            return try operations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { body($0) }
                ?? false
        } catch {
            // Closed already.
            return false
        }
    }
}
