package import Catalogue
internal import Datasets
internal import Domains
package import SQLInterface
package import Warehouse

/// Replaces single labels by what a person says, with author and reason; what was said before is kept and no longer
/// counts.
package struct LabelCorrections: Sendable {
    private let warehouse: Warehouse
    private let clock: @Sendable () -> SQLTimestamp

    package init(warehouse: Warehouse, clock: @escaping @Sendable () -> SQLTimestamp) {
        self.warehouse = warehouse
        self.clock = clock
    }

    /// Which label is meant; what is `nil` is not asked for.
    package struct Query: Sendable {
        package var domain: String
        package var dataset: DatasetChoice?
        package var labelID: Int64?
        package var patient: String?
        /// Series Instance UID or id.
        package var series: String?
        /// Number of the slice as the source counts; without it and without an image, labels of slices are not meant.
        package var slice: Int?
        package var image: String?
        /// Name or id.
        package var source: String?

        package init(domain: String) { self.domain = domain }
    }

    /// A label that counts, or that a person withdrew.
    package struct Candidate: Sendable {
        package let labelID: Int64
        package let source: String
        package let sourceID: Int64
        /// The file of the source: where it lies, or the run that read it where names are not stored; `nil` for none.
        package let file: String?
        /// As `name@version`.
        package let dataset: String
        package let level: String
        /// UID of the series in which the subject is, else its id; `nil` for labels of patients and studies.
        package let series: String?
        /// Number of the slice as the source counts.
        package let slice: Int?
        package let rawValue: String
        package let isWithdrawn: Bool
        let patientID: Int64
        let datasetID: Int64
        let subject: LabelSubject
    }

    /// What takes the place of a label.
    package struct Correction: Sendable {
        /// As a source would write it; `nil` withdraws the label.
        package let rawValue: String?
        package let author: String
        package let reason: String

        package init(rawValue: String?, author: String, reason: String) {
            self.rawValue = rawValue
            self.author = author
            self.reason = reason
        }
    }

    // MARK: Finding

    /// No more labels than these are looked for: nobody chooses among them.
    package static let limit = 100

    /// The labels that fit, by source; ``limit`` where there may be more. Withdrawn ones are meant where none that counts
    /// fits, and for a label that was corrected what stands in its place now.
    package func candidates(_ query: Query) async throws -> [Candidate] {
        try await warehouse.withConnection { connection in
            let found = try await standing(query, on: connection)
            return found.isEmpty ? try await successors(query, on: connection) : found
        }
    }

    /// How many labels that fit wait for their images; there is nothing yet that could be corrected.
    package func waitingCount(_ query: Query) async throws -> Int {
        // Its id is that of a label, and a label that waits is none yet.
        guard query.labelID == nil else { return 0 }
        return try await warehouse.withConnection { connection in
            try await connection.rows(Self.waiting(query))[0].get("label_count")
        }
    }

    private static func waiting(_ query: Query) -> SQL {
        var sql: SQL = """
            SELECT count(*) AS label_count FROM label_unresolved
            INNER JOIN label_domain ON label_domain.label_domain_id = label_unresolved.label_domain_id
            INNER JOIN label_source ON label_source.label_source_id = label_unresolved.label_source_id
            WHERE label_domain.name = \(query.domain) AND label_source.is_active
            """
        if let dataset = query.dataset {
            sql.append(
                " AND label_unresolved.dataset_id IN (SELECT dataset_id FROM dataset WHERE \(sql: dataset.condition))")
        }
        if let source = query.source {
            sql.append(
                " AND (label_source.name = \(source) OR label_source.label_source_id = \(Int64(source) ?? -1))")
        }
        if let image = query.image {
            // A row that names an image may name no patient.
            sql.append(" AND label_unresolved.sop_instance_uid = \(image)")
            return sql
        }
        if let patient = query.patient { sql.append(" AND label_unresolved.patient_key = \(patient)") }
        if let series = query.series { sql.append(" AND label_unresolved.series_key = \(series)") }
        if let number = query.slice { sql.append(" AND label_unresolved.instance_number = \(number)") }
        if query.slice == nil { sql.append(" AND label_unresolved.level <> 'slice'") }
        return sql
    }

    private func standing(_ query: Query, on connection: any WarehouseConnection) async throws -> [Candidate] {
        var wanted = sql(query, from: "label_current")
        wanted.append(" LIMIT \(raw: String(Self.limit))")
        let current = try await connection.rows(wanted)
        if !current.isEmpty { return try current.map { try Candidate(row: $0, isWithdrawn: false) } }
        return try await corrected(query, isWithdrawn: true, on: connection)
    }

    /// What stands in the place of corrected labels that fit; one correction may stand for several.
    private func successors(_ query: Query, on connection: any WarehouseConnection) async throws -> [Candidate] {
        var found: [Candidate] = []
        for label in try await corrected(query, isWithdrawn: false, on: connection) {
            let last = try await last(after: label, domain: query.domain, on: connection)
            for successor in try await standing(last, on: connection)
            where !found.contains(where: { $0.labelID == successor.labelID && $0.sourceID == successor.sourceID }) {
                found.append(successor)
            }
        }
        return found
    }

    /// The end of a chain of corrections.
    private func last(
        after label: Candidate, domain: String, on connection: any WarehouseConnection
    ) async throws -> Query {
        var (sourceID, labelID) = (label.sourceID, label.labelID)
        while let next = try await connection.rows(
            """
            SELECT replacement_label_source_id, replacement_label_id FROM label_correction
            WHERE patient_id = \(label.patientID) AND label_source_id = \(sourceID) AND label_id = \(labelID)
            AND replacement_label_id IS NOT NULL
            """
        ).first {
            sourceID = try next.get("replacement_label_source_id")
            labelID = try next.get("replacement_label_id")
        }
        var query = Query(domain: domain)
        (query.labelID, query.source) = (labelID, String(sourceID))
        return query
    }

    /// Labels that were corrected: withdrawn, or replaced by another.
    private func corrected(
        _ query: Query, isWithdrawn: Bool, on connection: any WarehouseConnection
    ) async throws -> [Candidate] {
        let labels: SQL = """
            (\(sql: Self.corrected) AND label_correction.replacement_label_id IS \(sql: isWithdrawn ? "" : "NOT") NULL)
                AS label_current
            """
        return try await connection.rows(sql(query, from: labels)).map {
            try Candidate(row: $0, isWithdrawn: isWithdrawn)
        }
    }

    /// Labels that no longer count, under the columns of `label_current`.
    private static let corrected: SQL = """
        SELECT label.*, label_source.name AS label_source_name, label_source.dataset_id, dataset.name AS dataset_name,
            dataset.version AS dataset_version, label_domain.name AS domain_name
        FROM label_correction
        INNER JOIN label ON label.patient_id = label_correction.patient_id
            AND label.label_source_id = label_correction.label_source_id AND label.label_id = label_correction.label_id
        INNER JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
        INNER JOIN label_source ON label_source.label_source_id = label.label_source_id
        INNER JOIN dataset ON dataset.dataset_id = label_source.dataset_id
        LEFT JOIN annotation AS mark ON mark.patient_id = label.patient_id AND mark.annotation_id = label.annotation_id
        LEFT JOIN label_source AS mark_source ON mark_source.label_source_id = mark.label_source_id
        WHERE label_source.is_active AND (mark_source.label_source_id IS NULL OR mark_source.is_active)
        """

    private func sql(_ query: Query, from labels: SQL) -> SQL {
        var sql: SQL = """
            SELECT DISTINCT label_current.label_id, label_current.label_source_id, label_current.label_source_name,
                label_current.dataset_id, label_current.dataset_name, label_current.dataset_version,
                label_current.patient_id, label_current.level, label_current.series_id,
                label_current.slice_id, label_current.annotation_id, label_current.raw_value,
                COALESCE(series.series_instance_uid, CAST(series.series_id AS text)) AS series_name,
                slice.instance_number,
                CASE WHEN origin.patient_key_kind = 'research' THEN source_file.root || '/' || source_file.relative_path
                    ELSE 'run ' || CAST(source_file.first_ingest_run_id AS text) END AS source_place
            FROM \(sql: labels)
            INNER JOIN label_source AS read_source ON read_source.label_source_id = label_current.label_source_id
            INNER JOIN dataset AS origin ON origin.dataset_id = read_source.dataset_id
            LEFT JOIN source_file ON source_file.source_file_id = read_source.source_file_id
            INNER JOIN patient ON patient.patient_id = label_current.patient_id
            LEFT JOIN slice ON slice.patient_id = label_current.patient_id
                AND slice.slice_id = label_current.slice_id
            LEFT JOIN annotation ON annotation.patient_id = label_current.patient_id
                AND annotation.annotation_id = label_current.annotation_id
            LEFT JOIN series ON series.patient_id = label_current.patient_id
                AND series.series_id = COALESCE(label_current.series_id, slice.series_id, annotation.series_id)
            WHERE label_current.domain_name = \(query.domain)
            """
        if let id = query.labelID { sql.append(" AND label_current.label_id = \(id)") }
        if let dataset = query.dataset {
            sql.append(
                " AND label_current.dataset_id IN (SELECT dataset_id FROM dataset WHERE \(sql: dataset.condition))")
        }
        if let patient = query.patient { sql.append(" AND patient.patient_key = \(patient)") }
        if let source = query.source {
            sql.append(
                """
                 AND (label_current.label_source_name = \(source) OR label_current.label_source_id = \(Int64(source) ?? -1))
                """)
        }
        if let name = query.series {
            sql.append(" AND (series.series_instance_uid = \(name) OR series.series_id = \(Int64(name) ?? -1))")
        }
        if let image = query.image { sql.append(" AND slice.sop_instance_uid = \(image)") }
        if let number = query.slice { sql.append(" AND slice.instance_number = \(number)") }
        if query.labelID == nil, query.image == nil, query.slice == nil {
            sql.append(" AND label_current.level <> 'slice'")
        }
        sql.append(" ORDER BY label_current.label_source_name, label_current.label_id")
        return sql
    }

    // MARK: Correcting

    /// **Throws** `badOption` where the rules of the domain do not understand the new value, and where that is what counts
    /// already.
    package func correct(_ candidate: Candidate, domain name: String, by correction: Correction) async throws {
        try await warehouse.withConnection(.write) { connection in
            try await connection.transaction {
                guard let rawValue = correction.rawValue else {
                    guard !candidate.isWithdrawn else { throw Self.unchanged("--withdraw", "the label is withdrawn") }
                    return try await write(correction, of: candidate, replacement: nil, on: connection)
                }
                let domain = try await domain(named: name, on: connection)
                try check(rawValue, in: name, domain.ruleset, of: candidate)
                let replacement = try await addLabel(
                    rawValue, in: name, domain, like: candidate, on: connection)
                try await write(correction, of: candidate, replacement: replacement, on: connection)
            }
            let checks = try await CrossChecks(
                afterRunsOf: warehouse, observer: SilentObserver(), on: connection)
            try await checks.refreshLabels(on: connection)
        }
    }

    /// One label is corrected once; a withdrawal that is taken back stays in the reason.
    private func write(
        _ correction: Correction, of candidate: Candidate, replacement: (sourceID: Int64, labelID: Int64)?,
        on connection: any WarehouseConnection
    ) async throws {
        let condition: SQL = """
            patient_id = \(candidate.patientID) AND label_source_id = \(candidate.sourceID)
            AND label_id = \(candidate.labelID)
            """
        var reason = correction.reason
        if candidate.isWithdrawn,
            let earlier = try await connection.rows(
                "SELECT author, reason FROM label_correction WHERE \(sql: condition) AND replacement_label_id IS NULL"
            ).first
        {
            let (author, words): (String, String) = (try earlier.get("author"), try earlier.get("reason"))
            reason += " (withdrawn before by \(author): \(words))"
            try await connection.execute("DELETE FROM label_correction WHERE \(sql: condition)")
        }
        try await connection.execute(
            """
            INSERT INTO label_correction (patient_id, label_source_id, label_id, replacement_label_source_id,
                replacement_label_id, author, reason, created_at)
            VALUES (\(candidate.patientID), \(candidate.sourceID), \(candidate.labelID),
                \(replacement?.sourceID), \(replacement?.labelID), \(correction.author), \(reason), \(clock()))
            """)
    }

    private func domain(named name: String, on connection: any WarehouseConnection) async throws -> RegisteredDomain {
        let domains = try await DomainCatalogue(connection: connection).domains(named: [name])
        guard let domain = domains[name] else { throw Self.misunderstood(name, "the domain is not there") }
        return domain
    }

    /// The rules make a value of it, and another one than counts now.
    private func check(_ rawValue: String, in name: String, _ ruleset: Ruleset, of candidate: Candidate) throws {
        var cleaner = Cleaner(ruleset)
        let result = cleaner.clean(rawValue)
        guard result.status == .clean else {
            throw Self.misunderstood(name, result.reason?.sentence ?? "the value says nothing")
        }
        let current = cleaner.clean(candidate.rawValue)
        guard candidate.isWithdrawn || current.values.map(\.content) != result.values.map(\.content) else {
            throw Self.unchanged("--value", "it says what \(candidate.source) says of \(name) already")
        }
    }

    private func addLabel(
        _ rawValue: String, in name: String, _ domain: RegisteredDomain, like candidate: Candidate,
        on connection: any WarehouseConnection
    ) async throws -> (sourceID: Int64, labelID: Int64) {
        let origin = try await origin(like: candidate, on: connection)
        let occurrence = try await connection.rows(
            """
            SELECT count(*) AS earlier FROM label
            WHERE patient_id = \(candidate.patientID) AND label_source_id = \(origin.sourceID)
            AND subject_id = \(candidate.subject.id) AND label_domain_id = \(domain.id)
            AND reader_id = \(origin.readerID)
            """)[0].get("earlier", as: Int.self)
        let label = ResolvedLabel(
            assertion: LabelAssertion(
                key: LabelKey(level: candidate.subject.level), domain: name, rawValue: rawValue, row: nil),
            subject: candidate.subject, occurrence: occurrence)
        let writer = LabelWriter(connection: connection, domains: [name: domain])
        let written = try await writer.write([label], from: origin)
        return (origin.sourceID, written.ids[0])
    }

    /// Corrections of a data set are a source of their own with one reader; who made each is said with it.
    private func origin(
        like candidate: Candidate, on connection: any WarehouseConnection
    ) async throws -> LabelOrigin {
        let natural: [SQLValue] = [.integer(candidate.datasetID), .text("corrections"), .null]
        let sourceID = try await KeyResolver(connection: connection).resolve(natural, in: .labelSource)
        try await connection.claimWaiting(key: sourceID)
        try await connection.execute(
            """
            INSERT INTO label_source (label_source_id, dataset_id, name, kind, is_active)
            VALUES (\(sourceID), \(candidate.datasetID), 'corrections', 'manual', \(true)) ON CONFLICT DO NOTHING
            """)
        let readerID = try await ReaderRegistry(connection: connection).id(
            of: LabelReader(key: "corrections", kind: .human), datasetID: candidate.datasetID)
        let run = try await connection.rows(
            """
            SELECT ingest_run_id FROM label
            WHERE patient_id = \(candidate.patientID) AND label_source_id = \(candidate.sourceID)
            AND label_id = \(candidate.labelID)
            """)
        return LabelOrigin(
            datasetID: candidate.datasetID, sourceID: sourceID, readerID: readerID, sourceFileID: nil,
            runID: try run[0].get("ingest_run_id"))
    }

    private static func misunderstood(_ domain: String, _ reason: String) -> IngestionError {
        IngestionError(
            code: .badOption, subject: "--value",
            reason: "the rules of \(domain) make no value of it (\(reason)); see slicehouse domains \(domain)")
    }

    private static func unchanged(_ option: String, _ reason: String) -> IngestionError {
        IngestionError(code: .badOption, subject: option, reason: "\(reason), so there is nothing to change")
    }
}

extension LabelCorrections.Candidate {
    fileprivate init(row: Row, isWithdrawn: Bool) throws {
        labelID = try row.get("label_id")
        source = try row.get("label_source_name")
        sourceID = try row.get("label_source_id")
        file = try row.get("source_place", as: String?.self)
        dataset = DatasetChoice.reference(
            name: try row.get("dataset_name"), version: try row.get("dataset_version"))
        level = try row.get("level")
        series = try row.get("series_name")
        slice = try row.get("instance_number")
        rawValue = try row.get("raw_value")
        self.isWithdrawn = isWithdrawn
        patientID = try row.get("patient_id")
        datasetID = try row.get("dataset_id")
        subject = LabelSubject(
            level: LabelLevel(rawValue: level) ?? .patient, patientID: patientID, seriesID: try row.get("series_id"),
            sliceID: try row.get("slice_id"), annotationID: try row.get("annotation_id"))
    }
}
