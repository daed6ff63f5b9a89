import SQLInterface
import Testing

@Suite struct SQLColumnTypeTests {
    /// The table of https://www.sqlite.org/datatype3.html, "Affinity Name Examples", with the types of STRICT tables.
    @Test(
        arguments: [
            ("INTEGER", .integer), ("BIGINT", .integer), ("text", .text), ("VARCHAR(255)", .text), ("BLOB", .blob),
            ("REAL", .real), ("DOUBLE PRECISION", .real), ("NUMERIC", nil), ("ANY", nil), ("", nil),
            ("CHARINT", .integer),
        ] as [(String, SQLColumnType?)])
    func `a declared type is what SQLite takes it for`(declaration: String, type: SQLColumnType?) {
        #expect(SQLColumnType(sqliteDeclaration: declaration) == type)
    }
}
