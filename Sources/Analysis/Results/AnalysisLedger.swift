internal import CanonicalJSON
internal import Catalogue
package import SQLInterface
package import Warehouse

/// The rows of `analysis_run`, `singular_value` and `analysis_level`.
package struct AnalysisLedger: Sendable {
    private let warehouse: Warehouse
    private let clock: @Sendable () -> SQLTimestamp
    private let version: String

    package init(_ warehouse: Warehouse, version: String, clock: @escaping @Sendable () -> SQLTimestamp) {
        self.warehouse = warehouse
        self.version = version
        self.clock = clock
    }

    /// A run that has begun.
    package struct Entry: Sendable {
        package let runID: Int64
        let patientID: Int64
    }

    /// The completed run over the same slices with the same recipe, if there is one.
    func completedRun(of series: AnalysedSeries, recipe: RecipeIdentity) async throws -> Int64? {
        let rows = try await warehouse.withConnection { connection in
            try await connection.rows(
                """
                SELECT analysis_run.analysis_run_id FROM analysis_run
                JOIN recipe ON recipe.recipe_id = analysis_run.recipe_id
                WHERE analysis_run.patient_id = \(series.patientID) AND analysis_run.series_id = \(series.seriesID)
                    AND analysis_run.status = 'completed' AND analysis_run.input_digest = \(series.inputDigest)
                    AND recipe.sha256 = \(FileDigest.sha256(Array(recipe.canonicalJSON.utf8)))
                ORDER BY analysis_run.analysis_run_id DESC LIMIT 1
                """)
        }
        return try rows.first?.get("analysis_run_id")
    }

    /// Enters a run as running. Runs of the same series that a dead process left are marked abandoned.
    func begin(_ series: AnalysedSeries, kind: String, recipe: RecipeIdentity) async throws -> Entry {
        try await warehouse.withConnection(.write) { connection in
            try await connection.transaction {
                try await abandonStale(series, on: connection)
                let recipeID = try await register(recipe, on: connection)
                let rows = try await connection.rows(
                    """
                    INSERT INTO analysis_run (patient_id, series_id, series_revision, kind, recipe_id, input_digest,
                        slicehouse_version, started_at, status)
                    VALUES (\(series.patientID), \(series.seriesID), \(series.revision), \(kind), \(recipeID),
                        \(series.inputDigest), \(version), \(clock()), 'running')
                    RETURNING analysis_run_id
                    """)
                return Entry(runID: try rows[0].get("analysis_run_id"), patientID: series.patientID)
            }
        }
    }

    /// The writer's lock is ours on SQLite; on PostgreSQL no run of one series takes a day.
    private func abandonStale(_ series: AnalysedSeries, on connection: any WarehouseConnection) async throws {
        let deadline = SQLTimestamp(microseconds: clock().microseconds - 86_400_000_000)
        let condition: SQL = connection.engine == .sqlite ? "1 = 1" : "started_at < \(deadline)"
        try await connection.execute(
            """
            UPDATE analysis_run SET status = 'abandoned', finished_at = \(clock())
            WHERE patient_id = \(series.patientID) AND series_id = \(series.seriesID) AND status = 'running'
                AND \(sql: condition)
            """)
    }

    private func register(_ recipe: RecipeIdentity, on connection: any WarehouseConnection) async throws -> Int64 {
        let digest = FileDigest.sha256(Array(recipe.canonicalJSON.utf8))
        let id = ContentKey("recipe", .bytes(digest)).id()
        try await connection.execute(
            """
            INSERT INTO recipe (recipe_id, kind, canonical_json, sha256, created_at)
            VALUES (\(id), 'derive', \(recipe.canonicalJSON), \(digest), \(clock())) ON CONFLICT DO NOTHING
            """)
        let rows = try await connection.rows("SELECT recipe_id FROM recipe WHERE sha256 = \(digest)")
        guard let row = rows.first else {
            throw AnalysisError(.damaged, "recipe \(recipe.sha256.prefix(12))", "its id is taken by another recipe")
        }
        return try row.get("recipe_id")
    }

    /// Completes a run with its values and levels, in one transaction.
    func complete(
        _ entry: Entry, values: [Double], levels: [LevelResult], result: JSONValue,
        output: (level: Int, seriesID: Int64)?
    ) async throws {
        try await warehouse.withConnection(.write) { connection in
            try await connection.transaction {
                try await connection.load(
                    table: "singular_value",
                    columns: ["patient_id", "analysis_run_id", "value_index", "singular_value"],
                    rows: values.enumerated().map { index, value in
                        [.integer(entry.patientID), .integer(entry.runID), .integer(Int64(index)), .real(value)]
                    })
                try await connection.load(
                    table: "analysis_level", columns: Self.levelColumns,
                    rows: levels.enumerated().map { index, level in
                        [.integer(entry.patientID), .integer(entry.runID), .integer(Int64(index))]
                            + level.row + [SQLValue(output.flatMap { $0.level == index ? $0.seriesID : nil })]
                    })
                try await connection.execute(
                    """
                    UPDATE analysis_run SET status = 'completed', finished_at = \(clock()), result = \(result.text)
                    WHERE patient_id = \(entry.patientID) AND analysis_run_id = \(entry.runID)
                    """)
            }
        }
    }

    /// Ends a run that did not complete; works in a cancelled task.
    func end(_ entry: Entry, status: String) async {
        await Task {
            _ = try? await warehouse.withConnection(.write) { connection in
                try await connection.execute(
                    """
                    UPDATE analysis_run SET status = \(status), finished_at = \(clock())
                    WHERE patient_id = \(entry.patientID) AND analysis_run_id = \(entry.runID)
                    """)
            }
        }.value
    }

    private static let levelColumns = [
        "patient_id", "analysis_run_id", "level_index", "dropped_fraction", "kept_count", "kept_energy", "rmse",
        "psnr_db",
        "ssim", "noise_before", "noise_after", "output_series_id",
    ]
}

extension LevelResult {
    fileprivate var row: [SQLValue] {
        [
            SQLValue(droppedFraction), .integer(Int64(keptCount)), .real(energy), .real(rmse), SQLValue(psnr),
            SQLValue(ssim), .real(noiseBefore), .real(noiseAfter),
        ]
    }
}
