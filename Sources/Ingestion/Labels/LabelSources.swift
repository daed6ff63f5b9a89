package import Catalogue
package import SQLInterface
package import Warehouse

/// Takes files of labels or marks out of force by the word of a person, and back; nothing that they say is deleted.
///
/// **Throws** `badOption` where there is nothing to do.
package struct LabelSources: Sendable {
    private let warehouse: Warehouse
    private let observer: any IngestObserver
    private let clock: @Sendable () -> SQLTimestamp

    /// - Parameter observer: hears what is told twice or not understood now.
    package init(warehouse: Warehouse, observer: any IngestObserver, clock: @escaping @Sendable () -> SQLTimestamp) {
        self.warehouse = warehouse
        self.observer = observer
        self.clock = clock
    }

    /// A file that labels or marks were read from.
    package struct Source: Sendable {
        package let id: Int64
        package let name: String
        /// As `name@version`.
        package let dataset: String
        package let isActive: Bool
        let datasetID: Int64
        /// Of a mask; there may be no row yet that says that it is a source.
        var maskSeriesID: Int64?
    }

    /// Who says so, and why.
    package struct Word: Sendable {
        let author: String
        let reason: String

        package init(author: String, reason: String) {
            self.author = author
            self.reason = reason
        }
    }

    /// Files by name or id, masks by the id of their series.
    ///
    /// Labels of headers and corrections by hand are no files, and not found.
    package func find(_ name: String, in dataset: DatasetChoice?) async throws -> [Source] {
        let id = Int64(name) ?? -1
        return try await warehouse.withConnection { connection in
            if let dataset { try await dataset.check(on: connection) }
            let files = try await connection.rows(
                """
                SELECT label_source.label_source_id, label_source.name, label_source.dataset_id,
                    CASE WHEN label_source.is_active THEN 1 ELSE 0 END AS is_active, dataset.name AS dataset_name,
                    dataset.version, label_source.kind
                FROM label_source INNER JOIN dataset ON dataset.dataset_id = label_source.dataset_id
                WHERE (label_source.name = \(name) OR label_source.label_source_id = \(id)
                        OR label_source.kind = 'manual' AND label_source.name = \(MaskSources.name(of: id)))
                    AND label_source.sha256 IS NOT NULL AND \(sql: dataset?.condition ?? "1 = 1")
                ORDER BY label_source.label_source_id
                """
            ).map(Source.init(row:))
            guard files.isEmpty else { return files }
            let mask = try await MaskSources(connection: connection).find(name, in: dataset?.condition ?? "1 = 1")
            return try mask.map { [try Source(mask: $0)] } ?? []
        }
    }

    /// Its labels and marks count no more. Corrections of its labels hold for the other files of the table from now on.
    package func retire(_ source: Source, by word: Word) async throws {
        try await change(source) { connection, source in
            guard try await standing(source, on: connection) == nil else {
                throw Self.hasNoEffect(source, "it is retired already")
            }
            let earlier = try await connection.rows(
                "SELECT count(*) FROM label_source_retirement WHERE label_source_id = \(source.id)")
            try await connection.execute(
                """
                INSERT INTO label_source_retirement (label_source_id, ordinal, author, reason, retired_at)
                VALUES (\(source.id), \(try earlier[0].get(at: 0, as: Int.self)), \(word.author), \(word.reason),
                    \(clock()))
                """)
        }
    }

    /// Its labels and marks count again, where some file still holds them. Returns whether they do.
    package func restore(_ source: Source, by word: Word) async throws -> Bool {
        try await change(source) { connection, source in
            guard let ordinal = try await standing(source, on: connection) else {
                throw Self.hasNoEffect(source, "it is not retired")
            }
            try await connection.execute(
                """
                UPDATE label_source_retirement SET restore_author = \(word.author), restore_reason = \(word.reason),
                    restored_at = \(clock())
                WHERE label_source_id = \(source.id) AND ordinal = \(ordinal)
                """)
        }
        return try await find(String(source.id), in: nil).contains(where: \.isActive)
    }

    // MARK: Steps

    /// One transaction; what is odd about the labels that count now is looked for behind it.
    private func change(
        _ source: Source, _ body: (any WarehouseConnection, Source) async throws -> Void
    ) async throws {
        try await warehouse.withConnection(.write) { connection in
            let checks = try await CrossChecks(afterRunsOf: warehouse, observer: observer, on: connection)
            try await connection.transaction {
                try await connection.claimWaiting(key: source.id)
                let masks = MaskSources(connection: connection)
                if let seriesID = source.maskSeriesID {
                    try await body(connection, source.registered(as: try await masks.register(seriesID)))
                    try await masks.refresh(seriesID)
                    return
                }
                try await body(connection, source)
                try await SourceForce(connection: connection).refresh(source.name, datasetID: source.datasetID)
                let transfer = CorrectionTransfer(connection: connection, runID: checks.runID)
                for id in try await inForce(source, on: connection) { _ = try await transfer.transfer(to: id) }
                _ = try await MarkCorrectionTransfer(connection: connection, runID: checks.runID).tellAbsent(
                    ofTable: source.name, datasetID: source.datasetID)
            }
            try await checks.refreshLabels(on: connection)
        }
    }

    private func standing(_ source: Source, on connection: any WarehouseConnection) async throws -> Int? {
        try await connection.rows(
            """
            SELECT ordinal FROM label_source_retirement
            WHERE label_source_id = \(source.id) AND restored_at IS NULL
            """
        ).first?.get("ordinal")
    }

    /// The files of the same table that count.
    private func inForce(_ source: Source, on connection: any WarehouseConnection) async throws -> [Int64] {
        try await connection.rows(
            """
            SELECT label_source_id FROM label_source
            WHERE dataset_id = \(source.datasetID) AND name = \(source.name) AND is_active AND sha256 IS NOT NULL
            ORDER BY label_source_id
            """
        ).map { try $0.get("label_source_id") }
    }

    private static func hasNoEffect(_ source: Source, _ reason: String) -> IngestionError {
        IngestionError(
            code: .badOption, subject: "\(source.name) (\(source.id))",
            reason: "\(reason); slicehouse domains sources says which files of labels count")
    }
}

extension LabelSources.Source {
    fileprivate init(row: Row) throws {
        id = try row.get("label_source_id")
        name = try row.get("name")
        dataset = DatasetChoice.reference(name: try row.get("dataset_name"), version: try row.get("version"))
        isActive = try row.get("is_active", as: Int.self) == 1
        datasetID = try row.get("dataset_id")
        maskSeriesID = try row.get("kind", as: String.self) == "manual" ? MaskSources.series(named: name) : nil
    }

    fileprivate init(mask row: Row) throws {
        let seriesID: Int64 = try row.get("series_id")
        id = seriesID
        name = MaskSources.name(of: seriesID)
        dataset = DatasetChoice.reference(name: try row.get("dataset_name"), version: try row.get("version"))
        isActive = true
        datasetID = try row.get("dataset_id")
        maskSeriesID = seriesID
    }

    fileprivate func registered(as id: Int64) -> Self {
        Self(id: id, name: name, dataset: dataset, isActive: isActive, datasetID: datasetID)
    }
}
