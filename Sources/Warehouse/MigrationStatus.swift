package import SQLInterface

/// A row of the ledger `schema_migration`.
package struct AppliedMigration: Sendable, Hashable {
    package let version: Int
    package let name: String
    package let sha256: String
    package let appliedAt: SQLTimestamp
}

/// The ledger of a database beside the files of the program.
package struct MigrationStatus: Sendable {
    package let applied: [AppliedMigration]
    package let pending: [MigrationFile]
    /// Whether the views are not those of the program.
    package let viewsArePending: Bool

    package var isCurrent: Bool { pending.isEmpty && !viewsArePending }

    /// Compares; the first disagreement is thrown.
    ///
    /// **Throws** `schemaNewer`, `migrationMissing`, `migrationChanged`, `migrationOutOfOrder`.
    init(applied: [AppliedMigration], files: [MigrationFile], viewsArePending: Bool) throws(WarehouseError) {
        let newest = files.last?.version ?? 0
        if let last = applied.last, last.version > newest {
            throw WarehouseError(
                code: .schemaNewer, subject: MigrationFile.fileName(version: last.version, name: last.name),
                reason: "a newer slicehouse made this database (version \(last.version), this program knows "
                    + "\(newest)); install that version")
        }
        let filesByVersion = Dictionary(files.map { ($0.version, $0) }) { first, _ in first }
        for row in applied {
            guard let file = filesByVersion[row.version] else {
                throw WarehouseError(
                    code: .migrationMissing, subject: MigrationFile.fileName(version: row.version, name: row.name),
                    reason: "the migration was applied to this database but its file is gone; restore it")
            }
            guard file.name == row.name, file.sha256 == row.sha256 else {
                throw WarehouseError(
                    code: .migrationChanged, subject: file.fileName,
                    reason: "the file was edited or renamed after it was applied to this database; restore it and "
                        + "write a new migration")
            }
        }
        let versions = Set(applied.map(\.version))
        pending = files.filter { !versions.contains($0.version) }
        if let first = pending.first, let last = applied.last, first.version < last.version {
            throw WarehouseError(
                code: .migrationOutOfOrder, subject: first.fileName,
                reason: "it is older than migration \(last.version), which was applied already; give it the next free "
                    + "number")
        }
        self.applied = applied
        self.viewsArePending = viewsArePending
    }

    /// **Throws** `notInitialised`, `schemaOutdated` unless the database is at the program's version.
    func requireCurrent(location: WarehouseLocation, includingViews: Bool) throws(WarehouseError) {
        if applied.isEmpty {
            throw WarehouseError(
                code: .notInitialised, subject: location.description,
                reason: "there is no warehouse in this database; run slicehouse migrate or slicehouse ingest to make it"
            )
        }
        guard pending.isEmpty && !(includingViews && viewsArePending) else {
            throw WarehouseError(
                code: .schemaOutdated, subject: location.description,
                reason: "an older slicehouse made this database; run slicehouse migrate")
        }
    }
}
