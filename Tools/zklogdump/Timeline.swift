/// Records by time, in rows of equal length that are few enough for a screen.
struct Timeline {
    struct Row {
        /// Milliseconds since 1970.
        var start: Int64
        var recordCount = 0
        var byteCount = 0
    }

    static let rowCountMax = 24

    /// What a calendar with years of four digits can show; other times are a crafted file's.
    private static let times: Range<Int64> = 0..<253_402_300_800_000

    /// Each divides the next, so that rows can be joined to longer ones.
    private static let rowSeconds: [Int64] = [
        1, 5, 15, 60, 300, 900, 3600, 10_800, 21_600, 86_400, 604_800, 2_419_200, 31_449_600, 314_496_000,
    ]

    /// Index into `rowSeconds`.
    private var scale = 0
    private var rowsByNumber: [Int64: Row] = [:]
    private var numbers: ClosedRange<Int64>?
    private var second = Row(start: 0)
    /// The second in which most records were written.
    private(set) var busiestSecond = Row(start: 0)

    var rowMilliseconds: Int64 { Self.rowSeconds[scale] * 1000 }

    /// Rows by rising time; empty ones between them stand, too.
    var rows: [Row] {
        guard let numbers else { return [] }
        return numbers.map { rowsByNumber[$0] ?? Row(start: $0 * rowMilliseconds) }
    }

    /// - Parameter time: of the batch, milliseconds since 1970; never less than that of the one before.
    mutating func note(recordCount: Int, byteCount: Int, at time: Int64) {
        guard Self.times.contains(time) else { return }
        noteSecond(recordCount, at: time)
        while !fits(time), scale < Self.rowSeconds.count - 1 { join() }
        add(Row(start: time, recordCount: recordCount, byteCount: byteCount))
    }

    /// Whether there are few enough rows with one for a time.
    private func fits(_ time: Int64) -> Bool {
        guard let numbers else { return true }
        let number = time / rowMilliseconds
        return max(number, numbers.upperBound) - min(number, numbers.lowerBound) < Self.rowCountMax
    }

    private mutating func add(_ more: Row) {
        let number = more.start / rowMilliseconds
        var row = rowsByNumber[number] ?? Row(start: number * rowMilliseconds)
        row.recordCount += more.recordCount
        row.byteCount += more.byteCount
        rowsByNumber[number] = row
        numbers = min(number, numbers?.lowerBound ?? number)...max(number, numbers?.upperBound ?? number)
    }

    private mutating func noteSecond(_ recordCount: Int, at time: Int64) {
        let start = time / 1000 * 1000
        if second.start != start { second = Row(start: start) }
        second.recordCount += recordCount
        if second.recordCount > busiestSecond.recordCount { busiestSecond = second }
    }

    private mutating func join() {
        let rows = rowsByNumber.values
        scale += 1
        rowsByNumber = [:]
        numbers = nil
        for row in rows { add(row) }
    }
}
