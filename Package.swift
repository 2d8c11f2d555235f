// swift-tools-version:6.2
import PackageDescription

/// One list of strict settings for every Swift target.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tool(_ name: String, in folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "\(folder)/\(name)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let collections: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

/// TLS for sockets, and reading the names in certificates.
let tls: [Target.Dependency] = [
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
    .product(name: "NIOTLS", package: "swift-nio"),
    .product(name: "SwiftASN1", package: "swift-asn1"),
    .product(name: "Crypto", package: "swift-crypto"),
    .product(name: "CryptoExtras", package: "swift-crypto"),
]

let package = Package(
    name: "aviary",
    products: [
        .executable(name: "zkserver", targets: ["zkserver"]),
        .executable(name: "zklogdump", targets: ["zklogdump"]),
        .executable(name: "zksnapdump", targets: ["zksnapdump"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        // Without the default traits: settings are read by our own reader, and no Foundation is needed.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    ],
    targets: [
        // The ground floor: system calls, checksums, system libraries.
        .target(name: "CDisk", cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "CChecksum"),
        .target(name: "CCacheLines"),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // The engine. A module imports only what stands above it; Tests/ArchitectureTests checks.
        module("Identifiers"),
        module("ByteCoding", ["CChecksum"]),
        module("Compression", ["CLZ4", "CZlib"]),
        module("Disk", ["CDisk"]),
        module("Metadata", ["Identifiers", "ByteCoding", "Disk"]),
        module(
            "TransactionLog",
            ["Identifiers", "ByteCoding", "Compression", "Disk", "Metadata", collections]),
        module("Snapshots", ["Identifiers", "ByteCoding", "Compression", "Disk"]),
        module("Storage", ["Identifiers", "Disk", "Metadata", "TransactionLog", "Snapshots"]),

        // The state machines, all pure.
        module("Jute", ["Identifiers", "ByteCoding"]),
        module(
            "DataTree",
            [
                "CCacheLines", "Identifiers", "ByteCoding", "Jute",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        module("Sessions", ["Identifiers", "ByteCoding"]),
        module("Loading", ["Identifiers", "Disk", "Snapshots", "Jute", "DataTree", "Sessions"]),
        module("Replication", ["Identifiers"]),
        module("Simulation", ["Disk"]),

        // The shell.
        module(
            "Server",
            [
                "CDisk", "Identifiers", "ByteCoding", "Compression", "Disk", "Metadata", "TransactionLog",
                "Snapshots",
                "Storage", "Jute", "DataTree", "Sessions", "Loading", "Replication", collections, logging,
            ] + nio + tls),
        // What operators ask over HTTP.
        module(
            "Admin",
            [
                "Server", logging,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio),
        tool("zkserver", in: "Tools", ["Server", "Admin", arguments, logging]),
        // What the two dump tools share.
        .target(name: "DumpOutput", path: "Tools/DumpOutput", swiftSettings: strict),
        tool(
            "zklogdump", in: "Tools",
            ["DumpOutput", "Disk", "Metadata", "TransactionLog", "Jute", "Identifiers", arguments]),
        tool(
            "zksnapdump", in: "Tools",
            [
                "DumpOutput", "Disk", "Snapshots", "Jute", "DataTree", "Sessions", "Loading", "Identifiers",
                arguments,
            ]),

        // Benchmarks.
        .target(name: "CSocket", path: "Benchmarks/CSocket", cSettings: [.define("_GNU_SOURCE")]),
        tool("zkload", in: "Benchmarks", ["CSocket", "CDisk", arguments]),
        tool("logbench", in: "Benchmarks", ["Disk", "Metadata", "TransactionLog", "Identifiers", arguments]),

        // Tests. The crash-state and fuzz suites are run from a release build.
        .target(
            name: "TestSupport", dependencies: ["Disk"], path: "Tests/TestSupport", swiftSettings: strict),
        tests("ArchitectureTests", []),
        tests("ByteCodingTests", ["ByteCoding", "CChecksum", "Simulation"]),
        tests("CompressionTests", ["Compression", "Simulation"]),
        // Lets system calls fail, by standing in for the C library's in the test program.
        .target(
            name: "CUnwillingKernel", path: "Tests/CUnwillingKernel", cSettings: [.define("_GNU_SOURCE")]),
        tests("DiskTests", ["CUnwillingKernel", "TestSupport", "Disk"]),
        tests(
            "MetadataTests",
            ["TestSupport", "Metadata", "Disk", "Identifiers", "ByteCoding", "Simulation"]),
        tests(
            "TransactionLogTests",
            [
                "TestSupport", "TransactionLog", "Metadata", "Disk", "Identifiers", "ByteCoding",
                "Compression", "Simulation",
            ]),
        tests(
            "SnapshotsTests",
            [
                "TestSupport", "Snapshots", "Disk", "Identifiers", "ByteCoding", "Compression", "Simulation",
            ]),
        tests(
            "StorageTests",
            [
                "TestSupport", "Storage", "TransactionLog", "Metadata", "Snapshots", "Compression", "Disk",
                "Identifiers", "ByteCoding", "Simulation",
            ]),
        tests("JuteTests", ["Jute", "Identifiers", "ByteCoding"]),
        tests("DataTreeTests", ["DataTree", "Jute", "Identifiers", "ByteCoding", "Simulation"]),
        tests("SessionsTests", ["Sessions", "Identifiers"]),
        tests("ReplicationTests", ["Replication", "Identifiers"]),
        tests(
            "CrashStateTests",
            [
                "Simulation", "Storage", "TransactionLog", "Metadata", "Snapshots", "Disk", "Identifiers",
                "ByteCoding", "Compression",
            ]),
        // Counts what decoders allocate, by standing in for malloc in the test program.
        .target(
            name: "CFuzzAllocations", path: "Tests/CFuzzAllocations", cSettings: [.define("_GNU_SOURCE")]),
        tests(
            "FuzzTests",
            [
                "CFuzzAllocations", "TestSupport", "Jute", "DataTree", "Sessions", "TransactionLog",
                "Metadata", "Snapshots",
                "Storage", "Disk", "Identifiers", "ByteCoding", "Compression", "Simulation", "Server",
                logging,
            ]),
        tests(
            "LogDumpTests",
            [
                "zklogdump", "DumpOutput", "TestSupport", "Storage", "TransactionLog", "Metadata", "Jute",
                "Disk",
                "Identifiers", "Compression",
            ]),
        tests(
            "SnapshotDumpTests",
            [
                "zksnapdump", "TestSupport", "Snapshots", "DataTree", "Jute", "Disk", "Identifiers",
                "ByteCoding", "Compression",
            ]),
        tests("ZKLoadTests", ["zkload"]),
        tests(
            "AdminTests",
            [
                "TestSupport", "Admin", "Server", logging,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ] + nio),
        tests(
            "ServerTests",
            [
                "TestSupport", "Server", "Storage", "Snapshots", "TransactionLog", "Metadata", "Disk", "Jute",
                "DataTree",
                "Sessions", "Identifiers", "ByteCoding", logging,
            ] + nio + tls),
    ]
)
