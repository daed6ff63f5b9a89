internal import CanonicalJSON
internal import Glibc
internal import SQLInterface
internal import Warehouse

/// The row of `ingest_run`: begun before anything is written, ended with counts that add up.
struct RunLedger: Sendable {
    let warehouse: Warehouse
    let clock: @Sendable () -> SQLTimestamp
    let version: String

    /// Begins a run; runs whose process is gone are marked abandoned first.
    ///
    /// - Parameter place: what stands for the root in the run's options.
    func begin(_ settings: IngestSettings, place: String) async throws -> Begun {
        try await warehouse.withConnection(.write) { connection in
            try await connection.transaction {
                let isAfterFailure = try await lastRunFailed(at: place, on: connection)
                try await abandonStale(on: connection)
                let rows = try await connection.rows(
                    """
                    INSERT INTO ingest_run (started_at, heartbeat_at, status, slicehouse_version, options, process_id)
                    VALUES (\(clock()), \(clock()), 'running', \(version), \(settings.json(place: place)), \(Int(getpid())))
                    RETURNING ingest_run_id
                    """)
                return Begun(runID: try rows[0].get("ingest_run_id"), isAfterFailure: isAfterFailure)
            }
        }
    }

    struct Begun: Sendable {
        let runID: Int64
        /// The run before this one over the same folder did not come to its end, so its last steps are still due.
        let isAfterFailure: Bool
    }

    private func lastRunFailed(at place: String, on connection: any WarehouseConnection) async throws -> Bool {
        let rows = try await connection.rows(
            "SELECT status, options FROM ingest_run ORDER BY ingest_run_id DESC LIMIT 1000")
        let last = try rows.first { row in
            try JSONValue(parsing: try row.get("options"))["place"]?.string == place
        }
        return try last.map { try $0.get("status", as: String.self) != "completed" } ?? false
    }

    /// A run that says it runs and gives no sign of life for ten minutes, or whose process is gone, is dead.
    ///
    /// On SQLite the writer lock is ours, so every other running run is dead.
    private func abandonStale(on connection: any WarehouseConnection) async throws {
        let deadline = SQLTimestamp(microseconds: clock().microseconds - 600_000_000)
        let condition: SQL = connection.engine == .sqlite ? "1 = 1" : "heartbeat_at < \(deadline)"
        try await connection.execute(
            """
            UPDATE ingest_run SET status = 'abandoned', finished_at = \(clock())
            WHERE status = 'running' AND \(sql: condition)
            """)
    }

    func end(_ runID: Int64, status: String, summary: IngestSummary) async throws {
        try await warehouse.withConnection(.write) { connection in
            try await connection.setSynchronousCommit(true)
            try await connection.transaction {
                try await connection.execute(
                    """
                    UPDATE ingest_run SET status = \(status), finished_at = \(clock()), heartbeat_at = \(clock()),
                        seen_count = \(summary.seen), stored_count = \(summary.stored),
                        known_count = \(summary.known), label_source_count = \(summary.labelSource),
                        ignored_count = \(summary.ignored), rejected_count = \(summary.rejected),
                        slice_count = \(summary.slicesStored)
                    WHERE ingest_run_id = \(runID)
                    """)
            }
        }
    }
}

extension IngestSettings {
    /// The settings as they are stored with the run.
    func json(place: String) -> String {
        let value: JSONValue = [
            "dataset": datasetName.map(JSONValue.string) ?? .null,
            "adapter": adapterName.map(JSONValue.string) ?? .null, "workers": .integer(workers),
            "rehash": .boolean(rehash), "replay_rejected": .boolean(replayRejected),
            "keep_identifiers": .boolean(keepIdentifiers),
            "masks_for": masks.map { .string($0.series) } ?? .null, "place": .string(place), "codec": "blosc-lz4-5",
        ]
        return value.text
    }
}
