import Logging
import TransactionLog

/// No space for the log: growing writes are refused, deletes and the ends of sessions are not, reads go on.
extension Core {
    /// The housekeeping thread could not prepare segments, for this reason, or can again.
    func note(_ shortage: SupplyShortage?) {
        isShortOfSpace = shortage != nil
        switch shortage {
        case .diskFull?:
            logger.error(
                "the disk is full: writes that need more space are refused with SystemError (-1) until there is some"
            )
        case .failed(let error)?:
            logger.error(
                """
                no log segment can be prepared: \(error); until one can, writes that need more space are \
                refused with SystemError (-1)
                """)
        case nil:
            logger.notice("log segments can be prepared again: all writes are taken")
        }
    }
}
