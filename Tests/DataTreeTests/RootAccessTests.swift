import DataTree
import Jute
import Testing

/// Who may copy or replace the whole tree.
@Suite struct RootAccessTests {
    private static let joe = Identity(scheme: "digest", id: "joe:x")
    private static let ann = Identity(scheme: "digest", id: "ann:x")
    private static let superuser = Identity(scheme: "super", id: "")

    /// Whether somebody may, where the root has this access list; nil is that of a new tree.
    private func may(_ identities: [Identity], _ entries: [AccessEntry]?) throws -> Bool {
        let fixture = TreeFixture()
        if let entries {
            let outcome = try fixture.submit(.setACL, Body.setACL("/", entries))
            #expect(outcome.error == .ok)
        }
        return fixture.tree.mayDoEverythingAtRoot(identities)
    }

    @Test func aNewTreeIsOpenToEverybody() throws {
        let isOpen = try may([Self.joe], nil)
        #expect(isOpen)
    }

    @Test(arguments: [
        ([joe], false), ([ann], true), ([joe, superuser], true), ([], false),
    ])
    func onePermissionIsNotEnough(identities: [Identity], isAllowed: Bool) throws {
        let entries = [AccessEntry(.read, .anyone), AccessEntry(.all, Self.ann)]
        let found = try may(identities, entries)
        #expect(found == isAllowed)
    }

    @Test(arguments: [(joe, true), (ann, false)])
    func severalEntriesMayGrantThemTogether(identity: Identity, isAllowed: Bool) throws {
        let entries = [
            AccessEntry([.read, .write, .create], .anyone), AccessEntry([.delete, .admin], Self.joe),
        ]
        let found = try may([identity], entries)
        #expect(found == isAllowed)
    }
}
