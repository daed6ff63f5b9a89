import SQLInterface
import Testing
import Warehouse

@Suite struct NamedQueryTests {
    private func patients() throws -> NamedQuery {
        try TestLibrary().open().query(named: "patients", engine: .sqlite)
    }

    @Test func `the parameters of a file are read with type, default and note`() throws {
        let parameters = try patients().parameters
        #expect(parameters.map(\.name) == ["name", "limit_count", "unused"])
        #expect(parameters.map(\.type) == [.text, .integer, .text])
        #expect(parameters.map(\.defaultSQL) == ["NULL", "100", "coalesce(NULL, '(x)')"])
        #expect(parameters.map(\.note) == ["the name; NULL for all", "how many", ""])
    }

    /// What is looked for anew where a person changes which labels count.
    @Test(arguments: WarehouseEngine.allCases)
    func `checks over labels say in their header that they read labels`(engine: WarehouseEngine) throws {
        let checks = try SQLLibrary.locate().qualityChecks(engine: engine)
        let ofLabels = checks.filter { check in check.inputs.contains { $0.hasPrefix("label") } }
        #expect(
            ofLabels.map(\.name) == [
                "any_haemorrhage_contradicts", "image_without_label", "label_contradiction", "label_quarantined",
                "label_rows_match_slices", "label_sources_overlap", "mark_outside_volume",
                "no_haemorrhage_contradicts", "positive_slice_without_mask", "several_answers",
            ])
        for check in checks where !check.inputs.contains(where: { $0.hasPrefix("label") }) {
            #expect(try !check.sql().text.contains("label"), "\(check.name)")
        }
    }

    @Test func `a setting is bound and the rest of the text stays`() throws {
        let query = try patients()
        let plain = try query.sql()
        #expect(plain.parameters.isEmpty)
        let set = try query.sql(setting: ["limit_count": "2", "name": "x' OR 1=1"])
        #expect(set.parameters == ["x' OR 1=1", 2])
        #expect(
            set.text
                == plain.text.replacing("CAST(NULL AS text)", with: "CAST($1 AS text)")
                .replacing("CAST(100 AS", with: "CAST($2 AS"))
    }

    @Test func `an unknown parameter and a value of the wrong type are refused without the value`() throws {
        let query = try patients()
        let unknown = #expect(throws: WarehouseError.self) { try query.sql(setting: ["limit": "2"]) }
        #expect(unknown?.code == .parameterUnknown)
        #expect(unknown?.description.contains("limit_count") == true)
        let invalid = #expect(throws: WarehouseError.self) { try query.sql(setting: ["limit_count": "DOE^JANE"]) }
        #expect(invalid?.code == .parameterInvalid)
        #expect(invalid?.description.contains("DOE") == false)
    }

    @Test(arguments: TestEngines.available)
    func `a query runs with its defaults and with settings`(engine: WarehouseEngine) async throws {
        let library = try TestLibrary().open()
        try await TestEngines.withLocation(engine) { location in
            let warehouse = try await Warehouse.open(location, access: .write(create: true), library: library)
            try await warehouse.withConnection(.write) { connection in
                try await connection.load(
                    table: "patient", columns: ["patient_id", "name"], rows: [[1, "a"], [2, "b"], [3, "c"]])
                let query = try library.query(named: "patients", engine: engine)
                #expect(try await connection.rows(query.sql()).rows == [["a"], ["b"], ["c"]])
                #expect(try await connection.rows(query.sql(setting: ["limit_count": "2"])).rows == [["a"], ["b"]])
                #expect(try await connection.rows(query.sql(setting: ["name": "c"])).rows == [["c"]])
                let view = try library.query(named: "positive", engine: engine)
                #expect(try await connection.rows(view.sql()).count == 3)
            }
            try await warehouse.close()
        }
    }
}
