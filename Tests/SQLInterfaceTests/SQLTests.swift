import SQLInterface
import Testing

@Suite struct SQLTests {
    @Test func `an interpolated value becomes a parameter and leaves no trace in the text`() {
        let name = "DOE^JANE'; DROP TABLE patient; --"
        let sql: SQL = "SELECT \(1) FROM patient WHERE name = \(name) AND note IS \(nil as String?)"
        #expect(sql.text == "SELECT $1 FROM patient WHERE name = $2 AND note IS $3")
        #expect(sql.parameters == [1, .text(name), .null])
    }

    @Test func `an identifier is quoted and its quotes are doubled`() {
        let sql: SQL = "SELECT * FROM \(identifier: #"odd"name"#)"
        #expect(sql.text == #"SELECT * FROM "odd""name""#)
    }

    @Test func `a spliced statement gets the numbers after those before it`() {
        let condition: SQL = "b = \(2) AND c = \(3)"
        let sql: SQL = "SELECT \(1) WHERE \(sql: condition) OR d = \(4)"
        #expect(sql.text == "SELECT $1 WHERE b = $2 AND c = $3 OR d = $4")
        #expect(sql.parameters == [1, 2, 3, 4])
    }

    @Test func `a list becomes one parameter per value, and an empty list contains nothing`() {
        let some: SQL = "id IN \(list: [7, 8])"
        #expect(some.text == "id IN ($1, $2)")
        let none: SQL = "id IN \(list: [Int]())"
        #expect(none.text == "id IN (NULL)")
    }

    @Test func `a file's placeholders are found outside strings, names and comments only`() {
        let text = """
            -- costs $1
            SELECT '$1', "$1", $$ $1 $$, $2, /* $2 */ $1
            """
        var outer: SQL = "SELECT \(0); "
        outer.append(SQL(file: text, parameters: ["a", "b"]))
        #expect(
            outer.text == """
                SELECT $1; -- costs $1
                SELECT '$1', "$1", $$ $1 $$, $3, /* $2 */ $2
                """)
        #expect(outer.parameters == [0, "a", "b"])
    }

    @Test(arguments: [
        "SELECT 'it''s' -- end", "/* open", "'open", "$tag$ ; $tag$ x", "$", "?1 ?", "é + ü", "a.b::c", "",
        "SELECT 1.5e-3\t\n;",
    ])
    func `the tokens of a text joined are the text`(text: String) {
        #expect(SQLTokens(text).map(\.text).joined() == text)
    }
}
