import Testing

@testable import Domains

@Suite struct StringRewritingTests {
    @Test func `trimming removes what leaves no mark at the ends`() {
        #expect(" \u{FEFF}Normal CT\u{A0}\r\n\0".trimmed() == "Normal CT")
        #expect("\u{200B} \t".trimmed() == "")
        #expect("a  b".trimmed() == "a  b")
    }

    @Test func `runs of white space become one space`() {
        #expect("Age\r\n (years)".collapsingSpace() == "Age (years)")
        #expect(" a\u{3000}\u{A0}b ".collapsingSpace() == " a b ")
    }

    @Test func `folding disregards case in any script and locale`() {
        #expect("EXTRADURAL".caseFolded() == "extradural")
        #expect("STRASSE".caseFolded() == "Straße".caseFolded())
        #expect("ΣΊΣΥΦΟΣ".caseFolded() == "Σίσυφος".caseFolded())
    }

    @Test(arguments: ["  A  b\t", "ß", "İ", "e\u{301} ", "\u{FEFF}x"])
    func `each rewriting done twice is the same as done once`(_ text: String) {
        #expect(text.trimmed().trimmed() == text.trimmed())
        #expect(text.collapsingSpace().collapsingSpace() == text.collapsingSpace())
        #expect(text.caseFolded().caseFolded() == text.caseFolded())
    }
}
