import DumpOutput
import Identifiers
import TransactionLog

/// A log's figures as one JSON object.
struct FiguresObject {
    private static let busiestCount = 100

    private let figures: LogFigures
    private let report: RecoveryReport

    init(_ figures: LogFigures, _ report: RecoveryReport) {
        self.figures = figures
        self.report = report
    }

    var object: JSONObject {
        var object = JSONObject()
        object.add("segments", report.segments.count)
        object.add("records", figures.recordCount)
        object.add("batches", figures.batchCount)
        object.add("marks", figures.markCount)
        object.add("rawBytes", figures.rawByteCount)
        object.add("storedBytes", figures.payloadByteCount)
        object.add("fileBytes", figures.fileByteCount)
        object.add("compressionRatio", rounded: figures.compressionRatio)
        if let firstZxid = figures.firstZxid, let firstTime = figures.firstTime {
            object.add("firstZxid", "\(firstZxid)")
            object.add("lastZxid", "\(figures.lastZxid)")
            object.add("firstTime", Int(firstTime))
            object.add("lastTime", Int(figures.lastTime))
            object.add("recordsPerSecond", rounded: Double(figures.recordCount) / figures.spanSeconds)
        }
        object.add("recordBytes", distribution(figures.recordByteCounts))
        object.add("batchRecords", distribution(figures.batchRecordCounts))
        object.add("batchBytes", distribution(figures.batchByteCounts))
        object.add("types", types)
        object.add("inMultis", counts(figures.partCounts))
        object.add("errors", counts(figures.errorCounts))
        object.add("parents", parents)
        object.add("sessions", sessions)
        object.add("timeline", timeline)
        object.add("verdict", report.verdict.name)
        return object
    }

    private func distribution(_ histogram: Histogram) -> JSONObject {
        var object = JSONObject()
        object.add("mean", rounded: Double(histogram.sum) / Double(max(1, histogram.count)))
        for (name, fraction) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)] {
            object.add(name, Int(clamping: histogram.percentile(fraction)))
        }
        object.add("max", Int(clamping: histogram.max))
        return object
    }

    private var types: JSONObject {
        var object = JSONObject()
        for (name, share) in figures.typesByCount {
            var counts = JSONObject()
            counts.add("records", share.recordCount)
            counts.add("bytes", share.byteCount)
            object.add(name, counts)
        }
        return object
    }

    private func counts(_ counts: [String: Int]) -> JSONObject {
        var object = JSONObject()
        for (name, count) in LogFigures.byCount(counts) { object.add(name, count) }
        return object
    }

    private var parents: JSONObject {
        busiest(figures.parents) { parent, tally in
            var object = JSONObject()
            object.add("path", parent)
            object.add("changes", tally.recordCount)
            object.add("dataBytes", tally.byteCount)
            return object
        }
    }

    private var sessions: JSONObject {
        var object = busiest(figures.sessions) { id, tally in
            var object = JSONObject()
            object.add("session", SafeText.hexadecimal(number: id))
            object.add("records", tally.recordCount)
            object.add("bytes", tally.byteCount)
            return object
        }
        object.add("opened", figures.openedSessionCount)
        object.add("closed", figures.closedSessionCount)
        return object
    }

    private func busiest<Key>(
        _ busiest: Busiest<Key>, object: (_ key: Key, _ tally: Busiest<Key>.Tally) -> JSONObject
    ) -> JSONObject {
        var list = JSONObject()
        list.add("count", busiest.keyCount)
        list.add("isExact", busiest.isExact)
        list.add("busiest", objects: busiest.top(Self.busiestCount).map(object))
        return list
    }

    private var timeline: JSONObject {
        var object = JSONObject()
        object.add("rowMilliseconds", Int(figures.timeline.rowMilliseconds))
        object.add("mostInASecond", figures.timeline.busiestSecond.recordCount)
        object.add(
            "rows",
            objects: figures.timeline.rows.map { row in
                var object = JSONObject()
                object.add("start", Int(row.start))
                object.add("records", row.recordCount)
                object.add("bytes", row.byteCount)
                return object
            })
        return object
    }
}
