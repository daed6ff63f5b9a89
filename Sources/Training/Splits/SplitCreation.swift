internal import Catalogue
package import SQLInterface
package import Warehouse

/// Makes a split, or finds that it is there.
package struct SplitCreation: Sendable {
    package struct Report: Sendable {
        package let split: StoredSplit
        /// Whether a split of this name and definition was there before.
        package let isKnown: Bool
        package let unitCount: Int
        package let patientCount: Int
        /// Patients that the method says nothing of.
        package let leftCount: Int
        /// Identities that the publishers have in several folds.
        package let tornCount: Int
    }

    private let warehouse: Warehouse
    private let clock: @Sendable () -> SQLTimestamp

    package init(_ warehouse: Warehouse, clock: @escaping @Sendable () -> SQLTimestamp) {
        self.warehouse = warehouse
        self.clock = clock
    }

    /// **Throws** `exists` where the name stands for something else, `unsuitable` where there is nobody to split.
    package func create(_ request: SplitRequest) async throws -> Report {
        try await warehouse.withConnection(.write) { connection in
            try await connection.transaction {
                let split = try await resolve(request, on: connection)
                if let known = try await known(split, on: connection) { return known }
                return try await make(split, on: connection)
            }
        }
    }

    private func known(_ split: StoredSplit, on connection: any WarehouseConnection) async throws -> Report? {
        let rows = try await connection.rows(
            """
            SELECT (SELECT count(*) FROM split_unit WHERE split_unit.split_id = split.split_id) AS unit_count,
                (SELECT count(*) FROM split_assignment WHERE split_assignment.split_id = split.split_id) AS patient_count
            FROM split WHERE name = \(split.name)
            """)
        guard let counts = rows.first else { return nil }
        guard let stored = try await StoredSplit.find(split.name, on: connection),
            stored.isSameDefinition(as: split)
        else {
            throw TrainingError(
                .exists, split.name, "another split has this name; splits are never changed, so choose another name")
        }
        return Report(
            split: stored, isKnown: true, unitCount: try counts.get("unit_count"),
            patientCount: try counts.get("patient_count"), leftCount: 0, tornCount: 0)
    }

    private func make(_ split: StoredSplit, on connection: any WarehouseConnection) async throws -> Report {
        var split = split
        let patients = try await split.scope.patients(on: connection)
        let units = SplitUnit.units(of: patients, try await ConnectedIdentities.read(on: connection))
        let result = try await FoldPlacement(split: split, connection: connection).place(units)
        guard !result.placed.isEmpty else {
            throw TrainingError(
                .unsuitable, split.name,
                patients.isEmpty
                    ? "there is no patient with images to split; look at --dataset and --query"
                    : "none of the \(patients.count) patients has a fold by this method; look at --dataset")
        }
        split.merge = result.merge
        let writer = SplitWriter(connection: connection)
        try await writer.writeSplit(split, stratifyDomainID: try await domainID(split, connection), at: clock())
        try await writer.writeUnits(result.placed, of: split)
        return Report(
            split: split, isKnown: false, unitCount: result.placed.count,
            patientCount: result.placed.reduce(0) { $0 + $1.unit.patients.count }, leftCount: result.left.count,
            tornCount: result.tornCount)
    }

    private func domainID(_ split: StoredSplit, _ connection: any WarehouseConnection) async throws -> Int64? {
        guard case .balanced(let domain?) = split.method else { return nil }
        return try await connection.rows("SELECT label_domain_id FROM label_domain WHERE name = \(domain)").first?
            .get(at: 0)
    }

    // MARK: What the request means in this warehouse

    private func resolve(_ request: SplitRequest, on connection: any WarehouseConnection) async throws -> StoredSplit {
        try await DatasetChoice(request.scope.datasets).check(on: connection)
        let (method, folds): (SplitMethod, [SplitFold])
        switch request.kind {
        case .shares(let given, let shares): (method, folds) = (given, shares)
        case .firstRows(let count, let source, let two):
            let table = try await RowOrder.choose(source, datasets: request.scope.datasets, on: connection)
            (method, folds) = (.firstRows(count: count, source: table), two)
        case .official(let groups):
            let official = try await PublishedFolds.find(datasets: request.scope.datasets, on: connection)
            let chosen = try official.groups(groups)
            method = .official(split: official.name, groups: chosen)
            folds = (groups.isEmpty ? chosen : groups).map { SplitFold($0.fold) }
        }
        return StoredSplit(name: request.name, method: method, seed: request.seed, scope: request.scope, folds: folds)
    }
}
