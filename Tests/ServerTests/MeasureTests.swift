import ByteCoding
import DataTree
import Jute
import Testing
import TransactionLog

@testable import Server

/// Measures as lines of `mntr`.
@Suite struct MeasureTests {
    private static func histogram(_ values: [UInt64]) -> Histogram {
        var histogram = Histogram()
        for value in values { histogram.record(value) }
        return histogram
    }

    @Test func aFigureIsALine() {
        let measures: [Measure] = [
            .text("version", "3.9.3"), .counter("asked", 3), .gauge("load", decimal: 0.5), .gauge("free", -1),
        ]
        #expect(Measure.lines(measures) == "zk_version\t3.9.3\nzk_asked\t3\nzk_load\t0.5\nzk_free\t-1\n")
    }

    @Test func aSummaryHasFiveLinesInWholeUnits() {
        let summary = Measure.summary("took", Self.histogram([1000, 2999]), dividedBy: 1000)
        #expect(
            Measure.lines([summary])
                == "zk_avg_took\t1.9995\nzk_min_took\t1\nzk_max_took\t2\nzk_cnt_took\t2\nzk_sum_took\t3\n")
    }

    @Test func whatIsWatchedCloselyHasPercentilesToo() {
        let summary = Measure.summary("took", Self.histogram([7]), .advanced)
        let names = summary.figures.map(\.name)
        #expect(
            names == [
                "avg_took", "min_took", "max_took", "cnt_took", "sum_took", "p50_took", "p95_took",
                "p99_took",
                "p999_took",
            ])
        #expect(summary.figures.last?.figure == .integer(7))
    }

    @Test func oneOfASetHasItsKeyInFrontAsWithZooKeeper() {
        let gauges = Measure("quota_x", .gauges([.init("shop", .integer(5))]))
        let counters = Measure("refused_x", .counters([.init("shop", 2)]))
        #expect(Measure.lines([gauges, counters]) == "zk_shop_quota_x\t5\nzk_shop_refused_x\t2\n")
    }

    @Test func everyNameIsThereOnce() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/shop"))
        let names = try names("mntr", server)
        #expect(names.count > 150)
        #expect(Set(names).count == names.count)
        #expect(names.contains("zk_cnt_shop_write_per_namespace"))
    }

    @Test func srstForgetsNamespacesToo() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/shop"))
        _ = try names("srst", server)
        #expect(try !names("mntr", server).contains("zk_cnt_shop_write_per_namespace"))
    }

    @Test func clientsThatNameAnEnsembleAreCounted() throws {
        let server = try TestServer {
            $0.authentication.schemes = [.ip, .ensemble]
            $0.authentication.ensembleNames = ["live"]
        }
        let client = try TestClient(port: server.port)
        for name in ["live", "", "live"] {
            #expect(try client.call(.auth, xid: -4, Self.proof(name)).error == 0)
        }
        client.queue(OperationCode.auth.rawValue, xid: -4, Self.proof("other"))
        client.flush()
        #expect(try client.readToEnd() == [])
        let counts = server.onCore { core -> [UInt64] in
            let counts = core.statistics.ensembleAuthentication
            return [counts.succeeded, counts.failed, counts.skipped]
        }
        #expect(counts == [2, 1, 1])
    }

    private static func proof(_ name: String) -> [UInt8] {
        var body: [UInt8] = []
        body.append(bigEndian: Int32(0))
        body.append(juteString: "ensemble")
        body.append(juteString: name)
        return body
    }

    @Test func whoConnectsWithoutTLSIsCountedByWhereHeIs() throws {
        let server = try TestServer()
        _ = try TestClient(port: server.port)
        let counts = server.onCore {
            [$0.statistics.plainLocalConnections, $0.statistics.plainRemoteConnections]
        }
        #expect(counts == [1, 0])
    }

    /// What stands in front of the tabs of an answer's lines.
    private func names(_ word: String, _ server: TestServer) throws -> [String] {
        let client = try TestClient(rawTo: server.port)
        client.send(Array(word.utf8))
        let answer = String(decoding: try client.readToEnd(), as: UTF8.self)
        return answer.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
    }
}
