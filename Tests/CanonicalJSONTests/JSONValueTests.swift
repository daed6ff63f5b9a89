import CanonicalJSON
import Testing

@Suite("JSONValue")
struct JSONValueTests {
    /// RFC 8785 appendix B: the numbers that an IEEE double prints as.
    @Test(
        arguments: zip(
            [
                0x0000_0000_0000_0000, 0x8000_0000_0000_0000, 0x0000_0000_0000_0001, 0x8000_0000_0000_0001,
                0x7fef_ffff_ffff_ffff, 0xffef_ffff_ffff_ffff, 0x4340_0000_0000_0000, 0xc340_0000_0000_0000,
                0x4430_0000_0000_0000, 0x44b5_2d02_c7e1_4af5, 0x44b5_2d02_c7e1_4af6, 0x44b5_2d02_c7e1_4af7,
                0x444b_1ae4_d6e2_ef4e, 0x444b_1ae4_d6e2_ef4f, 0x444b_1ae4_d6e2_ef50, 0x3eb0_c6f7_a0b5_ed8c,
                0x3eb0_c6f7_a0b5_ed8d, 0x41b3_de43_5555_5553, 0x41b3_de43_5555_5554, 0xbecb_f647_612f_3696,
            ] as [UInt64],
            [
                "0", "0", "5e-324", "-5e-324", "1.7976931348623157e+308", "-1.7976931348623157e+308",
                "9007199254740992", "-9007199254740992", "295147905179352830000", "9.999999999999997e+22", "1e+23",
                "1.0000000000000001e+23", "999999999999999700000", "999999999999999900000", "1e+21",
                "9.999999999999997e-7", "0.000001", "333333333.3333332", "333333333.33333325",
                "-0.0000033333333333333333",
            ]))
    func `numbers print as in RFC 8785 appendix B`(bits: UInt64, text: String) {
        #expect(JSONValue.number(Double(bitPattern: bits)).text == text)
    }

    /// RFC 8785 3.2.2 and 3.2.3, the worked example.
    @Test func `the example of RFC 8785 comes out in its canonical form`() throws {
        let input = """
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
              "literals": [null, true, false]
            }
            """
        let expected =
            #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
            + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(try JSONValue(parsing: input).text == expected)
    }

    @Test func `members are ordered by UTF-16 code units`() throws {
        let text = try JSONValue(parsing: #"{"\ufb33":1,"\ud83d\ude00":2,"1":3,"\u20ac":4}"#).text
        #expect(text == "{\"1\":3,\"€\":4,\"😀\":2,\"\u{FB33}\":1}")
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":}", "\"open", "nul", "1 2", "{\"a\" 1}", "[\"\u{1}\"]", "\"\\x\"", "\"\\u12\"", "--1",
    ])
    func `what is not JSON is refused`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
    }

    @Test func `nesting beyond the limit is refused and does not crash`() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
    }
}
