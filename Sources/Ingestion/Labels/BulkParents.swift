internal import SQLInterface
internal import Warehouse

/// Foreign keys of a large table in SQLite, checked once for each parent and not for each of millions of rows.
///
/// All rows of one table name the same data set, source, reader, file and run, and a few domains; their subjects were
/// read in the same transaction, which is the only one that writes. So the rows are written with the checks off.
struct BulkParents: Sendable {
    let connection: any WarehouseConnection

    /// Runs a transaction without checks by row; the body calls `check`.
    func transactionWithoutRowChecks<R>(_ body: () async throws -> R) async throws -> R {
        // SQLite takes no notice of this inside a transaction.
        try await connection.executeScript("PRAGMA foreign_keys = OFF", name: "PRAGMA")
        do {
            let result = try await connection.transaction { try await body() }
            try await connection.executeScript("PRAGMA foreign_keys = ON", name: "PRAGMA")
            return result
        } catch {
            try? await connection.executeScript("PRAGMA foreign_keys = ON", name: "PRAGMA")
            throw error
        }
    }

    /// **Throws** `foreignKeyViolation` where a parent is not there.
    func check(_ origin: LabelOrigin, domains: [String: RegisteredDomain]) async throws {
        for (table, id) in [
            ("dataset", origin.datasetID), ("label_source", origin.sourceID), ("reader", origin.readerID),
            ("ingest_run", origin.runID),
        ] + (origin.sourceFileID.map { [("source_file", $0)] } ?? []) {
            try await require([id], in: table)
        }
        try await require(domains.values.map(\.id), in: "label_domain")
        try await require(domains.values.map(\.rulesetID), in: "label_ruleset")
        for table in ["label_source", "reader", "label_term", "label_ruleset", "label_domain", "quality_finding"] {
            let orphans = try await connection.rows("PRAGMA foreign_key_check(\(identifier: table))")
            guard orphans.isEmpty else { throw violation(table) }
        }
    }

    private func require(_ ids: [Int64], in table: String) async throws {
        let found = try await connection.rows(
            """
            SELECT count(*) AS found FROM \(identifier: table)
            WHERE \(identifier: table + "_id") IN \(list: Array(Set(ids)))
            """)[0].get("found", as: Int.self)
        guard found == Set(ids).count else { throw violation(table) }
    }

    private func violation(_ table: String) -> IngestionError {
        IngestionError(
            code: .inputOutput, subject: table, reason: "a row that labels refer to is missing; please report this")
    }
}
