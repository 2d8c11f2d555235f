import Glibc
import Jute
import Testing

@testable import Server

/// What the commands of four letters tell an operator.
@Suite(.serialized) struct CommandTests {
    /// The names are Apache ZooKeeper 3.9's, so that what watches it goes on watching.
    @Test func summariesHaveAllOfTheirLines() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/a"))
        _ = try client.call(.getData, TestClient.watch("/a"))
        let measures = try lines(of: "mntr", server, dividedAt: "\t")
        let summaries = [
            "fsynctime", "sync_processor_batch_size", "readlatency", "updatelatency", "snapshottime",
            "dbinittime", "startup_snap_load_time", "startup_txns_load_time", "startup_txns_loaded",
        ]
        for name in summaries {
            for part in ["avg", "min", "max", "cnt", "sum"] {
                #expect(measures["zk_\(part)_\(name)"].flatMap(Double.init) != nil, "\(part)_\(name)")
            }
        }
        for name in ["readlatency", "updatelatency"] {
            #expect(measures["zk_cnt_\(name)"] != "0")
            for part in ["p50", "p95", "p99", "p999"] {
                #expect(measures["zk_\(part)_\(name)"].flatMap(Int.init) != nil, "\(part)_\(name)")
            }
        }
    }

    @Test func whatTheStartTookIsOneMeasurementAndOutlivesAReset() throws {
        let first = try TestServer()
        let client = try TestClient(port: first.port)
        _ = try client.call(.create, TestClient.create("/a"))
        first.stop()
        let second = try TestServer(on: first.place) { $0.fourLetterWords = .all }
        #expect(try answer("srst", of: second) == "Server stats reset.\n")
        let measures = try lines(of: "mntr", second, dividedAt: "\t")
        #expect(measures["zk_cnt_dbinittime"] == "1")
        #expect(measures["zk_cnt_startup_snap_load_time"] == "0")
        // A session and a node; whether its end was taken before the stop is chance.
        #expect(["2", "3"].contains(measures["zk_sum_startup_txns_loaded"]))
    }

    @Test func theSizesOfTheDirectoriesAreThoseOfTheirFiles() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        let settings = try lines(of: "conf", server, dividedAt: "=")
        let sizes = try lines(of: "dirs", server, dividedAt: ":")
        // The lock file's text and nothing else.
        #expect((1..<4096).contains(try #require(settings["dataDirSize"].flatMap(Int.init))))
        // The open segment, and the slots.
        #expect(try #require(settings["dataLogSize"].flatMap(Int.init)) >= 4 << 20 + 256 << 10)
        #expect(sizes["datadir_size"] == settings["dataDirSize"].map { " " + $0 })
        #expect(sizes["logdir_size"] != nil)
    }

    private func answer(_ word: String, of server: TestServer) throws -> String {
        let client = try TestClient(rawTo: server.port)
        client.send(Array(word.utf8))
        return String(decoding: try client.readToEnd(), as: UTF8.self)
    }

    private func lines(
        of word: String, _ server: TestServer, dividedAt divider: Character
    ) throws -> [String: String] {
        var found: [String: String] = [:]
        for line in try answer(word, of: server).split(separator: "\n") {
            let halves = line.split(separator: divider, maxSplits: 1)
            found[String(halves[0])] = halves.count == 2 ? String(halves[1]) : ""
        }
        return found
    }
}
