import HTTPTypes
import HummingbirdCore
import NIOCore
import Server

/// `/metrics`: what Prometheus asks for every few seconds.
struct MetricsPage: Sendable {
    static let path = "/metrics"

    private let recent: RecentMeasures

    init(_ recent: RecentMeasures) { self.recent = recent }

    /// As Apache's page answers: to GET, HEAD and POST with the figures, those that `name[]` asks for or all.
    func respond(_ request: Request) async -> Response {
        guard request.uri.path == Self.path else {
            return Self.refusal(.notFound, "only \(Self.path) is here")
        }
        switch request.method {
        case .get, .post: return await page(request)
        case .head: return await page(request).createHeadResponse()
        case .options: return Response(status: .ok, headers: [.allow: Self.methods])
        case .trace: return Self.refusal(.forbidden, "TRACE is not answered")
        default:
            var refusal = Self.refusal(.methodNotAllowed, "only \(Self.methods) are answered")
            refusal.headers[.allow] = Self.methods
            return refusal
        }
    }

    private static let methods = "GET, HEAD, POST, OPTIONS"

    private func page(_ request: Request) async -> Response {
        let measures: [Measure]
        do {
            measures = try await recent.measures()
        } catch {
            return Self.refusal(.serviceUnavailable, "nothing is served yet, or any more")
        }
        var text = PrometheusText(only: Self.wanted(request))
        for measure in measures { text.append(measure) }
        return Response(
            status: .ok, headers: [.contentType: PrometheusText.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text.text)))
    }

    /// The names behind `name[]=`; nil if there are none, and then everything is wanted.
    private static func wanted(_ request: Request) -> Set<String>? {
        let names = request.uri.queryParameters.filter { key, _ in
            key == "name[]" || key.lowercased() == "name%5b%5d"
        }
        return names.isEmpty ? nil : Set(names.map { String($0.value) })
    }

    private static func refusal(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n")))
    }
}
