import Logging

/// A full disk: growing writes are refused, deletes and the ends of sessions are not, reads go on.
extension Core {
    /// The housekeeping thread could not prepare segments, or can again.
    func noteSpace(isShort: Bool) {
        guard isShort != isShortOfSpace else { return }
        isShortOfSpace = isShort
        if isShort {
            logger.error(
                "the disk is full: writes that need more space are refused with SystemError (-1) until there is some"
            )
        } else {
            logger.notice("there is disk space again: all writes are taken")
        }
    }
}
