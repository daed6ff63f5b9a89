internal import Datasets
internal import SQLInterface
internal import Warehouse

/// A file of labels or marks whose very content is stored: what of it is still to be read.
struct StoredTable: Sendable {
    let connection: any WarehouseConnection
    let sourceID: Int64
    let sha256: [UInt8]
    /// Of the file in its place; it may be new.
    let sourceFileID: Int64

    /// - Parameters:
    ///   - assertions: what a table of labels says, as its vocabulary and source read it now.
    ///   - replaysRows: rows that stand rejected are read again.
    func rest(_ assertions: LabelAssertions?, replaysRows: Bool) async throws -> LabelRest {
        let isBack = try await isBack()
        // What another version was rejected for says nothing of this one. Where this one comes back, what was rejected
        // of it ended with the other, so that all that ever was is tried; what of these rows is stored is left out.
        let rejected = try await isBack ? rowsEverRejected() : rowsStandingRejected()
        let domains = assertions?.domainNames(outside: rejected) ?? []
        let missing = domains.subtracting(try await storedDomains(among: domains))
        // A table of which anything is read has all its rejections closed, so that these rows are read with it.
        let isRead = isBack || replaysRows || !missing.isEmpty
        return LabelRest(rows: isRead ? rejected : [], domains: missing, isBack: isBack)
    }

    private func isBack() async throws -> Bool {
        let rows = try await connection.rows(
            "SELECT sha256, outcome FROM source_file WHERE source_file_id = \(sourceFileID)")
        guard let row = rows.first else { return false }
        switch try row.get("outcome", as: String.self) {
        case SourceOutcome.labelSource.name, SourceOutcome.known.name:
            return try row.get("sha256", as: [UInt8]?.self) != sha256
        case SourceOutcome.rejected(code: "").name: return true
        default: return false
        }
    }

    // MARK: Rows

    /// Of the files that hold this version.
    private func rowsStandingRejected() async throws -> Set<Int> {
        try await rows(
            """
            SELECT DISTINCT rejection.row_number
            FROM label_source
            JOIN source_file ON source_file.sha256 = label_source.sha256
                AND source_file.dataset_id = label_source.dataset_id
            JOIN rejection ON rejection.source_file_id = source_file.source_file_id
            WHERE label_source.label_source_id = \(sourceID) AND rejection.row_number IS NOT NULL
                AND rejection.replayed_at IS NULL
            """)
    }

    /// Of this file, whichever version it held.
    private func rowsEverRejected() async throws -> Set<Int> {
        try await rows(
            """
            SELECT DISTINCT row_number FROM rejection
            WHERE source_file_id = \(sourceFileID) AND row_number IS NOT NULL
            """)
    }

    private func rows(_ sql: SQL) async throws -> Set<Int> {
        Set(try await connection.rows(sql).map { try $0.get("row_number", as: Int.self) })
    }

    // MARK: Domains

    /// Domains of which the source has labels, whether or not these have found their images.
    private func storedDomains(among names: Set<String>) async throws -> Set<String> {
        guard !names.isEmpty else { return [] }
        let rows = try await connection.rows(
            """
            SELECT label_domain.name FROM label_domain
            WHERE label_domain.name IN \(list: names.sorted()) AND (
                EXISTS (
                    SELECT 1 FROM label WHERE label.label_domain_id = label_domain.label_domain_id
                        AND label.label_source_id = \(sourceID))
                OR EXISTS (
                    SELECT 1 FROM label_unresolved
                    WHERE label_unresolved.label_domain_id = label_domain.label_domain_id
                        AND label_unresolved.label_source_id = \(sourceID)))
            """)
        return Set(try rows.map { try $0.get("name", as: String.self) })
    }
}
