import ArgumentParser

/// How long a load is put on the servers.
struct RunLength: ParsableArguments {
    @Option(name: .long, help: "Seconds that are measured.")
    var duration = 8.0

    @Option(name: .long, help: "Seconds of the same load before.")
    var warmUp = 2.0

    func validate() throws {
        guard duration > 0, duration <= 86_400, warmUp >= 0, warmUp <= 86_400 else {
            throw ValidationError("a duration of up to a day")
        }
    }

    func plan(servers: [Int32], requestCountMax: Int = .max) -> RunPlan {
        RunPlan(
            warmUpNanoseconds: Int64(warmUp * 1e9), durationNanoseconds: Int64(duration * 1e9),
            requestCountMax: requestCountMax, servers: servers)
    }
}
