import CanonicalJSON
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Tables that are stored and read again: rejected rows are tried once more, or an earlier version is put back.
@Suite("Tables that are read again") struct ReadAgainTests {
    /// A table about the slices of one series, and the series.
    private struct Ward {
        let folder: TemporaryFolder
        let program: Program
        let warehouse: TestWarehouse

        init(_ warehouse: TestWarehouse) throws {
            folder = try TemporaryFolder()
            program = try DeclaredHome(in: folder, sources: ["ward": DeclaredHome.ward]).program
            try TinySeries().write(0..<2, to: folder)
            self.warehouse = warehouse
        }

        /// One row a slice; `nil` is a row that lacks its cell.
        func writeTable(_ cells: [String?]) throws {
            let rows = cells.enumerated().map { index, cell in
                "\(TinySeries().uid).9.\(index)" + (cell.map { "," + $0 } ?? "") + "\n"
            }
            try folder.write("image,epidural\n" + rows.joined(), to: "labels/ward.csv")
        }

        @discardableResult
        func ingest(_ name: String, _ options: String..., exitCode: Int32 = 0) async throws -> JSONValue {
            let run = try await program.run(
                ["ingest", "--database", warehouse.url, "--json", folder.path(name)] + options)
            #expect(run.exitCode == exitCode, "\(run.error)")
            return try JSONValue(parsing: run.output)
        }

        func waiting() async throws -> [String] {
            try await warehouse.rows(
                "SELECT sentence FROM quality_finding WHERE check_name = 'label_without_image' ORDER BY sentence"
            ).map { try $0.get("sentence") }
        }

        /// Rows that stand rejected; 0 is a whole file.
        func rejectedRows() async throws -> [Int] {
            try await warehouse.rows(
                """
                SELECT COALESCE(row_number, 0) AS row_number FROM rejection WHERE replayed_at IS NULL ORDER BY 1
                """
            ).map { try $0.get("row_number") }
        }

        /// What became of the table, and how many of its versions count.
        func state() async throws -> [String] {
            let files = try await warehouse.rows(
                "SELECT outcome FROM source_file WHERE relative_path LIKE '%ward.csv'")
            let sources = try await warehouse.count(
                "SELECT count(*) FROM label_source WHERE kind = 'csv' AND is_active")
            return try files.map { try $0.get("outcome", as: String.self) } + ["\(sources ?? -1)"]
        }
    }

    private static func sentence(_ rows: Int) -> String {
        "\(rows) rows speak of images that are not in the warehouse, or not under the patient, study and series "
            + "that the rows name; they wait for them."
    }

    @Test(arguments: TestEngine.available)
    func `rows that wait are told on when a rejected row is tried again`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let ward = try Ward(warehouse)
            try ward.writeTable(["1", "0", "1", nil])
            try await ward.ingest("labels", exitCode: 65)
            #expect(try await ward.waiting() == [Self.sentence(3)])
            let again = try await ward.ingest("labels", "--replay-rejected", exitCode: 65)
            #expect(again["rejected_rows"]?.number == 1 && again["labels_unresolved"]?.number == 0)
            #expect(try await ward.waiting() == [Self.sentence(3)])
            #expect(try await ward.rejectedRows() == [4])
        }
    }

    @Test(arguments: TestEngine.available, [false, true])
    func `a version that is put back is stored already, whatever another was rejected for`(
        engine: WarehouseEngine, hasImages: Bool
    ) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let ward = try Ward(warehouse)
            if hasImages { try await ward.ingest("series") }
            try ward.writeTable(["1", "0"])
            try await ward.ingest("labels")
            try ward.writeTable(["1", nil])
            try await ward.ingest("labels", exitCode: 65)
            #expect(try await ward.rejectedRows() == [2])
            try ward.writeTable(["1", "0"])
            let back = try await ward.ingest("labels", "--replay-rejected")
            #expect(back["labels_stored"]?.number == 0 && back["labels_unresolved"]?.number == 0)
            #expect(try await ward.rejectedRows() == [])
            let told = hasImages ? [] : [Self.sentence(2)]
            #expect(try await ward.waiting() == told)
            #expect(try await ward.state() == ["label_source", "1"])
            if !hasImages { try await ward.ingest("series") }
            #expect(try await warehouse.count("SELECT count(*) FROM label_unresolved") == 0)
            #expect(try await warehouse.count("SELECT count(*) FROM label WHERE level = 'slice'") == 3)
            #expect(
                try await warehouse.count("SELECT count(*) FROM label_current WHERE domain_name = 'epidural'") == 2)
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `rows that were rejected of a version stand rejected again when it is put back`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let ward = try Ward(warehouse)
            for (cells, row) in [(["1", nil], 2), ([nil, "0"], 1), (["1", nil], 2)] as [([String?], Int)] {
                try ward.writeTable(cells)
                try await ward.ingest("labels", exitCode: 65)
                #expect(try await ward.rejectedRows() == [row])
            }
            try await ward.ingest("labels", "--replay-rejected", exitCode: 65)
            #expect(try await ward.rejectedRows() == [2])
            let known = try await ward.ingest("labels")
            #expect(known["known"]?.number == 1 && known["standing_rejected_rows"]?.number == 1)
            #expect(try await ward.waiting() == [Self.sentence(1)])
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a stored table that was rejected as a whole counts again when it can be read`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let ward = try Ward(warehouse)
            try await ward.ingest("series")
            try ward.writeTable(["1", "0"])
            try await ward.ingest("labels")
            let source = "home/etl/sources/ward.yaml"
            try ward.folder.write(DeclaredHome.ward.replacing("column: image", with: "column: picture"), to: source)
            try await ward.ingest("labels", "--rehash", exitCode: 65)
            #expect(try await ward.rejectedRows() == [0])
            try ward.folder.write(DeclaredHome.ward, to: source)
            try await ward.ingest("labels", "--replay-rejected")
            #expect(try await ward.rejectedRows() == [])
            #expect(try await ward.state() == ["label_source", "1"])
            #expect(try await warehouse.count("SELECT count(*) FROM label WHERE level = 'slice'") == 2)
            #expect(try await warehouse.brokenPromises() == [])
        }
    }
}
