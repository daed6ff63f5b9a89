import Testing

@testable import Domains

@Suite struct NumberFormatTests {
    @Test(arguments: [
        ("35", 35.0), ("0.583333333", 0.583333333), ("0.002747253", 0.002747253), (" 8 ", 8), ("-1.5e3", -1500),
        ("+7", 7), ("1E2", 100),
    ])
    func `a plain number is read to the last digit`(_ text: String, _ number: Double) {
        #expect(NumberFormat().number(in: text) == number)
    }

    @Test(arguments: ["", "x", "1,5", "1.", ".5", "1 2", "0x10", "inf", "nan", "1e", "--1", "٣", "½", "35 years"])
    func `anything else is no number`(_ text: String) {
        #expect(NumberFormat().number(in: text) == nil)
    }

    @Test func `a decimal comma and grouping follow the format`() {
        let german = NumberFormat(decimal: ",", grouping: ".")
        #expect(german.number(in: "1.234,5") == 1234.5)
        #expect(german.number(in: "1234,5") == 1234.5)
        #expect(german.number(in: "12.34") == nil)
        #expect(german.number(in: "1234.567") == nil)
        #expect(NumberFormat(grouping: ",").number(in: "1,234,567") == 1_234_567)
    }

    @Test func `a unit is divided into the unit of the domain`() {
        let format = NumberFormat(units: ["years": 1, "months": 12, "e": 2])
        #expect(format.number(in: "6 months") == 0.5)
        #expect(format.number(in: "6months") == 0.5)
        #expect(format.number(in: "35 years") == 35)
        #expect(format.number(in: "35 fortnights") == nil)
        #expect(format.number(in: "4e") == 2)
    }

    @Test func `a number beyond the range of doubles is infinite, so that it can be refused`() {
        #expect(NumberFormat().number(in: "1e999") == .infinity)
    }
}
