/// What of a server anybody may use who reaches its ports.
///
/// ZooKeeper's defaults leave much open, and clients rely on it, so these do too; but each start says what
/// is open and which key closes it. `security.profile=secure` takes no open surface for an answer.
package enum OpenSurface: String, CaseIterable, Sendable {
    case plainPort
    case unprovedClients
    case uncheckedAccess
    case everyWord
    case adminPort
    case metricsPort

    /// One line: what is open, and what closes it.
    package var advice: String {
        switch self {
        case .plainPort:
            "clients connect without TLS, and whoever listens reads passwords and data "
                + "(clientPort; secureClientPort speaks TLS)"
        case .unprovedClients:
            "clients need not prove who they are, and nodes are open to all unless their access lists say "
                + "otherwise (enforce.auth.enabled with enforce.auth.schemes, or TLS alone with ssl.clientAuth=need)"
        case .uncheckedAccess:
            "no access list is checked (skipACL)"
        case .everyWord:
            "every four letter word is answered to anybody (4lw.commands.whitelist=*)"
        case .adminPort:
            "the admin port tells anybody of settings, connections, sessions and paths "
                + "(admin.enableServer; admin.serverAddress=127.0.0.1, or admin.forceHttps with admin.needClientAuth)"
        case .metricsPort:
            "the metrics port tells anybody how busy the server is, and the names below the root "
                + "(metricsProvider.httpHost=127.0.0.1, or metricsProvider.httpsPort alone, with clients' certificates)"
        }
    }
}

extension ServerConfiguration {
    /// What is open to others than this machine, in the order of `OpenSurface`.
    package var openSurfaces: [OpenSurface] { OpenSurface.allCases.filter(isOpen) }

    private func isOpen(_ surface: OpenSurface) -> Bool {
        if surface == .adminPort {
            return admin.isOn && !admin.isProved && !Self.isThisMachine(admin.address)
        }
        if surface == .metricsPort {
            return metrics.isOn && !metrics.isProved && !Self.isThisMachine(metrics.address)
        }
        guard hasOutsidePort else { return false }
        switch surface {
        case .adminPort, .metricsPort: return false
        case .plainPort: return hasOutsidePlainPort
        case .unprovedClients:
            return authentication.requiredSchemes.isEmpty
                && (hasOutsidePlainPort || tls.clientAuthentication != .need)
        case .uncheckedAccess: return access.skipsACL
        case .everyWord: return fourLetterWords == .all
        }
    }

    private var hasOutsidePlainPort: Bool { clientPort != nil && !Self.isThisMachine(clientAddress) }

    private var hasOutsidePort: Bool {
        hasOutsidePlainPort || (tls.port != nil && !Self.isThisMachine(tls.address))
    }

    /// Whether only programs on this machine reach an address; nil is every address.
    private static func isThisMachine(_ address: String?) -> Bool {
        guard let address else { return false }
        return address == "localhost" || address == "::1" || address.hasPrefix("127.")
    }
}
