import HTTPTypes
import HummingbirdCore
import NIOCore
import Server

/// The pages of the admin server: an index, and one for each command.
struct AdminPages: Sendable {
    private let settings: AdminSettings
    private let runner: CommandRunner

    /// As Apache's: a browser that was here by TLS does not come without it for a day.
    private static let strictTransport = "max-age=86400; includeSubDomains"
    private static let methods = "GET, HEAD, POST, OPTIONS"

    init(_ settings: AdminSettings, runner: CommandRunner) {
        self.settings = settings
        self.runner = runner
    }

    func answer(_ request: Request, from peer: HTTPPeer) async -> Response {
        var response = await page(request, peer)
        response.headers[.date] = HTTPDate.now
        response.headers[.cacheControl] = "no-store"
        if settings.speech != .plain, await peer.isEncrypted {
            response.headers[.strictTransportSecurity] = Self.strictTransport
        }
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func page(_ request: Request, _ peer: HTTPPeer) async -> Response {
        if request.method == .trace { return Self.empty(.forbidden) }
        let target: RequestTarget
        do throws(RequestTarget.Defect) {
            target = try RequestTarget(request.head.path ?? "")
        } catch {
            return error == .nowhere ? Self.notFound : Self.malformed
        }
        guard let name = Self.commandName(target.path, below: settings.commandPath) else {
            return Self.notFound
        }
        switch request.method {
        case .get, .head, .post: break
        case .options: return Self.empty(.ok, allow: Self.methods)
        case .put, .delete: return Self.empty(.methodNotAllowed, allow: Self.methods)
        default: return Self.empty(.notImplemented)
        }
        guard !name.isEmpty else { return index }
        return await runner.run(name, target.words, request, from: peer)
    }

    /// What stands behind the commands' path; empty for that path itself, nil for any other.
    private static func commandName(_ path: String, below commandPath: String) -> String? {
        guard path.hasPrefix(commandPath) else { return nil }
        let rest = path.dropFirst(commandPath.count)
        guard let first = rest.first else { return "" }
        return first == "/" ? String(rest.dropFirst()) : nil
    }

    /// Whether a request brings a snapshot to restore.
    static func isRestoring(_ head: HTTPRequest, _ settings: AdminSettings) -> Bool {
        guard head.method == .post, settings.offersRestoring else { return false }
        do throws(RequestTarget.Defect) {
            let path = try RequestTarget(head.path ?? "").path
            return commandName(path, below: settings.commandPath).flatMap(AdminCommand.init(name:))
                == .restore
        } catch {
            return false
        }
    }

    private var index: Response {
        let links = AdminCommand.allCases.map(\.rawValue).sorted().map { name in
            "<a href=\"\(settings.commandPath)/\(name)\">\(name)</a>\n<br/>\n"
        }
        return Self.text(.ok, links.joined())
    }

    // MARK: What is not a command

    private static let notFound = text(
        .notFound,
        "<html><head><title>Error 404 Not Found</title></head>"
            + "<body><h2>HTTP ERROR 404 Not Found</h2></body></html>\n")

    private static let malformed = text(
        .badRequest, "<h1>Bad Message 400</h1><pre>reason: Bad Request</pre>")

    private static func text(_ status: HTTPResponse.Status, _ html: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html;charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    private static func empty(_ status: HTTPResponse.Status, allow: String? = nil) -> Response {
        var headers: HTTPFields = [:]
        headers[.allow] = allow
        return Response(status: status, headers: headers)
    }
}
