import Jute
import Snapshots

extension SnapshotBlock {
    /// Hands the records of a tail block to `body`, in their order.
    ///
    /// - Parameter number: the block's, for what is wrong.
    package func forEachRecord(
        of number: Int, _ body: (RawSpan) throws(JuteDefect) -> Void
    ) throws(StateDefect) {
        var records = TailReader(bytes.span.bytes)
        while true {
            let record: RawSpan?
            do throws(TailDefect) { record = try records.next() } catch { throw .tail(block: number, error) }
            guard let record else { return }
            do throws(JuteDefect) { try body(record) } catch { throw .tailRecord(block: number, error) }
        }
    }
}
