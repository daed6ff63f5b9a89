import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Promise 10 of the design: SQLite and PostgreSQL answer alike.
@Suite("SQLite and PostgreSQL")
struct EngineEqualityTests {
    @Test(.enabled(if: TestEngine.hasPostgreSQL, "\(TestEngine.isMissing)"))
    func `the same files give the same rows in both engines, cell by cell`() async throws {
        let cohort = try await Cohorts.mixed()
        let home = try TemporaryFolder()
        let (small, large) = try await TestWarehouse.with(.sqlite) { sqlite in
            try await TestIngest(into: sqlite, home: home).run(cohort.path)
            return try await TestWarehouse.with(.postgresql) { postgresql in
                try await TestIngest(into: postgresql, home: home).run(cohort.path)
                return (try await WarehouseContents(of: sqlite), try await WarehouseContents(of: postgresql))
            }
        }
        #expect(small.differences(from: large) == [])
        // A comparison of nothing with nothing would hold as well.
        for table in [
            "slice", "slice_pixels", "slice_header", "header_value", "header_removed", "label", "label_value",
            "annotation_mask", "rejection", "quality_finding", "patient_alias", "source_file", "slice_source",
        ] {
            #expect((small.counts[table] ?? 0) > 0, "\(table)")
        }
    }

    @Test(.enabled(if: TestEngine.hasPostgreSQL, "\(TestEngine.isMissing)"))
    func `the named queries and views answer alike in both engines`() async throws {
        let cohort = try await Cohorts.mixed()
        let home = try TemporaryFolder()
        let answers = try await TestWarehouse.with(.sqlite) { sqlite in
            try await TestIngest(into: sqlite, home: home).run(cohort.path)
            return try await TestWarehouse.with(.postgresql) { postgresql in
                try await TestIngest(into: postgresql, home: home).run(cohort.path)
                return (try await Self.answers(of: sqlite), try await Self.answers(of: postgresql))
            }
        }
        #expect(answers.0.keys.sorted() == answers.1.keys.sorted())
        for (name, rows) in answers.0 { #expect(rows == answers.1[name], "\(name)") }
    }

    /// Rows of every query and view with default parameters, in an order of their own; run times left out.
    private static func answers(of place: TestWarehouse) async throws -> [String: [[String]]] {
        try await place.open { warehouse in
            var answers: [String: [[String]]] = [:]
            for name in warehouse.sqlLibrary.queryNames(engine: warehouse.engine) where name != "runs" {
                let query = try warehouse.sqlLibrary.query(named: name, engine: warehouse.engine)
                let rows = try await warehouse.withConnection { try await $0.rows(try query.sql()) }
                // The date of `processed_data` is that of the run.
                let kept = rows.columns.indices.filter { name != "processed_data" || rows.columns[$0] != "date" }
                answers[name] =
                    [rows.columns]
                    + rows.rows.map { row in kept.map { text(row[$0]) } }.sorted { $0.lexicographicallyPrecedes($1) }
            }
            return answers
        }
    }

    private static func text(_ value: SQLValue) -> String {
        switch value {
        case .boolean(let flag): flag ? "1" : "0"
        // Sums of integers are numeric in one engine and integer in the other.
        case .real(let number): number == number.rounded() ? "\(Int(number))" : "\((number * 1e9).rounded() / 1e9)"
        case .integer(let number): "\(number)"
        // JSON has spaces in one engine.
        case .text(let text) where text.hasPrefix("{"):
            text.replacing("\": ", with: "\":").replacing(", \"", with: ",\"")
        case .text(let text): text
        case .blob(let bytes): "\(bytes)"
        case .null: "NULL"
        case .timestamp: "instant"
        }
    }
}
