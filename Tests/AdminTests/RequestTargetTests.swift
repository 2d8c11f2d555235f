import Testing

@testable import Admin

/// What a request's first line asks for.
@Suite struct RequestTargetTests {
    private func path(_ text: String) throws -> String { try RequestTarget(text).path }

    @Test func aPathIsFreedOfPercentSignsAndParameters() throws {
        #expect(try path("/commands/%72uok") == "/commands/ruok")
        #expect(try path("/a;x=1/b;y") == "/a/b")
        #expect(try path("/commands/a%22b%e2%82%AC") == "/commands/a\"b€")
        #expect(try path("/") == "/")
        #expect(try path("//ruok/") == "//ruok/")
        #expect(try path("/%ff") == "/\u{fffd}")
        #expect(try path("/a+b#c?d") == "/a+b")
    }

    @Test func theFormForProxiesIsTheSame() throws {
        #expect(try path("http://h:1/a/b") == "/a/b")
        #expect(try path("http://h") == "/")
        #expect(try path("http://") == "/")
        #expect(try RequestTarget("http://h?a=b").words == ["a": "b"])
    }

    @Test func wordsAreFreedAndTheFirstOfEachCounts() throws {
        let target = try RequestTarget("/x?a=1&b=%26+%2B&a=2&c&=d&&e=f=g")
        #expect(target.words == ["a": "1", "b": "& +", "c": "", "": "d", "e": "f=g"])
    }

    @Test(arguments: ["", "a", "*", "?a", "/%", "/%2", "/%zz", "/%00", "/a?b=%", "/a?%00"])
    func whatIsNoTargetIsSaidToBeNone(text: String) {
        #expect(throws: RequestTarget.Defect.malformed) { try path(text) }
    }

    @Test(arguments: ["/..", "/commands/../x", "/%2e%2e/x", "/.", "/a/%2E"])
    func nothingLeadsUpwards(text: String) {
        #expect(throws: RequestTarget.Defect.nowhere) { try path(text) }
    }
}
