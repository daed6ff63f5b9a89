import Testing

@testable import DICOM

@Suite struct JSONTextTests {
    /// RFC 8785 appendix B: IEEE 754 bits and the text they must have.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
            (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xC340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
            (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
            (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
            (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
            (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
            (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
            (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
            (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func `numbers have the text of RFC 8785`(bits: UInt64, text: String) {
        #expect(JSONText.number(Double(bitPattern: bits)) == text)
    }

    @Test func `NaN and infinities have no JSON number`() {
        #expect(JSONText.number(.nan) == nil)
        #expect(JSONText.number(-.infinity) == nil)
    }

    /// RFC 8785 section 3.2.2.2, the string of its example.
    @Test func `strings are escaped as RFC 8785 asks`() {
        #expect(
            JSONText.string("\u{20ac}$\u{F}\u{A}A'\u{42}\u{22}\u{5c}\\\"\u{2f}")
                == "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"")
    }

    /// RFC 8785 section 3.2.3: keys in the order of their UTF-16 units.
    @Test func `keys are sorted by UTF-16 units`() {
        let keys = ["\u{20ac}", "\r", "\u{fb33}", "1", "\u{1f600}", "\u{80}", "\u{f6}"]
        let object = JSONText.object(keys.map { (key: $0, json: "0") })
        let sorted = ["\\r", "1", "\u{80}", "\u{f6}", "\u{20ac}", "\u{1f600}", "\u{fb33}"]
        #expect(object == "{" + sorted.map { "\"\($0)\":0" }.joined(separator: ",") + "}")
    }

    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
    ])
    func `bytes become base64`(text: String, encoded: String) {
        #expect(Base64.text(of: [UInt8](text.utf8)) == encoded)
    }
}
