internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
package import Warehouse

/// Ingests the files of a series that was derived inside the warehouse, and links it to its source.
package struct DerivedIngest: Sendable {
    private let warehouse: Warehouse
    private let ingest: Ingest

    /// - Parameter ingest: into the same warehouse.
    package init(_ ingest: Ingest, into warehouse: Warehouse) {
        self.ingest = ingest
        self.warehouse = warehouse
    }

    /// Returns the id of the series; files that are stored already change nothing.
    ///
    /// **Throws** as ``Ingest/run(_:settings:)``, and `unreadable` where the files did not become that series.
    package func run(
        _ folder: String, seriesInstanceUID: String, derivation: Derivation, workers: Int
    ) async throws -> Int64 {
        var options = IngestOptions(paths: [folder])
        options.derivations = [seriesInstanceUID: derivation]
        options.keepIdentifiers = try await keepsNames(derivation)
        let settings = try options.resolve(coreCount: workers)
        _ = try await ingest.run(folder, settings: settings)
        let rows = try await warehouse.withConnection { connection in
            try await connection.rows(
                """
                SELECT series_id FROM series WHERE series_instance_uid = \(seriesInstanceUID)
                    AND derived_from = \(derivation.source.seriesID) ORDER BY variant DESC
                """)
        }
        guard let row = rows.first else {
            throw IngestionError(
                code: .unreadable, subject: folder,
                reason: "the derived files did not become a series; see slicehouse status --rejected")
        }
        return try row.get("series_id")
    }

    /// As the run that stored the source: a clinical data set holds pseudonyms or identifiers, never both.
    private func keepsNames(_ derivation: Derivation) async throws -> Bool {
        guard derivation.patientKeyKind == .clinical else { return true }
        let rows = try await warehouse.withConnection { connection in
            try await connection.rows(
                """
                SELECT ingest_run.options FROM series
                JOIN ingest_run ON ingest_run.ingest_run_id = series.ingest_run_id
                WHERE series.series_id = \(derivation.source.seriesID)
                """)
        }
        guard let options: String = try rows.first?.get("options") else { return false }
        return try JSONValue(parsing: options)["keep_identifiers"] == .boolean(true)
    }
}
