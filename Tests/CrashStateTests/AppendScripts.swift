extension LogScript {
    /// Batches, promises, watermarks and rolls.
    static let appending: [LogScript] = [
        LogScript("append one record") { run in
            try run.open()
            try run.append(40)
        },
        LogScript("append three lone records") { run in
            try run.open()
            for _ in 0..<3 { try run.append(1900) }
        },
        LogScript("append a grouped batch") { run in
            try run.open()
            try run.append(30, 800, 1, 2001, 64)
        },
        LogScript("append lone and grouped batches") { run in
            try run.open()
            try run.append(40)
            try run.append(40, 900, 40)
            try run.append(2900)
        },
        LogScript("append a batch of several blocks") { run in
            try run.open()
            try run.append(20)
            try run.append(5001)
            try run.append(20)
        },
        LogScript("append a batch that fills its last block") { run in
            try run.open()
            try run.append(4096 - 128 - 16 - 12)
            try run.append(40)
        },
        LogScript("append zeroes, which are compressed") { run in
            try run.open()
            try run.append(8000)
            try run.append(40)
        },
        LogScript("append an empty record") { run in
            try run.open()
            try run.append(0)
            try run.append(0, 10, 0)
        },
        LogScript("promise after a quiet moment") { run in
            try run.open()
            try run.append(4801)
            try run.promise()
        },
        LogScript("append after a promise") { run in
            try run.open()
            try run.append(100)
            try run.promise()
            try run.append(4801)
            try run.promise()
        },
        LogScript("refresh the watermark") { run in
            try run.open()
            try run.append(40)
            try run.refreshWatermark()
            try run.append(2501)
            try run.refreshWatermark()
            try run.append(40)
        },
        LogScript("promise, watermark and append") { run in
            try run.open()
            try run.append(40)
            try run.promise()
            try run.refreshWatermark()
            try run.append(40, 40)
        },
        LogScript("prepare segments") { run in
            try run.open()
            try run.prepare()
            try run.append(40)
        },
    ]

    static let rolling: [LogScript] = [
        LogScript("roll once") { run in
            try run.open()
            try run.roll()
        },
        LogScript("roll into a prepared segment") { run in
            try run.open()
            try run.prepare()
            try run.roll()
            try run.append(500)
        },
        LogScript("roll, then give back the sealed segment's space") { run in
            try run.open()
            try run.prepare()
            try run.roll()
            try run.prepare()
            try run.append(500)
        },
        LogScript("roll many times") { run in
            try run.open()
            for _ in 0..<5 {
                try run.roll()
                try run.prepare()
            }
        },
        LogScript("roll because a large record does not fit") { run in
            try run.open()
            for _ in 0..<3 { try run.append(40) }
            try run.append(7001)
        },
        LogScript("roll with a full segment and no room for a promise") { run in
            try run.open()
            for _ in 0..<4 { try run.append(40) }
            try run.promise()
            try run.append(2001)
        },
        LogScript("roll after a promise filled the segment") { run in
            try run.open()
            for _ in 0..<3 { try run.append(40) }
            try run.promise()
            try run.append(100)
            try run.promise()
        },
        LogScript("roll and refresh the watermark") { run in
            try run.open()
            try run.roll()
            try run.refreshWatermark()
            try run.append(40)
            try run.refreshWatermark()
        },
    ]
}
