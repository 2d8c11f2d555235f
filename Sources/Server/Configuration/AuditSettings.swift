/// Whether every write leaves a line in an audit log, and where.
///
/// Apache's server leaves the file to its logging library; the keys are those of the properties in its
/// `conf/logback.xml`.
package struct AuditSettings: SettingsGroup, Equatable {
    package var isOn = false
    /// Nil: the lines stand in the server's own log, as they do with Apache's `conf/logback.xml` as it comes.
    package var file: String?
    /// Bytes at which a file is set aside and a new one begun.
    package var fileByteCountMax = 10 << 20
    /// Files set aside that are kept, as `.1` (the newest) and so on.
    package var backupCount = 10
    /// Only what was refused.
    package var onlyFailures = false

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        isOn = try settings.boolean("audit.enable") ?? isOn
        if let name = settings.text("auditlog.file"), !name.isEmpty {
            // Apache's configuration puts the one before the other.
            let folder = settings.peek("log.dir")?.value ?? ""
            file = name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
        }
        fileByteCountMax =
            try settings.byteCount("auditlog.maxfilesize", in: 1024...1 << 40) ?? fileByteCountMax
        backupCount =
            try settings.integer("auditlog.maxbackupindex", in: 1...1000, unit: "files") ?? backupCount
        let thresholds: KeyValuePairs<String, Bool> = [
            "INFO": false, "DEBUG": false, "TRACE": false, "ALL": false, "WARN": true, "ERROR": true,
        ]
        onlyFailures = try settings.choice("auditlog.threshold", of: thresholds) ?? onlyFailures
        judgeClass(&settings)
    }

    private static let ownClasses: Set<String> = [
        "", "org.apache.zookeeper.audit.Slf4jAuditLogger", "org.apache.zookeeper.audit.Log4jAuditLogger",
    ]

    private func judgeClass(_ settings: inout SettingsReader) {
        guard let setting = settings.take("audit.impl.class"), !Self.ownClasses.contains(setting.value) else {
            return
        }
        settings.warn(
            setting,
            "classes cannot be loaded; the audit log is this server's own, in the file auditlog.file")
    }
}
