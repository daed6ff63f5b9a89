import SQLInterface
import Testing

@Suite struct TypedStatementTests {
    @Test(arguments: [
        ("SELECT 1", "SELECT 1"), (" SELECT 1 ; ;\n", " SELECT 1 "), ("SELECT 1; -- and no more", "SELECT 1"),
        ("/* one; */ SELECT 1;", "/* one; */ SELECT 1"), (";SELECT 1 -- ;", "SELECT 1 -- ;"),
        (#"SELECT ';' AS ";" ;"#, #"SELECT ';' AS ";" "#), ("SELECT $a$;$a$;", "SELECT $a$;$a$"),
    ])
    func `semicolons around a statement, in strings, in names and in comments begin no other`(
        text: String, statement: String
    ) throws {
        #expect(try TypedStatement(text).text == statement)
    }

    @Test(arguments: ["", " \n", ";", "-- nothing", "/* SELECT 1 */ ;; -- SELECT 2"])
    func `a text without a statement is named so`(text: String) {
        #expect(throws: TypedStatement.Problem.empty) { try TypedStatement(text) }
    }

    @Test(arguments: ["SELECT 1; SELECT 2", "SELECT 1;\n-- then\nDELETE FROM slice;"])
    func `several statements are counted`(text: String) {
        #expect(throws: TypedStatement.Problem.several(2)) { try TypedStatement(text) }
        #expect(TypedStatement.Problem.several(2).description.contains("more than one statement (2)"))
    }

    @Test(arguments: [
        "PRAGMA journal_mode=DELETE", "pragma main . journal_mode = wal", "PRAGMA journal_mode(delete);",
        "-- quiet\nPRAGMA wal_checkpoint", "PRAGMA main.wal_checkpoint(TRUNCATE)", "PRAGMA writable_schema=1",
        "PRAGMA optimize", #"PRAGMA "user_version" = 3"#, "EXPLAIN QUERY PLAN PRAGMA writable_schema = 1",
        "CREATE TEMP TABLE t (i)", "create /* a */ temporary view v AS SELECT 1",
    ])
    func `settings and temporary tables are refused`(text: String) {
        #expect(throws: TypedStatement.Problem.writes) { try TypedStatement(text) }
    }

    @Test(arguments: [
        "PRAGMA journal_mode", "PRAGMA table_info(slice)", "PRAGMA main.table_info = slice",
        "PRAGMA integrity_check(10)", "PRAGMA main.page_size", "SELECT 'PRAGMA writable_schema=1'", "EXPLAIN SELECT 1",
        "SELECT temp FROM pragma",
    ])
    func `PRAGMAs that look something up are taken`(text: String) throws {
        #expect(try TypedStatement(text).text == text)
    }

    @Test(arguments: [("SELECT $1", "$1"), ("SELECT ?2, $1", "?2"), ("SELECT 1 WHERE id = $12;", "$12")])
    func `a parameter has no value`(text: String, parameter: String) {
        #expect(throws: TypedStatement.Problem.parameter(parameter)) { try TypedStatement(text) }
    }

    @Test(arguments: ["SELECT '$1'", "SELECT 1 AS a$1", "SELECT 1 /* $1 */", #"SELECT 1 AS "?1""#, "SELECT $a$ $1 $a$"])
    func `strings, names and comments have no parameters`(text: String) throws {
        #expect(try TypedStatement(text).text == text)
    }
}
