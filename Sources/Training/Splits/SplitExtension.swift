package import Warehouse

/// Gives later patients their folds. Nobody moves.
package struct SplitExtension: Sendable {
    package struct Report: Sendable {
        package let split: StoredSplit
        /// Units that are new.
        package let newUnitCount: Int
        /// Patients who got a fold, those who joined a unit that had one included.
        package let newPatientCount: Int
        /// Patients whose identity is in several folds already, so that no fold is right for them.
        package let contestedCount: Int
        /// Patients that the method says nothing of.
        package let leftCount: Int
        /// Where they went, in the order of the folds.
        package let folds: [(name: String, unitCount: Int, patientCount: Int)]
        /// Strata that were counted together, since each was too small, with their units; in order of name.
        package let merged: [StratumMerge.Growth]
    }

    private let warehouse: Warehouse

    package init(_ warehouse: Warehouse) { self.warehouse = warehouse }

    package func extend(_ name: String) async throws -> Report {
        try await warehouse.withConnection(.write) { connection in
            try await connection.transaction {
                let split = try await StoredSplit.named(name, on: connection)
                let earlier = try await split.placedUnits(on: connection)
                let identities = try await ConnectedIdentities.read(on: connection)
                let arrivals = Arrivals(
                    patients: try await split.scope.patients(on: connection), earlier: earlier, identities: identities)
                let result = try await FoldPlacement(split: split, connection: connection)
                    .place(arrivals.newUnits, earlier: earlier)
                try await SplitWriter(connection: connection).writeUnits(
                    arrivals.joining + result.placed, of: split, known: Set(earlier.map(\.unit.key)))
                return Self.report(split, arrivals, result)
            }
        }
    }

    private static func report(_ split: StoredSplit, _ arrivals: Arrivals, _ result: FoldPlacement.Result) -> Report {
        let all = arrivals.joining + result.placed
        let folds = split.folds.map { fold in
            (
                name: fold.name, unitCount: result.placed.count { $0.fold == fold.name },
                patientCount: all.filter { $0.fold == fold.name }.reduce(0) { $0 + $1.unit.patients.count }
            )
        }
        return Report(
            split: split, newUnitCount: result.placed.count,
            newPatientCount: all.reduce(0) { $0 + $1.unit.patients.count }, contestedCount: arrivals.contestedCount,
            leftCount: result.left.count, folds: folds, merged: result.newlyMerged)
    }
}

/// Patients who came after a split was made: whom they belong to.
private struct Arrivals {
    /// Identities of which nobody has a fold.
    private(set) var newUnits: [SplitUnit] = []
    /// New patients of units that have theirs.
    private(set) var joining: [PlacedUnit] = []
    private(set) var contestedCount = 0

    init(patients: [Int64], earlier: [PlacedUnit], identities: ConnectedIdentities) {
        let placeOfPatient = Dictionary(
            earlier.flatMap { placed in placed.unit.patients.map { ($0, placed) } },
            uniquingKeysWith: { first, _ in first })
        let placeOfKey = Dictionary(earlier.map { ($0.unit.key, $0) }, uniquingKeysWith: { first, _ in first })
        let new = patients.filter { placeOfPatient[$0] == nil }
        for unit in SplitUnit.units(of: new, identities) {
            var places = identities.members(of: unit.patients[0]).compactMap { placeOfPatient[$0] }
            if places.isEmpty, let place = placeOfKey[unit.key] { places = [place] }
            switch Set(places.map(\.fold)).count {
            case 0: newUnits.append(unit)
            case 1:
                let place = places[0]
                joining.append(
                    PlacedUnit(
                        unit: SplitUnit(key: place.unit.key, patients: unit.patients), fold: place.fold,
                        stratum: place.stratum))
            default: contestedCount += unit.patients.count
            }
        }
    }
}
