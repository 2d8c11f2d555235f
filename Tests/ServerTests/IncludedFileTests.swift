import Sessions
import Testing

@testable import Server

/// `dynamicConfigFile` and the server lines in it.
@Suite struct IncludedFileTests {
    @Test func theOnlyServerLineOfTheFileMayNameTheClientPort() throws {
        let (settings, warnings) = try read(
            "dataDir=/d\ndynamicConfigFile=zoo.dynamic\n", "server.1=a:2888:3888:participant;127.0.0.1:2182\n"
        )
        #expect(settings.clientPort == 2182)
        #expect(settings.clientAddress == "127.0.0.1")
        #expect(warnings == [])
    }

    @Test func theKeyOfTheZooCfgGoesBeforeTheServerLine() throws {
        let text = "dataDir=/d\nclientPort=1\nclientPortAddress=::1\nserver.1=[::2]:2888:3888;[::2]:2182\n"
        let (settings, _) = try read(text, "")
        #expect(settings.clientPort == 1)
        #expect(settings.clientAddress == "::1")
        #expect(settings.servers.client == .init(address: "::2", port: 2182))
    }

    @Test func moreThanOneServerIsAnEnsemble() {
        #expect(
            message("dataDir=/d\nclientPort=1\ndynamicConfigFile=f", "server.1=a:1:2\n\nserver.2=b:1:2\n")
                == "f, line 3: server.2: ensembles are not supported yet; expected at most one server line")
    }

    @Test func serverLinesStandInOneOfTheTwoFiles() {
        #expect(
            message("dataDir=/d\nserver.1=a:1:2\ndynamicConfigFile=f", "")
                == "zoo.cfg, line 2: server.1: must stand in the file that dynamicConfigFile names, f")
    }

    @Test func aFileThatIsNotThereIsNamedByTheLineThatNamesIt() {
        #expect(
            message("dataDir=/d\nclientPort=1\ndynamicConfigFile=f", nil)
                == "zoo.cfg, line 3: dynamicConfigFile: \"f\" cannot be used: there is no such file")
    }

    @Test func otherKeysOfTheFileAreNotRead() throws {
        let (settings, warnings) = try read(
            "dataDir=/d\nclientPort=1\ndynamicConfigFile=f", "tickTime=7\ngroup.1=1\nweight.1=1")
        #expect(settings.timeouts.tickMilliseconds == 3000)
        #expect(
            warnings == ["f, line 1: tickTime: is not read here, only server lines are; it has no effect"])
        #expect(
            message("dataDir=/d\nclientPort=1\ndynamicConfigFile=f", "version=1")
                == "f, line 1: version: must not stand in a dynamic file")
    }

    @Test(arguments: ["a", "a:1", "a:1:2;", "a:1:2;x", "a:1:2;0", "a:1:2;70000", "a:1:2;;1;2", "a:1:2;:"])
    func aServerLineIsReadStrictly(_ line: String) {
        if line == "a:1:2;" {
            #expect(message("dataDir=/d\nclientPort=1\nserver.1=\(line)", "") == "taken")
        } else {
            #expect(
                message("dataDir=/d\nclientPort=1\nserver.1=\(line)", "").contains("expected host:port:port"))
        }
    }

    private func read(
        _ text: String, _ dynamic: String?
    ) throws(ConfigurationError) -> (configuration: ServerConfiguration, warnings: [String]) {
        try ServerConfiguration.reading(
            PropertiesText(text), file: "zoo.cfg",
            included: { _ throws(UnusableFile) in
                guard let dynamic else { throw UnusableFile(reason: "there is no such file") }
                return PropertiesText(dynamic)
            })
    }

    private func message(_ text: String, _ dynamic: String?) -> String {
        do throws(ConfigurationError) {
            _ = try read(text, dynamic)
            return "taken"
        } catch {
            return error.description
        }
    }
}
