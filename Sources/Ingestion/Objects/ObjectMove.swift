internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Puts the stored series of a segmentation or structure set, with all its variants, under the patient and study of its
/// images. Ids below `patient` are content keys, so that all of them change; what was stored stays as it is.
///
/// The patient and study that the object named stay, be it without a series: labels and other rows may know them.
struct ObjectMove: Sendable {
    let object: MarkingObjectPass.Object
    let home: StrayObjects.Home
    let connection: any WarehouseConnection
    let context: RunContext

    private struct Variant {
        let number: Int64
        let seriesID: Int64
        /// Its id at the new place.
        let newID: Int64
    }

    private static let unnamedCheck = "patient_without_identifier"

    /// Tables below `series` without a slice.
    private static let seriesTables = [
        "series_header", "series_volume", "series_source", "header_value", "header_removed",
    ]
    /// Tables below `slice`.
    private static let sliceTables = ["slice_header", "slice_pixels", "slice_source"]
    /// What says something of a series. One that is spoken of stays.
    private static let references = [
        ("annotation", "series_id"), ("annotation", "mask_series_id"), ("reading", "series_id"),
        ("series", "companion_of"), ("series", "derived_from"), ("analysis_run", "series_id"),
        ("training_sample", "series_id"), ("prediction", "series_id"), ("finding", "series_id"),
    ]

    /// Call it in a transaction. Returns how many findings are new; 0 where the object stays.
    func run() async throws -> Int {
        // In order, as batches claim theirs; of two runs that end together the second finds nothing left to do.
        for key in [object.seriesID, naturalID(of: 0)].sorted() { try await connection.claimWaiting(key: key) }
        guard let variants = try await variants(), try await isFree(variants) else { return 0 }
        var findings: [Finding] = []
        for variant in variants {
            let slices = try await newSliceIDs(of: variant)
            try await removeHeaderLabels(of: variant)
            if try await moveFindings(of: variant, slices: slices) {
                findings.append(
                    MarkedImageIndex.findingOfOtherPatient(
                        .series(patientID: home.patientID, seriesID: variant.newID)))
            }
            try await moveSlices(slices, of: variant)
            try await moveSeries(variant, first: variants[0])
        }
        return try await FindingWriter(connection: connection, context: context).write(findings)
    }

    // MARK: Ids

    private func natural(_ variant: Int64) -> [SQLValue] {
        [.integer(home.studyID), .text(object.seriesKey), .integer(variant)]
    }

    private func naturalID(of variant: Int64) -> Int64 { KeyedTable.series.contentKey(natural(variant)).id(attempt: 0) }

    /// By number; `nil` where the object has gone or found images since, or is at the new place already.
    private func variants() async throws -> [Variant]? {
        let rows = try await connection.rows(
            """
            SELECT series_id, variant, companion_of, derived_from FROM series
            WHERE patient_id = \(object.patientID)
                AND (series_id = \(object.seriesID) OR conflict_of = \(object.seriesID))
            ORDER BY variant
            """)
        let numbers = try rows.map { try $0.get("variant", as: Int64.self) }
        let places = try await KeyResolver(connection: connection).places(
            numbers.map(natural), in: .series, of: [home.patientID])
        var variants: [Variant] = []
        for (row, number) in zip(rows, numbers) {
            let links = [try row.get("companion_of", as: Int64?.self), try row.get("derived_from", as: Int64?.self)]
            guard links.allSatisfy({ $0 == nil }), let place = places[natural(number)], !place.isStored else {
                return nil
            }
            variants.append(Variant(number: number, seriesID: try row.get("series_id"), newID: place.id))
        }
        return variants.isEmpty ? nil : variants
    }

    /// New ids of slices by the old ones.
    private func newSliceIDs(of variant: Variant) async throws -> [Int64: Int64] {
        let rows = try await connection.rows(
            """
            SELECT slice_id, slice_key FROM slice
            WHERE patient_id = \(object.patientID) AND series_id = \(variant.seriesID)
            """)
        let keys = try rows.map { [SQLValue.integer(variant.newID), .text(try $0.get("slice_key"))] }
        let ids = try await KeyResolver(connection: connection).resolve(keys, in: .slice, of: [home.patientID])
        var slices: [Int64: Int64] = [:]
        for (row, key) in zip(rows, keys) { slices[try row.get("slice_id")] = ids[key] }
        return slices
    }

    // MARK: What is said of it

    /// Whether nothing is said of the series but what its own header says.
    private func isFree(_ variants: [Variant]) async throws -> Bool {
        let ids = variants.map(\.seriesID)
        for (table, column) in Self.references {
            let rows = try await connection.rows(
                """
                SELECT 1 FROM \(identifier: table)
                WHERE patient_id = \(object.patientID) AND \(identifier: column) IN \(list: ids) LIMIT 1
                """)
            guard rows.isEmpty else { return false }
        }
        let labels = try await connection.rows(
            """
            SELECT 1 FROM label
            WHERE label.patient_id = \(object.patientID)
                AND (label.series_id IN \(list: ids) OR label.slice_id IN (
                    SELECT slice.slice_id FROM slice
                    WHERE slice.patient_id = \(object.patientID) AND slice.series_id IN \(list: ids)))
                AND (label.slice_id IS NOT NULL
                    OR label.label_source_id NOT IN (\(sql: Self.headerSources))
                    OR EXISTS (SELECT 1 FROM label_correction
                        WHERE label_correction.patient_id = label.patient_id
                            AND label_correction.label_source_id = label.label_source_id
                            AND label_correction.label_id = label.label_id))
            LIMIT 1
            """)
        return labels.isEmpty
    }

