import Identifiers
import TransactionLog

extension LogScript {
    /// Snapshots, and what they allow to be removed.
    static let snapshots: [LogScript] = [
        LogScript("write, verify and register a snapshot") { run in
            try run.open()
            for _ in 0..<2 { try run.append(300) }
            try run.snapshot()
            try run.append(40)
        },
        LogScript("a snapshot with a tail") { run in
            try run.open()
            for _ in 0..<3 { try run.append(40) }
            try run.snapshot(tail: 2)
            try run.append(40)
        },
        LogScript("an empty store's snapshot") { run in
            try run.open()
            try run.snapshot()
            try run.append(40)
        },
        LogScript("open from a snapshot") { run in
            try run.open()
            for _ in 0..<2 { try run.append(40) }
            try run.snapshot()
            try run.append(40)
            try run.close()
            try run.open()
            try run.append(40)
        },
        LogScript("a snapshot that nobody registered") { run in
            try run.open()
            try run.append(40)
            _ = try run.writeSnapshot()
            try run.append(40)
            try run.open()
            try run.append(40)
        },
        LogScript("a snapshot that is given up, and one that is never ended") { run in
            try run.open()
            try run.append(40)
            try run.abortSnapshot()
            try run.abandonSnapshot()
            try run.append(40)
            try run.open()
            try run.snapshot()
        },
        LogScript("a damaged snapshot is set aside") { run in
            try run.open()
            try run.append(40)
            try run.snapshot()
            try run.append(40)
            try run.snapshot()
            try run.openBesideDamagedSnapshot()
            try run.append(40)
        },
        LogScript("a snapshot in the middle of rolls") { run in
            try run.open()
            try run.roll()
            try run.snapshot(tail: 1)
            try run.roll()
        },
        LogScript("purge with the third snapshot") { run in
            try run.open()
            for _ in 0..<3 {
                try run.roll()
                try run.snapshot()
            }
            try run.append(40)
        },
        LogScript("purge again and again") { run in
            try run.open()
            var purged = 0
            for _ in 0..<5 {
                try run.roll()
                purged += try run.snapshot(tail: 1)
                try run.prepare()
            }
            guard purged > 1 else { throw Broken("nothing was purged") }
            try run.append(40)
        },
        LogScript("purge, then open") { run in
            try run.open()
            for _ in 0..<4 {
                try run.roll()
                try run.snapshot()
            }
            try run.open()
            try run.append(40)
            try run.close()
            try run.open()
        },
        LogScript("a pin holds the purge back") { run in
            try run.open()
            let pin = try run.log().tail.pin(after: .zero)
            for _ in 0..<4 {
                try run.roll()
                let count = try run.snapshot()
                guard count == 0 else { throw Broken("\(count) pinned segments were purged") }
            }
            withExtendedLifetime(pin) {}
        },
        LogScript("truncate to before the newest snapshot") { run in
            try run.open()
            for _ in 0..<2 { try run.append(40) }
            try run.snapshot()
            for _ in 0..<2 { try run.append(40) }
            try run.snapshot()
            try run.truncate(toRecord: 3)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate to before every snapshot of a whole log") { run in
            try run.open()
            for _ in 0..<2 { try run.append(40) }
            try run.snapshot()
            try run.append(40)
            try run.truncate(toRecord: 1)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate into a snapshot's tail") { run in
            try run.open()
            for _ in 0..<4 { try run.append(40) }
            try run.snapshot(tail: 3)
            try run.truncate(toRecord: 2)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate twice to before a snapshot, and open then") { run in
            try run.open()
            for _ in 0..<3 { try run.append(40) }
            try run.snapshot()
            try run.truncate(toRecord: 1)
            try run.truncate(toRecord: 1)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate, then purge what was set aside") { run in
            try run.open()
            for _ in 0..<2 { try run.roll() }
            try run.truncate(toRecord: 2)
            try run.open()
            for _ in 0..<3 {
                try run.roll()
                try run.snapshot()
            }
        },
        LogScript("truncate to below what was purged is refused and does no harm") { run in
            try run.open()
            for _ in 0..<4 {
                try run.roll()
                try run.snapshot()
            }
            try run.refuseTruncation(toRecord: 1)
            try run.open()
            try run.append(40)
        },
        LogScript("truncate to where no snapshot reaches is refused and does no harm") { run in
            try run.open()
            for _ in 0..<4 {
                try run.roll()
                try run.append(40, 40)
                try run.snapshot(tail: 1)
            }
            // Kept log begins below it, and every snapshot ends above it.
            try run.refuseTruncation(toRecord: run.firstUnreachable())
            try run.open()
            try run.append(40)
        },
    ]
}
