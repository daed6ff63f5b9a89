import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// The generated documents are what `docs/generate` writes today.
@Suite struct GeneratedDocumentsTests {
    private static let noServer = Comment(rawValue: TestEngine.isMissing)

    @Test func `docs/commands.md is the help of every verb`() async throws {
        #expect(try await generated("commands") == Repository.text("docs/commands.md"), "stale; run make docs")
    }

    @Test(.enabled(if: TestEngine.hasPostgreSQL, noServer))
    func `docs/schema.md is what the comments in PostgreSQL say`() async throws {
        #expect(try await generated("schema") == Repository.text("docs/schema.md"), "stale; run make docs")
    }

    @Test func `every verb has a section in docs/commands.md`() async throws {
        let verbs = try await Verb.all()
        #expect(verbs.count >= 10)
        let headings = try MarkdownDocument(path: "docs/commands.md").headings
        for verb in verbs {
            #expect(headings.contains("slicehouse \(verb.name)"))
            for subverb in verb.subverbs { #expect(headings.contains("slicehouse \(verb.name) \(subverb)")) }
        }
    }

    /// The document comes from PostgreSQL; this holds it against the other engine.
    @Test func `docs/schema.md describes every table and column of SQLite`() async throws {
        let stored = try await fields(
            on: .sqlite,
            """
            SELECT entry.name || '.' || field.name AS field
            FROM sqlite_schema AS entry JOIN pragma_table_xinfo(entry.name) AS field
            WHERE entry.type = 'table' AND entry.name NOT LIKE 'sqlite%'
            """)
        #expect(stored.count > 300)
        #expect(try describedColumns() == stored)
    }

    @Test(.enabled(if: TestEngine.hasPostgreSQL, noServer))
    func `every table and column has a comment`() async throws {
        let bare = try await fields(
            on: .postgresql,
            """
            SELECT pg_class.relname || coalesce('.' || pg_attribute.attname, '') AS field
            FROM pg_class
            LEFT JOIN pg_attribute ON pg_attribute.attrelid = pg_class.oid AND attnum >= 1 AND NOT attisdropped
            WHERE pg_class.relnamespace = CAST(current_schema() AS regnamespace)
                AND pg_class.relkind IN ('r', 'p') AND NOT pg_class.relispartition
                AND (obj_description(pg_class.oid, 'pg_class') IS NULL
                    OR col_description(pg_class.oid, pg_attribute.attnum) IS NULL)
            """)
        #expect(bare == [])
    }

    // MARK: Steps

    private func generated(_ name: String) async throws -> String {
        let home = try TemporaryFolder()
        let script = Repository.root.appending(path: "docs/generate").path
        let result = try await Program(home: home).with("SLICEHOUSE_TEST_POSTGRESQL", TestEngine.url)
            .run(tool: "/bin/sh", [script, "--only", name, Program.path, home.path])
        try #require(result.exitCode == 0, "\(result.error)")
        return String(decoding: try Data(contentsOf: URL(filePath: home.path(name + ".md"))), as: UTF8.self)
    }

    /// The column `field` of a query's rows in an empty warehouse.
    private func fields(on engine: WarehouseEngine, _ query: SQL) async throws -> Set<String> {
        try await TestWarehouse.with(engine) { place in
            try await place.open(.write(create: true)) { warehouse in
                try await warehouse.withConnection { connection in
                    Set(try await connection.rows(query).map { try $0.get("field", as: String.self) })
                }
            }
        }
    }

    /// `table.column` of every row of the tables in docs/schema.md.
    private func describedColumns() throws -> Set<String> {
        var table = ""
        var found: Set<String> = []
        for line in try MarkdownDocument(path: "docs/schema.md").lines {
            if line.hasPrefix("### ") { table = String(line.dropFirst(4)) }
            if let column = line.firstMatch(of: #/^\| `(\w+)`/#) { found.insert(table + "." + String(column.1)) }
        }
        return found
    }
}
