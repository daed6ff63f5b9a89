internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Writes a split and its units; rows of others are never changed.
struct SplitWriter: Sendable {
    let connection: any WarehouseConnection

    func writeSplit(_ split: StoredSplit, stratifyDomainID: Int64?, at time: SQLTimestamp) async throws {
        try await connection.execute(
            """
            INSERT INTO split (split_id, name, method, seed, stratify_domain_id, query, parameters, created_at)
            VALUES (\(split.id), \(split.name), \(split.method.name), \(split.seed), \(stratifyDomainID),
                \(split.scope.query?.text), \(split.parameters.text), \(time))
            """)
        try await connection.load(
            table: "split_fold", columns: ["split_id", "fold", "fold_index", "share"],
            rows: split.folds.enumerated().map { index, fold in
                [.integer(split.id), .text(fold.name), .integer(Int64(index)), SQLValue(fold.share)]
            })
    }

    /// - Parameter known: Keys of units that have their row already.
    func writeUnits(_ units: [PlacedUnit], of split: StoredSplit, known: Set<String> = []) async throws {
        try await connection.load(
            table: "split_unit", columns: ["split_id", "unit_key", "fold", "stratum"],
            rows: units.filter { !known.contains($0.unit.key) }.map { placed in
                [.integer(split.id), .text(placed.unit.key), .text(placed.fold), SQLValue(placed.stratum)]
            })
        try await connection.load(
            table: "split_assignment", columns: ["patient_id", "split_id", "unit_key", "fold"],
            rows: units.flatMap { placed in
                placed.unit.patients.map { patient in
                    [.integer(patient), .integer(split.id), .text(placed.unit.key), .text(placed.fold)]
                }
            })
    }
}
