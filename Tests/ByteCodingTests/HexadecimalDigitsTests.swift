import ByteCoding
import Testing

@Suite struct HexadecimalDigitsTests {
    @Test func aNumberHasItsDigitsBehindZeroes() {
        #expect(HexadecimalDigits.text(0x1f, digitCount: 8) == "0000001f")
        #expect(HexadecimalDigits.text(.max, digitCount: 16) == "ffffffffffffffff")
        #expect(HexadecimalDigits.value(Array("0000001f".utf8)[...]) == 0x1f)
        #expect(HexadecimalDigits.value(Array("ffffffffffffffff".utf8)[...]) == .max)
    }

    @Test(arguments: ["0000001F", "0x000001", "000000 1", "0000001g", "-0000001"])
    func otherDigitsAreNone(text: String) {
        #expect(HexadecimalDigits.value(Array(text.utf8)[...]) == nil)
    }
}
