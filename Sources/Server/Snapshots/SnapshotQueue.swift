/// Those who asked for a snapshot of everything that was applied when they asked.
///
/// A snapshot that is being walked ends later than now and serves who asks now; one whose walk is over does
/// not, and the next one is made for him.
struct SnapshotQueue {
    typealias Answer = (Result<HeldSnapshot, NoSnapshotError>) -> Void

    private var present: [Answer] = []
    private var next: [Answer] = []

    /// Whether somebody waits for a snapshot that has not begun.
    var needsAnother: Bool { !next.isEmpty }

    /// - Parameter isServedByPresent: the snapshot under way will hold all that is applied by now.
    mutating func add(isServedByPresent: Bool, _ answer: @escaping Answer) {
        if isServedByPresent { present.append(answer) } else { next.append(answer) }
    }

    /// A snapshot begins.
    mutating func begin() {
        present += next
        next = []
    }

    /// There will be no snapshot any more.
    mutating func giveUp() {
        begin()
        end(.failure(.ending))
    }

    /// It has ended.
    mutating func end(_ result: Result<HeldSnapshot, NoSnapshotError>) {
        let answers = present
        present = []
        for answer in answers { answer(result) }
    }
}
