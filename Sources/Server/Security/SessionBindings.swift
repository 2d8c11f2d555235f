import Identifiers
import Jute

/// To whom sessions belong, where that is asked for (`session.bindAuth`): each to the first identity that
/// was proved in it.
///
/// A session's password follows from its number, so that any server can check it, and whoever learns the
/// number can make it. A bound session is given only to a connection that proves the identity, too. This
/// server forgets all bindings when it ends; sessions are bound again when their clients prove who they are.
struct SessionBindings {
    let isOn: Bool
    private var identities: [SessionID: Identity] = [:]

    init(isOn: Bool) { self.isOn = isOn }

    var count: Int { identities.count }

    func identity(of session: SessionID) -> Identity? { isOn ? identities[session] : nil }

    /// Binds a session, unless it is bound already.
    mutating func bind(_ session: SessionID, to identity: Identity) {
        guard isOn, identities[session] == nil else { return }
        identities[session] = identity
    }

    mutating func remove(_ session: SessionID) {
        if isOn { identities[session] = nil }
    }
}
