internal import SQLInterface
internal import Warehouse

/// Rows of a catalogue without files: as many patients and slices as a test wants, in no time.
///
/// Patient n (key `p0007`) has one study and one image series `ct` of 4 × 4 slices without stored pixels; the digest of
/// a slice is a digest of its key. Domain `finding` (absent 0, present 1) is answered for every slice: present in the
/// last slice of every third patient.
package struct SyntheticCatalogue: Sendable {
    package var dataset = "synthetic"
    package var patients = 0..<20
    package var slicesPerPatient = 3
    /// Patient → patient whose first slice it has.
    package var sharedPictures: [Int: Int] = [:]
    /// Whether shared pictures are blank.
    package var areSharedBlank = false
    package var hasLabels = true

    package init() {}

    package var datasetID: Int64 { ContentKey("dataset", .text(dataset), "1").id() }
    package func key(_ patient: Int) -> String {
        let digits = String(patient)
        return "p" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
    package func patientID(_ patient: Int) -> Int64 {
        ContentKey("patient", .integer(datasetID), .text(key(patient))).id()
    }
    package func studyID(_ patient: Int) -> Int64 {
        ContentKey("study", .integer(patientID(patient)), "s").id()
    }
    package func seriesID(_ patient: Int) -> Int64 {
        ContentKey("series", .integer(studyID(patient)), "ct", 0).id()
    }
    package func sliceID(_ patient: Int, _ index: Int) -> Int64 {
        ContentKey("slice", .integer(seriesID(patient)), .text("slice-\(index)")).id()
    }
    package func digest(_ patient: Int, _ index: Int) -> [UInt8] {
        if index == 0, let other = sharedPictures[patient] { return digest(other, 0) }
        return ContentKey("test-digest", .text(dataset), .integer(Int64(patient)), .integer(Int64(index))).digest
    }

    private static let time = SQLTimestamp(microseconds: 1_700_000_000_000_000)
    private static let domainID = ContentKey("label_domain", "finding").id()
    private static let rulesetID = ContentKey("label_ruleset", .integer(domainID), "test").id()
    private static func termID(_ name: String) -> Int64 {
        ContentKey("label_term", .integer(domainID), .text(name)).id()
    }

    /// Offending rows of the checks, without those that say that there are no files and pixels behind the rows.
    package static func brokenPromises(of place: TestWarehouse) async throws -> [String] {
        let expected = ["slice_has_source", "slice_pixels_cover_slice"]
        return try await place.brokenPromises().filter { broken in !expected.contains { broken.hasPrefix($0 + ":") } }
    }

    /// Writes everything that is not there yet.
    package func write(to place: TestWarehouse) async throws {
        try await place.open(.write(create: true)) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                try await connection.transaction {
                    let run = try await writeRun(connection)
                    try await writeImages(connection, run: run)
                    if hasLabels { try await writeLabels(connection, run: run) }
                }
                // Without names PostgreSQL would analyse the schemas of all tests, and lock itself and them out.
                for table in Self.tables { try await connection.execute("ANALYZE \(identifier: table)") }
            }
        }
    }

    private static let tables = [
        "dataset", "patient", "study", "series", "slice", "label_domain", "label_term", "label", "label_value",
    ]

    private func writeRun(_ connection: any WarehouseConnection) async throws -> Int64 {
        try await connection.execute(
            """
            INSERT INTO dataset (dataset_id, name, version, adapter, patient_key_kind, created_at)
            VALUES (\(datasetID), \(dataset), '1', 'test', 'research', \(Self.time)) ON CONFLICT DO NOTHING
            """)
        let rows = try await connection.rows(
            """
            INSERT INTO ingest_run (started_at, finished_at, heartbeat_at, status, slicehouse_version, options)
            VALUES (\(Self.time), \(Self.time), \(Self.time), 'completed', 'test', '{}') RETURNING ingest_run_id
            """)
        return try rows[0].get(at: 0)
    }

    private func writeImages(_ connection: any WarehouseConnection, run: Int64) async throws {
        try await connection.load(
            table: "patient", columns: ["patient_id", "dataset_id", "patient_key"],
            rows: patients.map { [.integer(patientID($0)), .integer(datasetID), .text(key($0))] })
        try await connection.load(
            table: "study", columns: ["patient_id", "study_id", "study_key"],
            rows: patients.map { [.integer(patientID($0)), .integer(studyID($0)), "s"] })
        try await connection.load(
            table: "series",
            columns: [
                "patient_id", "series_id", "study_id", "series_key", "variant", "revision", "role", "modality",
                "geometry_kind", "ordering_rule", "slice_count", "is_trainable", "ingest_run_id",
            ],
            rows: patients.map {
                [
                    .integer(patientID($0)), .integer(seriesID($0)), .integer(studyID($0)), "ct", 0, 1, "image", "CT",
                    "stack", "storage", .integer(Int64(slicesPerPatient)), true, .integer(run),
                ]
            })
        try await connection.load(
            table: "slice",
            columns: [
                "patient_id", "slice_id", "series_id", "slice_key", "slice_index", "rows", "columns",
                "samples_per_pixel", "pixel_type", "is_blank", "pixel_digest",
            ],
            rows: patients.flatMap { patient in
                (0..<slicesPerPatient).map { index in
                    [
                        .integer(patientID(patient)), .integer(sliceID(patient, index)), .integer(seriesID(patient)),
                        .text("slice-\(index)"), .integer(Int64(index)), 4, 4, 1, "i16",
                        .boolean(areSharedBlank && index == 0), .blob(digest(patient, index)),
                    ]
                }
            })
    }

    private func writeLabels(_ connection: any WarehouseConnection, run: Int64) async throws {
        let source = ContentKey("label_source", .integer(datasetID), "table.csv", "").id()
        let reader = ContentKey("reader", .integer(datasetID), "consensus").id()
        try await writeDomain(connection)
        try await connection.execute(
            """
            INSERT INTO label_source (label_source_id, dataset_id, name, kind, is_active)
            VALUES (\(source), \(datasetID), 'table.csv', 'csv', \(true)) ON CONFLICT DO NOTHING
            """)
        try await connection.execute(
            """
            INSERT INTO reader (reader_id, dataset_id, reader_key, kind)
            VALUES (\(reader), \(datasetID), 'consensus', 'consensus') ON CONFLICT DO NOTHING
            """)
        var labels: [[SQLValue]] = []
        var values: [[SQLValue]] = []
        for patient in patients {
            for index in 0..<slicesPerPatient {
                let subject = sliceID(patient, index)
                let label = ContentKey(
                    "label", .integer(source), .integer(subject), .integer(Self.domainID), .integer(reader), 0
                ).id()
                let isPresent = patient % 3 == 0 && index == slicesPerPatient - 1
                labels.append([
                    .integer(patientID(patient)), .integer(source), .integer(label), .integer(Self.domainID),
                    .integer(reader), "slice", .integer(subject), 0, .text(isPresent ? "1" : "0"),
                    .integer(Int64(patient * slicesPerPatient + index + 1)), .integer(run),
                ])
                values.append([
                    .integer(patientID(patient)), .integer(source), .integer(label), .integer(Self.rulesetID), 0,
                    "clean", .integer(Self.termID(isPresent ? "present" : "absent")),
                ])
            }
        }
        try await connection.load(
            table: "label",
            columns: [
                "patient_id", "label_source_id", "label_id", "label_domain_id", "reader_id", "level", "slice_id",
                "occurrence", "raw_value", "source_row", "ingest_run_id",
            ], rows: labels)
        try await connection.load(
            table: "label_value",
            columns: [
                "patient_id", "label_source_id", "label_id", "label_ruleset_id", "value_ordinal", "status",
                "label_term_id",
            ], rows: values)
    }

    private func writeDomain(_ connection: any WarehouseConnection) async throws {
        let id = Self.domainID
        try await connection.execute(
            """
            INSERT INTO label_domain (label_domain_id, name, family, value_kind, current_ruleset_id)
            VALUES (\(id), 'finding', 'findings', 'term', \(Self.rulesetID)) ON CONFLICT DO NOTHING
            """)
        try await connection.execute(
            """
            INSERT INTO label_ruleset
                (label_ruleset_id, label_domain_id, version, sha256, canonical_json, source_file, created_at)
            VALUES (\(Self.rulesetID), \(id), '1', \(ContentKey("test", "ruleset").digest), '{}', 'test.yaml',
                \(Self.time)) ON CONFLICT DO NOTHING
            """)
        for (ordinal, name) in ["absent", "present"].enumerated() {
            try await connection.execute(
                """
                INSERT INTO label_term (label_term_id, label_domain_id, name, ordinal)
                VALUES (\(Self.termID(name)), \(id), \(name), \(ordinal)) ON CONFLICT DO NOTHING
                """)
        }
    }
}
