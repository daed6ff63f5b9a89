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

    /// What a source says of a slice, or of a patient where no slice is named.
    struct Answer {
        var domain: String
        var family: String?
        var term = "present"
        var ordinal: Int?
        var patient = 0
        var slice: Int?
        var source: Int64
        var reader = "R1"
        var occurrence = 0
        /// The value in a domain of numbers.
        var number: Double?
        /// The term is then what was written, and no value was made of it.
        var isQuarantined = false
    }

    let place: TestWarehouse
    let catalogue: SyntheticCatalogue
    private let runID: Int64
    private static let time = SQLTimestamp(microseconds: 1_700_000_000_000_000)

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

    /// Runs statements in one transaction.
    func execute(_ statements: SQL...) async throws {
        try await place.open(.write(create: false)) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                try await connection.transaction {
                    for statement in statements { try await connection.execute(statement) }
                }
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

    func add(mark: Mark) async throws {
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

    // MARK: Labels

    /// Adds an answer and the value that the ruleset of its domain makes of it; the id of the label.
    @discardableResult
    func add(answer: Answer) async throws -> Int64 {
        let reader = try await readerID(answer.reader)
        let domain = ContentKey("label_domain", .text(answer.domain)).id()
        let ruleset = ContentKey("label_ruleset", .integer(domain), "test")
        let term = ContentKey("label_term", .integer(domain), .text(answer.term)).id()
        let patient = catalogue.patientID(answer.patient)
        let slice = answer.slice.map { catalogue.sliceID(answer.patient, $0) }
        let label = ContentKey(
            "label", .integer(answer.source), .integer(slice ?? patient), .integer(domain), .integer(reader),
            .integer(Int64(answer.occurrence))
        ).id()
        let level = slice == nil ? "patient" : "slice"
        let kind = answer.number == nil ? "term" : "number"
        let status = answer.isQuarantined ? "quarantined" : "clean"
        let valueTerm = answer.isQuarantined || answer.number != nil ? nil : term
        try await execute(
            """
            INSERT INTO label_domain (label_domain_id, name, family, value_kind, current_ruleset_id)
            VALUES (\(domain), \(answer.domain), \(answer.family), \(kind), \(ruleset.id())) ON CONFLICT DO NOTHING
            """,
            """
            INSERT INTO label_ruleset
                (label_ruleset_id, label_domain_id, version, sha256, canonical_json, source_file, created_at)
            VALUES (\(ruleset.id()), \(domain), '1', \(ruleset.digest), '{}', 'test.yaml', \(Self.time))
            ON CONFLICT DO NOTHING
            """,
            """
            INSERT INTO label_term (label_term_id, label_domain_id, name, ordinal)
            VALUES (\(term), \(domain), \(answer.term), \(answer.ordinal)) ON CONFLICT DO NOTHING
            """,
            """
            INSERT INTO label (patient_id, label_source_id, label_id, label_domain_id, reader_id, level, slice_id,
                occurrence, raw_value, ingest_run_id)
            VALUES (\(patient), \(answer.source), \(label), \(domain), \(reader), \(level), \(slice),
                \(answer.occurrence), \(answer.term), \(runID))
            """,
            """
            INSERT INTO label_value (patient_id, label_source_id, label_id, label_ruleset_id, value_ordinal, status,
                label_term_id, number_value)
            VALUES (\(patient), \(answer.source), \(label), \(ruleset.id()), 0, \(status), \(valueTerm),
                \(answer.number))
            """)
        return label
    }

    /// Puts one label in the place of another of the same patient.
    func correct(
        _ old: (label: Int64, source: Int64), by new: (label: Int64, source: Int64), patient: Int = 0
    ) async throws {
        try await execute(
            """
            INSERT INTO label_correction (patient_id, label_source_id, label_id, replacement_label_source_id,
                replacement_label_id, author, reason, created_at)
            VALUES (\(catalogue.patientID(patient)), \(old.source), \(old.label), \(new.source), \(new.label),
                'A. Reader', 'read again', \(Self.time))
            """)
    }
}
