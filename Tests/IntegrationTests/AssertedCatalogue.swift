import SQLInterface
import TestSupport
import Warehouse

/// Labels and marks as rows beside a ``SyntheticCatalogue``, so few that what a query answers can be counted by hand.
struct AssertedCatalogue {
    /// Marked pixels of one slice: `count` of them in row-major order from `first`, of 4 × 4.
    struct Mark {
        var patient = 0
        var slice = 0
        var first = 0
        var count: Int
        var target = "haemorrhage"
        var reader: String?
        var source: Int64?
    }

    let place: TestWarehouse
    let catalogue: SyntheticCatalogue
    private let runID: Int64

    /// Patients without labels, one series each, of 4 × 4 pixels a slice.
    init(_ place: TestWarehouse, patients: Int = 2, slices: Int = 3) async throws {
        var catalogue = SyntheticCatalogue()
        catalogue.patients = 0..<patients
        catalogue.slicesPerPatient = slices
        catalogue.hasLabels = false
        try await catalogue.write(to: place)
        self.place = place
        self.catalogue = catalogue
        runID = Int64(try await place.count("SELECT max(ingest_run_id) FROM ingest_run") ?? 0)
    }

    /// The rows of a named query or view, cells as text; SQL's NULL is `-`.
    func answer(_ name: String, _ settings: [String: String] = [:], _ columns: String...) async throws -> [String] {
        let rows = try await place.open { warehouse in
            let query = try warehouse.sqlLibrary.query(named: name, engine: warehouse.engine)
            return try await warehouse.withConnection { try await $0.rows(try query.sql(setting: settings)) }
        }
        return rows.map { row in columns.map { Self.text(row[$0]) }.joined(separator: " ") }
    }

    private static func text(_ value: SQLValue?) -> String {
        switch value {
        case .integer(let number): "\(number)"
        case .real(let number): number == number.rounded() ? "\(Int(number))" : "\(number)"
        case .text(let text): text
        case .null, nil: "-"
        default: "?"
        }
    }

    func execute(_ statement: SQL) async throws {
        _ = try await place.open(.write(create: false)) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                try await connection.transaction { try await connection.execute(statement) }
            }
        }
    }

    // MARK: Who says it

    /// A file of labels or marks; several of one name differ in their content.
    func source(_ name: String, content: String = "", isActive: Bool = true) async throws -> Int64 {
        let key = ContentKey("label_source", .integer(catalogue.datasetID), .text(name), .text(content))
        try await execute(
            """
            INSERT INTO label_source (label_source_id, dataset_id, name, kind, sha256, is_active)
            VALUES (\(key.id()), \(catalogue.datasetID), \(name), 'csv', \(key.digest), \(isActive))
            """)
        return key.id()
    }

    private func readerID(_ name: String) async throws -> Int64 {
        let id = ContentKey("reader", .integer(catalogue.datasetID), .text(name)).id()
        try await execute(
            """
            INSERT INTO reader (reader_id, dataset_id, reader_key, kind)
            VALUES (\(id), \(catalogue.datasetID), \(name), 'human') ON CONFLICT DO NOTHING
            """)
        return id
    }

    // MARK: Marks

    func add(_ mark: Mark) async throws {
        var reader: Int64?
        if let name = mark.reader { reader = try await readerID(name) }
        let patient = catalogue.patientID(mark.patient)
        let key = "\(mark.target)-\(mark.slice)-\(mark.first)-\(mark.source ?? 0)"
        let id = ContentKey("annotation", .integer(patient), .text(key), .text(mark.reader ?? "")).id()
        try await execute(
            """
            INSERT INTO annotation (patient_id, annotation_id, series_id, reader_id, annotation_key, kind, target, rule,
                label_source_id, ingest_run_id)
            VALUES (\(patient), \(id), \(catalogue.seriesID(mark.patient)), \(reader), \(key), 'mask', \(mark.target),
                '{}', \(mark.source), \(runID))
            """)
        // Runs of unmarked and marked pixels, each below 128 and so one byte.
        let runs = [mark.first, mark.count, 16 - mark.first - mark.count].map { UInt8($0) }
        try await execute(
            """
            INSERT INTO annotation_mask (patient_id, annotation_id, slice_id, rle, voxel_count, first_row, last_row,
                first_column, last_column)
            VALUES (\(patient), \(id), \(catalogue.sliceID(mark.patient, mark.slice)), \(runs), \(mark.count),
                \(mark.first / 4), \((mark.first + mark.count - 1) / 4), 0, 3)
            """)
    }
}
