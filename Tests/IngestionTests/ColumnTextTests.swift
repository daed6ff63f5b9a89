import Testing

@testable import Ingestion

@Suite("ColumnText")
struct ColumnTextTests {
    @Test(arguments: ["CT", "MONOCHROME2", "YBR_FULL_422", "PALETTE COLOR"])
    func `a code string is a column`(text: String) { #expect(ColumnText.code(text) == text) }

    @Test(arguments: ["CANARY^ONE", "Jane Doe", "", "ABCDEFGHIJKLMNOPQ", "C\0T"])
    func `text of any other form is none`(text: String) {
        #expect(ColumnText.code(text) == nil)
        #expect(ColumnText.uid(text) == nil)
    }

    @Test func `a UID is a column`() { #expect(ColumnText.uid("1.2.840.10008") == "1.2.840.10008") }
}
