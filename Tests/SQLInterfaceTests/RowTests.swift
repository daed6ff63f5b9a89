import SQLInterface
import Testing

@Suite struct RowTests {
    private let row = Row(
        columns: ["id", "name", "flag", "share", "at", "bytes"],
        values: [7, "secret", 1, 0.5, "2025-12-31T23:59:59.000001Z", .blob([1, 2])])

    @Test func `columns decode into the types that the caller names`() throws {
        #expect(try row.get("id", as: Int.self) == 7)
        #expect(try row.get("name", as: String?.self) == "secret")
        #expect(try row.get("flag", as: Bool.self))
        #expect(try row.get("share", as: Double.self) == 0.5)
        #expect(try row.get("at", as: SQLTimestamp.self).microseconds == 1_767_225_599_000_001)
        #expect(try row.get(at: 5, as: [UInt8].self) == [1, 2])
    }

    @Test func `NULL is refused unless the type is optional`() throws {
        let row = Row(columns: ["age"], values: [.null])
        #expect(try row.get("age", as: Int?.self) == nil)
        let error = #expect(throws: SQLDecodingError.self) { try row.get("age", as: Int.self) }
        #expect(error?.code == .unexpectedNull)
        #expect(error?.column == "age")
    }

    @Test func `an error names the column and not the value`() {
        let error = #expect(throws: SQLDecodingError.self) { try row.get("name", as: Int.self) }
        #expect(error?.code == .unexpectedType)
        #expect(error?.description.contains("name") == true)
        #expect(error?.description.contains("secret") == false)
    }
}
