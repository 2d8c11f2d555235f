import Testing

@testable import DataTree

@Suite struct IDSetTests {
    @Test func itHoldsWhatASetWouldHold() {
        var set = IDSet()
        var model: Set<UInt32> = []
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let id = UInt32.random(in: 0..<500, using: &random) * 7
            if Bool.random(using: &random) {
                set.insert(id)
                model.insert(id)
            } else {
                set.remove(id)
                model.remove(id)
            }
            #expect(set.count == model.count)
        }
        #expect(members(of: set) == model.sorted())
    }

    @Test(arguments: [0, 1, 63, 64, 65, 127, 128, 1_000_000] as [UInt32])
    func bordersOfWordsAreNothingSpecial(id: UInt32) {
        var set = IDSet()
        set.insert(id)
        set.insert(id)
        #expect(set.count == 1)
        #expect(set.first(from: 0) == id)
        #expect(set.first(from: id) == id)
        #expect(set.first(from: id + 1) == nil)
        set.insert(id + 64)
        #expect(set.first(from: id + 1) == id + 64)
        set.remove(id)
        #expect(members(of: set) == [id + 64])
    }

    @Test func nothingIsInAnEmptyOne() {
        var set = IDSet()
        set.remove(5)
        #expect(set.first(from: 0) == nil)
        #expect(set.first(from: .max) == nil)
        #expect(set.count == 0)
    }

    private func members(of set: IDSet) -> [UInt32] {
        var found: [UInt32] = []
        var next: UInt32 = 0
        while let id = set.first(from: next) {
            found.append(id)
            next = id + 1
        }
        return found
    }
}
