import Testing

@testable import Server

struct LoginConfigurationTests {
    private static func users(_ text: String, section: String = "Server") throws -> SASLUsers? {
        try LoginConfiguration(Array(text.utf8)).sections[section].map { SASLUsers($0) }
    }

    @Test func usersAreTheOptionsOfTheirSection() throws {
        let text = """
            // who may log in
            Client { org.x.Module required username="bob" password="pw"; };
            Server {
                /* Apache's
                   module */
                org.apache.zookeeper.server.auth.DigestLoginModule required
                user_super="admin secret"  # user_no="x"
                ;
            };
            """.replacing("# user_no=\"x\"", with: "/ user_no=\"x\"")
        let users = try #require(try Self.users(text))
        #expect(users == SASLUsers(passwords: ["super": "admin secret"]))
        #expect(try Self.users(text, section: "Client")?.count == 0)
        #expect(try Self.users(text, section: "QuorumServer") == nil)
    }

    @Test func valuesAreWordsOrQuoted() throws {
        let text =
            #"Server { a.B-c$d_e REQUIRED user_jos\#u{e9}=plain user_b = "q\"\\\n\101" debug=true; c.D optional; };"#
        #expect(
            try Self.users(text)
                == SASLUsers(passwords: ["jos\u{e9}": "plain", "b": "q\"\\\nA"]))
    }

    @Test func anEmptyTextHasNoSections() throws {
        #expect(try LoginConfiguration(Array(" // nothing\n".utf8)).sections.isEmpty)
    }

    @Test(arguments: [
        ("Server {\n a required user_b=\"x;\n};", 2, "quotation mark"),
        ("Server {\n a needed;\n};", 2, "expected required"),
        ("Server {\n a required user_b \"x\";\n};", 2, "expected ="),
        ("Server {\n a required user_b=\"x\";\n}", 3, "expected ;"),
        ("Server \n a required;", 2, "expected {"),
        ("Server {};\nServer {};", 2, "twice"),
        ("/* no end", 1, "no end"),
        ("Server {\n\n a required user_b=\"${p}\";\n};", 3, "Java property"),
        ("{", 1, "a section's name"),
        ("Server { a required user_b=", 1, "the end of the file"),
        ("Server { a required user_b=;", 1, "the value of user_b"),
    ])
    func adefectHasAPlace(_ text: String, _ lineNumber: Int, _ words: String) {
        do {
            _ = try LoginConfiguration(Array(text.utf8))
            Issue.record("\(text) is taken")
        } catch {
            #expect(error.lineNumber == lineNumber && error.problem.contains(words), "\(error)")
        }
    }

    @Test func whatIsNoTextIsRefused() {
        #expect(throws: LoginConfiguration.Defect.self) {
            try LoginConfiguration(Array("Server { a required user_b=\"".utf8) + [0xff, 0x22, 0x3b])
        }
    }

    @Test func damagedFilesAreRefusedOrReadAndNeverTrap() throws {
        let text = Array("Server { /* c */ a.B required // x\n user_a=\"b\\101c\" user_c=d; };".utf8)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = Array(text.prefix(Int.random(in: 0...text.count, using: &random)))
            for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = Array("\"\\/*{};=\n7\u{e9}".utf8).randomElement(using: &random) ?? 0
            }
            do throws(LoginConfiguration.Defect) {
                _ = try LoginConfiguration(bytes)
            } catch {
                #expect((1...text.count).contains(error.lineNumber) && !error.problem.isEmpty)
            }
        }
    }

    @Test func passwordsAreNeverPrinted() throws {
        let users = try #require(try Self.users("Server { a required user_b=\"canary\"; };"))
        var dumped = ""
        dump(users, to: &dumped)
        #expect(!"\(users) \(String(reflecting: users)) \(dumped)".contains("canary"))
        #expect(users.password(of: "b") == "canary")
    }

    @Test func theSuperPasswordIsForAUserThatIsThere() {
        var users = SASLUsers(passwords: ["super": "old", "bob": "b"])
        users.replaceSuperPassword("new")
        #expect(users.password(of: "super") == "new" && users.password(of: "bob") == "b")
        var others = SASLUsers(passwords: ["bob": "b"])
        others.replaceSuperPassword("new")
        #expect(others.password(of: "super") == nil)
    }
}
