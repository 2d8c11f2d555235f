import Compression
import Sessions
import Testing

@testable import Server

@Suite struct ConfigurationTests {
    @Test func theSmallestFileGivesApachesDefaults() throws {
        let (configuration, warnings) = try read("dataDir=/d\nclientPort=2181\n")
        #expect(configuration.dataDirectory == "/d")
        #expect(configuration.logDirectory == "/d")
        #expect(configuration.clientPort == 2181)
        #expect(configuration.timeouts.tickMilliseconds == 3000)
        #expect(configuration.timeouts.minimumMilliseconds == 6000)
        #expect(configuration.timeouts.maximumMilliseconds == 60_000)
        #expect(configuration.admission.connectionsPerAddressMax == 60)
        #expect(configuration.snapshotRecordCount == 100_000)
        #expect(configuration.requestByteCountMax == 1_048_575)
        #expect(configuration.fourLetterWords == .only([.srvr]))
        #expect(warnings == [])
    }

    @Test func valuesAreTaken() throws {
        let (configuration, warnings) = try read(
            """
            dataDir=/d
            dataLogDir=/l
            clientPort=1
            clientPortAddress=127.0.0.1
            tickTime=2000
            minSessionTimeout=100
            maxSessionTimeout=9000
            maxClientCnxns=0
            snapCount=500
            snapSizeLimitInKb=2
            preAllocSize=1024
            jute.maxbuffer=0x400
            autopurge.snapRetainCount=5
            autopurge.purgeInterval=2
            4lw.commands.whitelist=ruok, mntr
            snapshot.compression.method=gz
            """)
        #expect(configuration.logDirectory == "/l")
        #expect(configuration.clientAddress == "127.0.0.1")
        #expect(configuration.timeouts.minimumMilliseconds == 100)
        #expect(configuration.timeouts.maximumMilliseconds == 9000)
        #expect(configuration.admission.connectionsPerAddressMax == 0)
        #expect(configuration.snapshotRecordCount == 500)
        #expect(configuration.snapshotLogByteCount == 2048)
        #expect(configuration.segmentByteCount == 1 << 20)
        #expect(configuration.requestByteCountMax == 1024)
        #expect(configuration.retainedSnapshotCount == 5)
        #expect(configuration.fourLetterWords == .only([.ruok, .mntr, .srvr]))
        #expect(configuration.snapshotCodec == .zlib)
        #expect(warnings == [])
    }

    @Test func aBadValueNamesFileLineKeyAndWhatWouldBeRight() {
        #expect(throws: ConfigurationError.self) { try read("dataDir=/d\nclientPort=no\n") }
        #expect(
            message("dataDir=/d\nclientPort=no\n")
                == "zoo.cfg, line 2: clientPort: \"no\" cannot be used; "
                + "expected a whole number of a TCP port from 0 to 65535")
        #expect(message("clientPort=1").contains("dataDir: is missing"))
        #expect(message("dataDir=/d").contains("clientPort: is missing"))
        #expect(message("dataDir=/d\nclientPort=1\ntickTime=0").contains("line 3: tickTime"))
        #expect(message("dataDir=/d\nclientPort=1\nsnapCount=1").contains("line 3: snapCount"))
    }

    @Test func boundsOutOfOrderAreRefusedWithBothLines() {
        let prefix = "dataDir=/d\nclientPort=1\n"
        #expect(
            message(prefix + "maxSessionTimeout=8000\nminSessionTimeout=9000")
                == "zoo.cfg, line 4: minSessionTimeout: 9000 ms is more than maxSessionTimeout, 8000 ms (line 3); "
                + "expected at most that")
        #expect(
            message(prefix + "minSessionTimeout=90000")
                == "zoo.cfg, line 3: minSessionTimeout: 90000 ms is more than maxSessionTimeout, 60000 ms "
                + "(the default, 20 ticks); expected at most that")
        #expect(
            message(prefix + "maxSessionTimeout=5000")
                == "zoo.cfg, line 3: maxSessionTimeout: 5000 ms is less than minSessionTimeout, 6000 ms "
                + "(the default, 2 ticks); expected at least that")
    }

    @Test func unknownKeysGetALineEachAndSomeOfApachesNone() throws {
        let (_, warnings) = try read(
            "dataDir=/d\nclientPort=1\nfoo=1\ninitLimit=5\nadmin.enableServer=false\nbar=2")
        #expect(
            warnings == [
                "zoo.cfg, line 3: foo: not a setting of this server; it has no effect",
                "zoo.cfg, line 6: bar: not a setting of this server; it has no effect",
            ])
    }

    @Test func anEnsembleIsRefusedAndOneServerIsNot() throws {
        #expect(message("dataDir=/d\nclientPort=1\nserver.1=a:1:2\nserver.2=b:1:2").contains("server.2"))
        _ = try read("dataDir=/d\nclientPort=1\nserver.1=a:1:2")
    }

    @Test func theLastOfRepeatedKeysCounts() throws {
        #expect(try read("dataDir=/d\nclientPort=1\nclientPort=2").configuration.clientPort == 2)
    }

    @Test func purgeIntervalsTakeUnitsAndZeroIsWarnedOf() throws {
        let prefix = "dataDir=/d\nclientPort=1\nautopurge.purgeInterval="
        #expect(try read(prefix + "30m").warnings == [])
        #expect(try read(prefix + "0").warnings.count == 1)
        #expect(throws: ConfigurationError.self) { try read(prefix + "soon") }
    }

    private func read(
        _ text: String
    ) throws(ConfigurationError) -> (configuration: ServerConfiguration, warnings: [String]) {
        try ServerConfiguration.reading(PropertiesText(text), file: "zoo.cfg")
    }

    private func message(_ text: String) -> String {
        do throws(ConfigurationError) {
            _ = try read(text)
            return "taken"
        } catch {
            return error.description
        }
    }
}
