import HTTPTypes
import HummingbirdCore
import NIOCore

/// What a command answers: fields, and by their side `command` and `error` as Apache's server puts them.
struct AdminAnswer: Sendable {
    var status: HTTPResponse.Status = .ok
    var fields: [(name: String, value: JSON)] = []
    /// A failure that is no field of the command's own: it stands last.
    var error: String?
    var headers: HTTPFields = [:]
    /// Sent instead of the fields.
    var body: ResponseBody?

    /// A failure that the command itself found: it stands in front, as one of its fields.
    static func failed(_ text: String) -> AdminAnswer { AdminAnswer(fields: [("error", .text(text))]) }

    static func refused(_ text: String, _ status: HTTPResponse.Status = .ok) -> AdminAnswer {
        AdminAnswer(status: status, error: text)
    }

    static let notServing = refused("This ZooKeeper instance is not currently serving requests")

    func response(named command: String) -> Response {
        var headers = headers
        if let body {
            headers[.contentType] = "application/octet-stream"
            return Response(status: status, headers: headers, body: body)
        }
        var all = fields
        all.append(("command", .text(command)))
        if !fields.contains(where: { $0.name == "error" }) {
            all.append(("error", error.map { .text($0) } ?? .null))
        }
        headers[.contentType] = "application/json"
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSON.object(all).encoded())))
    }
}
