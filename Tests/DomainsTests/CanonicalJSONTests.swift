import Testing

@testable import Domains

@Suite struct CanonicalJSONTests {
    /// RFC 8785, section 3.2.2 and appendix B.
    @Test(arguments: [
        (333333333.33333329, "333333333.3333333"), (1e30, "1e+30"), (4.50, "4.5"),
        (2e-3, "0.002"), (1e-27, "1e-27"), (0, "0"), (-0.0, "0"),
        (.leastNonzeroMagnitude, "5e-324"), (-.leastNonzeroMagnitude, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"), (9007199254740992, "9007199254740992"),
        (0x1p68, "295147905179352830000"), (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"), (999_999_999_999_999_737_856, "999999999999999700000"), (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"), (0.000001, "0.000001"), (120, "120"), (-0.5, "-0.5"),
    ])
    func `numbers are written as ECMAScript writes them`(_ number: Double, _ text: String) {
        #expect(CanonicalJSON.number(number).text == text)
    }

    /// RFC 8785, section 3.2.3: the keys of its example and their order.
    @Test func `keys are sorted by their UTF-16 code units`() {
        let keys = ["\u{20AC}", "\r", "\u{FB33}", "1", "\u{1F600}", "\u{80}", "\u{F6}"]
        let object = CanonicalJSON.object(Dictionary(uniqueKeysWithValues: keys.map { ($0, .null) }))
        #expect(
            object.text
                == "{\"\\r\":null,\"1\":null,\"\u{80}\":null,\"\u{F6}\":null,\"\u{20AC}\":null,"
                + "\"\u{1F600}\":null,\"\u{FB33}\":null}")
    }

    /// RFC 8785, section 3.2.2.2: the string of its example.
    @Test func `strings escape only what JSON must`() {
        let string = "\u{20AC}$\u{0F}\nA'B\"\\\\\"/"
        #expect(CanonicalJSON.string(string).text == #""€$\u000f\nA'B\"\\\\\"/""#)
    }
}
