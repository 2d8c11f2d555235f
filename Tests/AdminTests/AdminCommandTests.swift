import Testing

@testable import Admin

@Suite struct AdminCommandTests {
    @Test func everyShortNameOfApachesLeadsToItsCommand() {
        let names: KeyValuePairs = [
            "conf": "configuration", "config": "configuration", "crst": "connection_stat_reset",
            "cons": "connections", "env": "environment", "envi": "environment", "gtmk": "get_trace_mask",
            "icfg": "initial_configuration", "isro": "is_read_only", "lsnp": "last_snapshot",
            "lead": "leader", "mntr": "monitor", "orst": "observer_connection_stat_reset",
            "obsr": "observers", "rest": "restore", "srvr": "server_stats", "stmk": "set_trace_mask",
            "snap": "snapshot", "srst": "stat_reset", "stat": "stats", "sysp": "system_properties",
            "wchs": "watch_summary", "wchc": "watches", "wchp": "watches_by_path",
        ]
        for (short, name) in names {
            #expect(AdminCommand(name: short) == AdminCommand(rawValue: name), "\(short)")
            #expect(AdminCommand(rawValue: name) != nil, "\(name)")
        }
    }

    @Test func thereAreAsManyAsApacheHas() { #expect(AdminCommand.allCases.count == 28) }

    @Test func onlyCopyingAndReplacingTheTreeAskForAProof() {
        #expect(AdminCommand.allCases.filter(\.needsProof) == [.restore, .snapshot])
        #expect(AdminCommand.allCases.filter(\.isPosted) == [.restore])
    }
}