    private static let headerSources: SQL = "SELECT label_source_id FROM label_source WHERE name LIKE 'header:%'"

    /// They follow from the header, and are made again for each series of the run.
    private func removeHeaderLabels(of variant: Variant) async throws {
        try await connection.execute(
            """
            DELETE FROM label
            WHERE patient_id = \(object.patientID) AND series_id = \(variant.seriesID)
                AND label_source_id IN (\(sql: Self.headerSources))
            """)
    }

    /// Their ids are content keys too. Returns whether the object named a patient: beside the images of one it needs no
    /// name of its own.
    private func moveFindings(of variant: Variant, slices: [Int64: Int64]) async throws -> Bool {
        let rows = try await connection.rows(
            """
            SELECT quality_finding_id, check_name, severity, slice_id, sentence, detail, ingest_run_id
            FROM quality_finding
            WHERE patient_id = \(object.patientID)
                AND (series_id = \(variant.seriesID) OR slice_id IN (
                    SELECT slice_id FROM slice
                    WHERE patient_id = \(object.patientID) AND series_id = \(variant.seriesID)))
            """)
        try await FindingWriter(connection: connection, context: context).remove(
            rows.map { try $0.get("quality_finding_id", as: Int64.self) })
        var isNamed = true
        for row in rows {
            let check: String = try row.get("check_name")
            if check == Self.unnamedCheck {
                isNamed = false
                continue
            }
            let finding = try Finding(moved: row, check: check, to: subject(of: row, variant, slices))
            // It stays a finding of the run that found it.
            _ = try await FindingWriter(connection: connection, runID: row.get("ingest_run_id")).write([finding])
        }
        return isNamed
    }

    private func subject(of row: Row, _ variant: Variant, _ slices: [Int64: Int64]) throws -> Finding.Subject {
        let sliceID: Int64? = try row.get("slice_id")
        guard let newID = sliceID.flatMap({ slices[$0] }) else {
            return .series(patientID: home.patientID, seriesID: variant.newID)
        }
        return .slice(patientID: home.patientID, seriesID: variant.newID, sliceID: newID)
    }

    // MARK: Rows

    private func moveSeries(_ variant: Variant, first: Variant) async throws {
        let conflict: Int64? = variant.number == 0 ? nil : first.newID
        // The run that puts it here has its marks placed and its labels made.
        try await connection.execute(
            """
            UPDATE series SET patient_id = \(home.patientID), study_id = \(home.studyID),
                series_id = \(variant.newID), conflict_of = \(conflict), ingest_run_id = \(context.runID)
            WHERE patient_id = \(object.patientID) AND series_id = \(variant.seriesID)
            """)
        for table in Self.seriesTables {
            try await connection.execute(
                """
                UPDATE \(identifier: table) SET patient_id = \(home.patientID), series_id = \(variant.newID)
                WHERE patient_id = \(object.patientID) AND series_id = \(variant.seriesID)
                """)
        }
    }

    private func moveSlices(_ slices: [Int64: Int64], of variant: Variant) async throws {
        let ordered = slices.sorted { $0.key < $1.key }
        let series: SQL = "series_id = \(variant.newID), "
        for start in stride(from: 0, to: ordered.count, by: 500) {
            var renamed: SQL = ""
            for (index, ids) in ordered[start..<min(start + 500, ordered.count)].enumerated() {
                renamed.append(index == 0 ? "" : ", ")
                renamed.append("(\(ids.key), \(ids.value))")
            }
            for table in ["slice", "header_slice_value"] { try await move(table, renamed, also: series) }
            for table in Self.sliceTables { try await move(table, renamed, also: "") }
        }
    }

    private func move(_ table: String, _ renamed: SQL, also columns: SQL) async throws {
        try await connection.execute(
            """
            WITH renamed (old_id, new_id) AS (VALUES \(sql: renamed))
            UPDATE \(identifier: table)
            SET patient_id = \(home.patientID), \(sql: columns)slice_id = renamed.new_id
            FROM renamed
            WHERE \(identifier: table).patient_id = \(object.patientID)
                AND \(identifier: table).slice_id = renamed.old_id
            """)
    }
}

extension Finding {
    /// A stored finding, about what its series or slice is now.
    fileprivate init(moved row: Row, check: String, to subject: Subject) throws {
        let severity: String = try row.get("severity")
        self.init(
            check: check, severity: Severity(rawValue: severity) ?? .warning, subject: subject,
            sentence: try row.get("sentence"), detail: try JSONValue(parsing: row.get("detail", as: String.self)))
    }
}
