import Foundation
import Testing

@Suite struct ArchitectureTests {
    @Test func everyModuleStandsInTheHouse() throws {
        #expect(try House.folders(in: "Sources") == House.modules.sorted())
    }

    @Test(arguments: House.modules)
    func aModuleImportsOnlyWhatStandsAboveIt(module: String) throws {
        let floor = try #require(House.floor(of: module))
        let allowed = Set(House.floors[..<floor].flatMap { $0 })
            .union(House.outsiders[module, default: []]).union(House.standard)
        for file in try House.files(below: "Sources/\(module)", withExtensions: ["swift"]) {
            for name in file.imports {
                #expect(allowed.contains(name), "\(file.path) imports \(name)")
            }
        }
    }

    @Test func onlyTheShellKnowsSocketsAndLogging() throws {
        for file in try House.files(below: "Sources", withExtensions: ["swift"])
        where !["Sources/Server/", "Sources/Admin/"].contains(where: file.path.hasPrefix) {
            for name in file.imports {
                #expect(!name.hasPrefix("NIO") && name != "Logging", "\(file.path) imports \(name)")
            }
        }
    }

    @Test func onlyWhatOperatorsAskIsAskedOverHTTP() throws {
        for file in try House.files(below: "Sources", withExtensions: ["swift"])
        where !file.path.hasPrefix("Sources/Admin/") {
            for name in file.imports {
                #expect(
                    !name.hasPrefix("Hummingbird") && !name.contains("HTTP"), "\(file.path) imports \(name)")
            }
        }
    }

    @Test func theEngineDoesNotImportFoundation() throws {
        for file in try House.files(below: "Sources", withExtensions: ["swift"]) {
            for name in file.imports {
                #expect(!name.hasPrefix("Foundation"), "\(file.path) imports \(name)")
            }
        }
    }

    @Test func noFileHasASecondSubject() throws {
        for folder in ["Sources", "Tools", "Benchmarks"] {
            for file in try House.files(below: folder) {
                #expect(
                    file.lines.count <= 401, "\(file.path) has \(file.lines.count - 1) lines; at most 400")
            }
        }
    }

    @Test func errorsAreHandledOrPassedOn() throws {
        for file in try House.files(below: "Sources", withExtensions: ["swift"]) {
            for line in file.code {
                let found = line.text.firstMatch(of: /\btry[?!]|\bfatalError\(|\bas!/)
                #expect(found == nil, "\(file.path):\(line.number): \(line.text)")
            }
        }
    }

    @Test(arguments: House.pureMachines)
    func aPureMachineKnowsNoClockAndNoChance(module: String) throws {
        let impure =
            /\b(clock_gettime|gettimeofday|ContinuousClock|SuspendingClock|getrandom|arc4random|SystemRandomNumberGenerator)\b/
        for file in try House.files(below: "Sources/\(module)", withExtensions: ["swift"]) {
            for line in file.code {
                #expect(line.text.firstMatch(of: impure) == nil, "\(file.path):\(line.number): \(line.text)")
            }
        }
    }

    @Test func nothingIsLeftForLater() throws {
        for folder in ["Sources", "Tools", "Benchmarks"] {
            for file in try House.files(below: folder) {
                for (index, line) in file.lines.enumerated() {
                    for word in ["TO" + "DO", "FIX" + "ME"] {
                        #expect(!line.contains(word), "\(file.path):\(index + 1) has \(word)")
                    }
                }
            }
        }
    }

    @Test func theManifestDependsOnlyUpwards() throws {
        let manifest = try Manifest()
        #expect(manifest.dependencies.keys.sorted() == House.modules.sorted())
        for (module, dependencies) in manifest.dependencies {
            let floor = try #require(House.floor(of: module))
            for dependency in dependencies {
                let other = try #require(House.floor(of: dependency))
                #expect(other < floor, "\(module) depends on \(dependency)")
            }
        }
    }

    @Test func everyImportIsADependencyInTheManifest() throws {
        let manifest = try Manifest()
        for module in House.modules {
            let declared = Set(manifest.dependencies[module, default: []])
            for file in try House.files(below: "Sources/\(module)", withExtensions: ["swift"]) {
                for name in file.imports where House.modules.contains(name) {
                    #expect(declared.contains(name), "\(file.path) imports \(name), undeclared")
                }
            }
        }
    }

    @Test func everyDependencyInTheManifestIsImported() throws {
        for (module, dependencies) in try Manifest().dependencies {
            let files = try House.files(below: "Sources/\(module)", withExtensions: ["swift"])
            let imported = Set(files.flatMap(\.imports))
            for name in dependencies {
                #expect(imported.contains(name), "\(module) depends on \(name) and does not import it")
            }
        }
    }

    @Test func everyFolderOfToolsAndTestsIsATarget() throws {
        let manifest = try Manifest()
        for (tool, folder) in manifest.tools {
            #expect(try House.folders(in: folder).contains(tool), "\(folder)/\(tool) is missing")
        }
        let testFolders = try House.folders(in: "Tests").filter { $0.hasSuffix("Tests") }
        #expect(manifest.tests.sorted() == testFolders)
    }
}
