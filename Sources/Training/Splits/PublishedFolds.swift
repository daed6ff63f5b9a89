internal import CanonicalJSON
internal import Catalogue
internal import SQLInterface
internal import Warehouse

/// The split that ingest stored from the folds of a publisher.
struct PublishedFolds: Sendable {
    let name: String
    let folds: [String]

    /// The one of the data sets.
    ///
    /// **Throws** `notFound` where there is none, `badOption` where there are several.
    static func find(datasets: [String], on connection: any WarehouseConnection) async throws -> PublishedFolds {
        let rows = try await connection.rows("SELECT split_id, name, parameters FROM split WHERE method = 'official'")
        let published = try rows.compactMap { row -> (id: Int64, name: String)? in
            // Copies name the split that they were made from, not the data set.
            let parameters = try JSONValue(parsing: row.get("parameters"))
            guard let dataset = parameters["dataset"]?.string else { return nil }
            let version = parameters["version"]?.string ?? ""
            guard DatasetChoice(datasets).contains(name: dataset, version: version) else { return nil }
            return (try row.get("split_id"), try row.get("name"))
        }
        guard let first = published.first else {
            throw TrainingError(
                .notFound, "--official", "no publisher gave these data sets folds; LUNA16 is one that has them")
        }
        guard published.count == 1 else {
            throw TrainingError(
                .badOption, "--official",
                "several data sets have folds (\(published.map(\.name).joined(separator: ", "))); name one by --dataset"
            )
        }
        let folds = try await StoredSplit.folds(of: first.id, on: connection)
        return PublishedFolds(name: first.name, folds: folds.map(\.name))
    }

    /// Groups as named, or each fold as it is; in order of name, as they are stored.
    ///
    /// **Throws** `badOption` for a fold that was not published.
    func groups(_ named: [SplitMethod.Group]) throws(TrainingError) -> [SplitMethod.Group] {
        if let unknown = named.flatMap(\.parts).first(where: { !folds.contains($0) }) {
            throw TrainingError(
                .badOption, "--folds", "\(name) has no fold \(unknown); it has \(folds.joined(separator: ", "))")
        }
        let all = named.isEmpty ? folds.map { SplitMethod.Group(fold: $0, parts: [$0]) } : named
        return all.sorted { $0.fold < $1.fold }
    }
}
