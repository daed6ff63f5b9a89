internal import CanonicalJSON
internal import SQLInterface
package import Warehouse

/// A split as it is in the warehouse, or is about to be.
package struct StoredSplit: Sendable {
    package let id: Int64
    package let name: String
    package let method: SplitMethod
    package let seed: Int64
    package let scope: PatientScope
    package let folds: [SplitFold]
    /// `nil` where there are no strata.
    package internal(set) var merge: StratumMerge?

    init(name: String, method: SplitMethod, seed: Int64, scope: PatientScope, folds: [SplitFold]) {
        id = ContentKey("split", .text(name)).id()
        self.name = name
        self.method = method
        self.seed = seed
        self.scope = scope
        self.folds = folds
    }

    /// Whether its method gives anybody a fold, and not only those of whom it was told.
    var placesAnybody: Bool {
        switch method {
        case .hash, .balanced: true
        case .official, .firstRows: false
        }
    }

    var shares: [Double] { folds.map { $0.share ?? 1 / Double(folds.count) } }

    // MARK: Rows

    /// What `split.parameters` holds.
    var parameters: JSONValue {
        var members = definition
        if let merge {
            members["strata"] = [
                "minimum_units": .integer(merge.minimumCount),
                "merged": .array(
                    merge.merged.map { ["stratum": .string($0.name), "units": .integer($0.count)] }),
            ]
        }
        return .object(members)
    }

    /// What was asked for, as opposed to what the data made of it.
    private var definition: [String: JSONValue] {
        method.json.merging(["by": "patient", "datasets": .strings(scope.datasets)]) { own, _ in own }
    }

    /// Whether the other was asked for in the same words.
    func isSameDefinition(as other: StoredSplit) -> Bool {
        method == other.method && seed == other.seed && folds == other.folds && scope == other.scope
    }

    /// The split of this name; `nil` where there is none.
    static func find(_ name: String, on connection: any WarehouseConnection) async throws -> StoredSplit? {
        let rows = try await connection.rows(
            "SELECT split_id, method, seed, query, parameters FROM split WHERE name = \(name)")
        guard let row = rows.first else { return nil }
        let parameters = try JSONValue(parsing: row.get("parameters"))
        guard let method = SplitMethod(name: try row.get("method"), parameters: parameters) else { return nil }
        let query: String? = try row.get("query")
        let datasets = (parameters["datasets"]?.array ?? []).compactMap(\.string)
        var split = StoredSplit(
            name: name, method: method, seed: try row.get("seed"),
            scope: PatientScope(datasets: datasets, query: query.map { UserQuery($0) }),
            folds: try await folds(of: row.get("split_id"), on: connection))
        if let strata = parameters["strata"], let minimum = strata["minimum_units"]?.number {
            split.merge = StratumMerge(
                minimumCount: Int(minimum),
                merged: (strata["merged"]?.array ?? []).compactMap { entry in
                    entry["stratum"]?.string.map {
                        StratumMerge.Stratum(name: $0, count: Int(entry["units"]?.number ?? 0))
                    }
                })
        }
        return split
    }

    /// **Throws** `notFound`, with the nearest name.
    package static func named(_ name: String, on connection: any WarehouseConnection) async throws -> StoredSplit {
        if let split = try await find(name, on: connection) { return split }
        let names = try await connection.rows("SELECT name FROM split ORDER BY name").map {
            try $0.get(at: 0, as: String.self)
        }
        if names.contains(name) {
            throw TrainingError(
                .unsuitable, name, "the split was stored by ingest; copy it with split create --official")
        }
        let advice =
            names.isEmpty
            ? "make one with slicehouse split create"
            : SQLLibrary.nearest(to: name, among: names).map { "did you mean \($0)?" }
                ?? "there are \(names.joined(separator: ", "))"
        throw TrainingError(.notFound, name, "there is no split of this name; \(advice)")
    }

    static func folds(of id: Int64, on connection: any WarehouseConnection) async throws -> [SplitFold] {
        try await connection.rows("SELECT fold, share FROM split_fold WHERE split_id = \(id) ORDER BY fold_index").map {
            SplitFold(try $0.get(at: 0), share: try $0.get(at: 1, as: Double?.self))
        }
    }

    /// Units that have their fold already.
    func placedUnits(on connection: any WarehouseConnection) async throws -> [PlacedUnit] {
        var patients: [String: [Int64]] = [:]
        let assignments = try await connection.rows(
            "SELECT unit_key, patient_id FROM split_assignment WHERE split_id = \(id) ORDER BY patient_id")
        for row in assignments {
            patients[try row.get(at: 0, as: String.self), default: []].append(try row.get(at: 1))
        }
        return try await connection.rows("SELECT unit_key, fold, stratum FROM split_unit WHERE split_id = \(id)").map {
            let key: String = try $0.get(at: 0)
            return PlacedUnit(
                unit: SplitUnit(key: key, patients: patients[key] ?? []), fold: try $0.get(at: 1),
                stratum: try $0.get(at: 2, as: String?.self))
        }
    }
}
