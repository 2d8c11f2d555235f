import Sessions
import Testing

@testable import Server

/// Settings from the file, from Java properties in the environment, and from the command line.
@Suite struct SettingSourcesTests {
    private static let start = "dataDir=/d\nclientPort=1\n"

    @Test func aPropertyInTheFileIsTheKeyWithoutItsPrefix() throws {
        let (settings, warnings) = try read(Self.start + "zookeeper.snapCount=500\n")
        #expect(settings.snapshotRecordCount == 500)
        #expect(warnings == [])
    }

    @Test func propertiesOfTheEnvironmentCountWhereTheFileSaysNothing() throws {
        let (settings, warnings) = try read(
            Self.start,
            environment: [("SERVER_JVMFLAGS", "-Xmx1g -Dzookeeper.snapCount=7 -Djute.maxbuffer=2048")]
        )
        #expect(settings.snapshotRecordCount == 7)
        #expect(settings.requestByteCountMax == 2048)
        #expect(warnings == [])
    }

    /// As Apache's server, which writes what the file says over its properties.
    @Test func theFileGoesBeforeTheEnvironmentAndTheCommandLineBeforeTheFile() throws {
        let flags = [("SERVER_JVMFLAGS", "-Dzookeeper.snapCount=7")]
        let fromFile = try read(Self.start + "snapCount=8", environment: flags)
        #expect(fromFile.configuration.snapshotRecordCount == 8)
        #expect(
            fromFile.warnings == [
                "SERVER_JVMFLAGS: -Dzookeeper.snapCount: has no effect: zoo.cfg, line 3 says otherwise"
            ])
        let fromCommand = try read(
            Self.start + "snapCount=8", environment: flags, commandLine: ["snapCount=9"])
        #expect(fromCommand.configuration.snapshotRecordCount == 9)
    }

    /// zkServer.sh puts JVMFLAGS behind SERVER_JVMFLAGS, and a JVM takes the last.
    @Test func theLaterVariableGoesBeforeTheEarlier() throws {
        let (settings, _) = try read(
            Self.start,
            environment: [
                ("SERVER_JVMFLAGS", "-Dzookeeper.snapCount=7"), ("JVMFLAGS", "-Dzookeeper.snapCount=6"),
            ])
        #expect(settings.snapshotRecordCount == 6)
    }

    @Test func propertiesThatConcernTheJVMAreItsOwn() throws {
        let (settings, warnings) = try read(
            Self.start,
            environment: [
                ("JVMFLAGS", "-Dfile.encoding=UTF-8 -DtickTime=1 -Dcom.sun.management.jmxremote -D")
            ])
        #expect(settings.timeouts.tickMilliseconds == 3000)
        #expect(warnings == [])
    }

    @Test func anErrorNamesTheVariableAndThePropertyAsItWasWritten() {
        #expect(
            message(Self.start, environment: [("JVMFLAGS", "-Dzookeeper.snapCount=1")])
                == "JVMFLAGS: -Dzookeeper.snapCount: \"1\" cannot be used; "
                + "expected a whole number of records from 2 to 2147483647")
        #expect(
            message(Self.start + "zookeeper.snapCount=x")
                .hasPrefix("zoo.cfg, line 3: zookeeper.snapCount: \"x\" cannot be used"))
        #expect(
            message(Self.start, commandLine: ["clientPort=x"]).hasPrefix("command line: -DclientPort: \"x\""))
    }

    @Test func anUnknownPropertyOfTheServerGetsALine() throws {
        let (_, warnings) = try read(Self.start, environment: [("JVMFLAGS", "-Dzookeeper.nonsense=1")])
        #expect(
            warnings == ["JVMFLAGS: -Dzookeeper.nonsense: not a setting of this server; it has no effect"])
    }

    /// A value may have anything in it, and a message is one line.
    @Test func valuesInMessagesAreEscapedAndCut() {
        let text = message(Self.start + "snapCount=1\\n2\\u001b[31m")
        #expect(text.contains("\"1\\n2\\u{1b}[31m\""))
        let long = message(Self.start + "snapCount=" + String(repeating: "9", count: 1000))
        #expect(long.count < 400)
    }

    /// S31: whatever is wrong with a secret, no message shows it.
    @Test func secretsAreInNoMessage() throws {
        let canary = "canary-5d1f"
        let keys = [
            "ssl.keyStore.password", "zookeeper.ssl.trustStore.password",
            "DigestAuthenticationProvider.superDigest", "metricsProvider.ssl.keyStore.password",
            "someProvider.superPassword", "unknown.secret",
        ]
        for key in keys {
            let (configuration, warnings) = try read(
                Self.start + "\(key)=\(canary)", commandLine: ["\(key)=\(canary)2"])
            #expect(!warnings.joined().contains(canary), "\(key)")
            var dumped = ""
            dump(configuration, to: &dumped)
            #expect(!dumped.contains(canary), "\(key)")
            #expect(!"\(configuration)".contains(canary), "\(key)")
            #expect(SecretKeys.contains(key))
        }
        #expect(!SecretKeys.contains("ssl.keyStore.passwordPath"))
    }

    private func read(
        _ text: String, environment: [(String, String)] = [], commandLine: [String] = []
    ) throws(ConfigurationError) -> (configuration: ServerConfiguration, warnings: [String]) {
        try ServerConfiguration.reading(
            PropertiesText(text), file: "zoo.cfg",
            environment: environment.map { JavaProperties(flags: $0.1, source: $0.0) },
            commandLine: JavaProperties(definitions: commandLine, source: "command line"))
    }

    private func message(
        _ text: String, environment: [(String, String)] = [], commandLine: [String] = []
    ) -> String {
        do throws(ConfigurationError) {
            _ = try read(text, environment: environment, commandLine: commandLine)
            return "taken"
        } catch {
            return error.description
        }
    }
}
