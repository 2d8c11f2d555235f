import ArgumentParser

// A parser of options takes `-Dname=value` for an option of that name: divided, it is what java takes it for.
ZKServer.main(
    CommandLine.arguments.dropFirst().flatMap {
        $0.hasPrefix("-D") && $0.count > 2 ? ["-D", String($0.dropFirst(2))] : [$0]
    })
