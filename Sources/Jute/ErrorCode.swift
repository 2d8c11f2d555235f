/// A number in a reply's header that says why a request was refused. Thrown by reads.
///
/// Not an enum: a log may hold codes that are not listed here, and they must survive.
package struct ErrorCode: RawRepresentable, Error, Hashable, Sendable {
    package var rawValue: Int32

    @inlinable
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let ok = ErrorCode(rawValue: 0)
    package static let systemError = ErrorCode(rawValue: -1)
    package static let runtimeInconsistency = ErrorCode(rawValue: -2)
    package static let dataInconsistency = ErrorCode(rawValue: -3)
    package static let marshallingError = ErrorCode(rawValue: -5)
    package static let unimplemented = ErrorCode(rawValue: -6)
    package static let badArguments = ErrorCode(rawValue: -8)
    package static let newConfigNoQuorum = ErrorCode(rawValue: -13)
    package static let reconfigInProgress = ErrorCode(rawValue: -14)
    package static let noNode = ErrorCode(rawValue: -101)
    package static let noAuth = ErrorCode(rawValue: -102)
    package static let badVersion = ErrorCode(rawValue: -103)
    package static let noChildrenForEphemerals = ErrorCode(rawValue: -108)
    package static let nodeExists = ErrorCode(rawValue: -110)
    package static let notEmpty = ErrorCode(rawValue: -111)
    package static let sessionExpired = ErrorCode(rawValue: -112)
    package static let invalidACL = ErrorCode(rawValue: -114)
    package static let authFailed = ErrorCode(rawValue: -115)
    package static let sessionMoved = ErrorCode(rawValue: -118)
    package static let notReadOnly = ErrorCode(rawValue: -119)
    package static let ephemeralOnLocalSession = ErrorCode(rawValue: -120)
    package static let noWatcher = ErrorCode(rawValue: -121)
    package static let reconfigDisabled = ErrorCode(rawValue: -123)
    package static let sessionClosedRequireSaslAuth = ErrorCode(rawValue: -124)
    package static let quotaExceeded = ErrorCode(rawValue: -125)
    package static let throttledOperation = ErrorCode(rawValue: -127)
}
