import Testing

@testable import Server

@Suite struct AuditSettingsTests {
    @Test func thereIsNoAuditLogUnlessOneIsAskedFor() throws {
        let (settings, warnings) = try read("")
        #expect(settings == AuditSettings())
        #expect(!settings.isOn)
        #expect(warnings == [])
    }

    @Test func keysAreTaken() throws {
        let (settings, warnings) = try read(
            """
            audit.enable=true
            audit.impl.class=org.apache.zookeeper.audit.Slf4jAuditLogger
            auditlog.file=/var/log/audit.log
            auditlog.maxfilesize=3KB
            auditlog.maxbackupindex=7
            auditlog.threshold=ERROR
            """)
        #expect(settings.isOn)
        #expect(settings.file == "/var/log/audit.log")
        #expect(settings.fileByteCountMax == 3072)
        #expect(settings.backupCount == 7)
        #expect(settings.onlyFailures)
        #expect(warnings == [])
    }

    @Test func aNameAloneIsInTheFolderOfTheLogIfThatIsSaid() throws {
        #expect(try read("zookeeper.auditlog.file=a.log").settings.file == "a.log")
        #expect(
            try read("zookeeper.log.dir=/logs\nzookeeper.auditlog.file=a.log").settings.file == "/logs/a.log")
        #expect(try read("log.dir=/logs\nauditlog.file=/b/a.log").settings.file == "/b/a.log")
        #expect(try read("log.dir=/logs").settings.file == nil)
        #expect(try read("log.dir=/logs\nauditlog.file=").settings.file == nil)
    }

    @Test(arguments: [("10MB", 10 << 20), ("1 gb", 1 << 30), ("5000", 5000), ("2kb", 2048)])
    func aLengthMayHaveAUnit(text: String, byteCount: Int) throws {
        #expect(try read("auditlog.maxfilesize=\(text)").settings.fileByteCountMax == byteCount)
    }

    @Test(arguments: [
        "auditlog.maxfilesize=100", "auditlog.maxfilesize=MB", "auditlog.maxfilesize=5TB",
        "auditlog.maxfilesize=99999999999999999999", "auditlog.maxfilesize=9223372036854775807GB",
        "auditlog.maxbackupindex=0", "auditlog.maxbackupindex=x", "auditlog.threshold=LOUD",
        "audit.enable=perhaps",
    ])
    func aWrongValueIsRefused(line: String) {
        #expect(throws: ConfigurationError.self) { try read(line) }
    }

    @Test func aClassOfOnesOwnGetsALine() throws {
        let (settings, warnings) = try read("audit.enable=true\naudit.impl.class=com.example.Auditor")
        #expect(settings.isOn)
        #expect(
            warnings == [
                "zoo.cfg, line 4: audit.impl.class: classes cannot be loaded; the audit log is this server's "
                    + "own, in the file auditlog.file"
            ])
    }

    private func read(
        _ lines: String
    ) throws(ConfigurationError) -> (settings: AuditSettings, warnings: [String]) {
        let (configuration, warnings) = try ServerConfiguration.reading(
            PropertiesText("dataDir=/d\nclientPort=1\n" + lines), file: "zoo.cfg")
        return (configuration.audit, warnings)
    }
}
