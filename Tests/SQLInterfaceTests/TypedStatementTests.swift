import SQLInterface
import Testing

@Suite struct TypedStatementTests {
    @Test(arguments: [
        "SELECT 1", "SELECT 1;", " SELECT 1 ; ;\n", "SELECT 1; -- and no more", "/* one; */ SELECT 1",
        "SELECT ';' AS \";\" -- ;", "SELECT $a$;$a$;",
    ])
    func `semicolons behind a statement, in strings, in names and in comments end no other`(text: String) throws {
        let statement = try TypedStatement(text).text
        #expect(statement.contains("SELECT"))
        #expect(!statement.hasSuffix(";") && text.contains(statement))
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
}
