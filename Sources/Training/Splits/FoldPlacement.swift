internal import SQLInterface
internal import Warehouse

/// Gives units their folds by the method of a split; units that have theirs are counted and stay.
struct FoldPlacement: Sendable {
    struct Result: Sendable {
        var placed: [PlacedUnit] = []
        /// Patients that the method says nothing of: the publishers, or the table of rows, do not have them.
        var left: [Int64] = []
        /// How strata were merged, those of newcomers included; `nil` without strata.
        var merge: StratumMerge?
        /// Strata of this placement that were merged, in order of name.
        var newlyMerged: [StratumMerge.Growth] = []
        /// Connected identities that the publishers have in several folds; each patient is a unit there.
        var tornCount = 0
    }

    let split: StoredSplit
    let connection: any WarehouseConnection

    /// - Parameter earlier: Units that have their fold.
    func place(_ units: [SplitUnit], earlier: [PlacedUnit] = []) async throws -> Result {
        switch split.method {
        case .hash: return hashed(units)
        case .balanced(let domain): return try await balanced(units, stratifiedBy: domain, earlier: earlier)
        case .official(let source, let groups): return try await official(units, source: source, groups: groups)
        case .firstRows(let count, let source): return try await firstRows(units, count: count, source: source)
        }
    }

    private func hashed(_ units: [SplitUnit]) -> Result {
        let folds = HashFolds(shares: split.shares)
        return Result(
            placed: units.map { unit in
                let index = folds.fold(of: UnitHash(seed: split.seed, unitKey: unit.key))
                return PlacedUnit(unit: unit, fold: split.folds[index].name)
            })
    }

    private func balanced(
        _ units: [SplitUnit], stratifiedBy domain: String?, earlier: [PlacedUnit]
    ) async throws -> Result {
        var raw: [SplitUnit: String] = [:]
        var countsBefore: [String: Int] = [:]
        if let domain {
            let reader = try await StratumReader(domain, on: connection)
            for unit in units { raw[unit] = reader.stratum(of: unit) }
            for placed in earlier { countsBefore[reader.stratum(of: placed.unit), default: 0] += 1 }
        }
        let counts = Dictionary(raw.values.map { ($0, 1) }, uniquingKeysWith: +)
        let merge = merge(counts, earlier: earlier, isStratified: domain != nil)
        let strata = units.map { unit in raw[unit].map { merge?.stratum($0) ?? $0 } }
        var folds = BalancedFolds(shares: split.shares, isExtending: !earlier.isEmpty)
        for unit in earlier {
            guard let index = split.folds.firstIndex(where: { $0.name == unit.fold }) else { continue }
            folds.count(stratum: unit.stratum.map { merge?.stratum($0) ?? $0 } ?? "", fold: index)
        }
        let ranked = zip(units, strata).map { unit, stratum in
            (unit: unit, stratum: stratum, hash: UnitHash(seed: split.seed, unitKey: unit.key))
        }.sorted { left, right in
            let (one, other) = (left.stratum ?? "", right.stratum ?? "")
            return one == other ? left.hash < right.hash : String.precedesBytewise(one, other)
        }
        var result = Result(merge: merge)
        result.newlyMerged = counts.filter { merge?.stratum($0.key) == StratumMerge.mergedName }
            .map { name, count in
                StratumMerge.Growth(name: name, newCount: count, count: count + (countsBefore[name] ?? 0))
            }.sorted { $0.name < $1.name }
        for entry in ranked {
            let index = folds.place(stratum: entry.stratum ?? "")
            result.placed.append(
                PlacedUnit(unit: entry.unit, fold: split.folds[index].name, stratum: entry.stratum))
        }
        return result
    }

    /// How strata are put together: when a split is made by their units, later by those of old and new together.
    private func merge(_ counts: [String: Int], earlier: [PlacedUnit], isStratified: Bool) -> StratumMerge? {
        guard isStratified else { return nil }
        guard let merge = split.merge else { return StratumMerge(counts: counts, shares: split.shares) }
        let placed = Dictionary(earlier.compactMap(\.stratum).map { ($0, 1) }, uniquingKeysWith: +)
        return merge.extended(placed: placed, arriving: counts)
    }

    // MARK: Folds that others gave

    private func official(
        _ units: [SplitUnit], source: String, groups: [SplitMethod.Group]
    ) async throws -> Result {
        let id = ContentKey("split", .text(source)).id()
        let rows = try await connection.rows("SELECT patient_id, fold FROM split_assignment WHERE split_id = \(id)")
        let foldOfPart = Dictionary(
            groups.flatMap { group in group.parts.map { ($0, group.fold) } }, uniquingKeysWith: { first, _ in first })
        var published: [Int64: String] = [:]
        for row in rows {
            published[try row.get(at: 0)] = foldOfPart[try row.get(at: 1)]
        }
        return given(units) { published[$0] }
    }

    private func firstRows(_ units: [SplitUnit], count: Int, source: String) async throws -> Result {
        let rows = try await RowOrder(source: source, datasets: split.scope.datasets).firstRows(on: connection)
        // A unit is where its first row is, so that no patient is in two folds.
        var result = Result()
        for unit in units {
            guard let row = unit.patients.compactMap({ rows[$0] }).min() else {
                result.left += unit.patients
                continue
            }
            result.placed.append(PlacedUnit(unit: unit, fold: split.folds[row <= count ? 0 : 1].name))
        }
        return result
    }

    private func given(_ units: [SplitUnit], fold: (Int64) -> String?) -> Result {
        var result = Result()
        for unit in units {
            let known = unit.patients.filter { fold($0) != nil }
            result.left += unit.patients.filter { fold($0) == nil }
            let folds = Set(known.compactMap(fold))
            if folds.count > 1 { result.tornCount += 1 }
            let parts =
                folds.count > 1
                ? SplitUnit(key: unit.key, patients: known).single
                : known.isEmpty ? [] : [SplitUnit(key: unit.key, patients: known)]
            result.placed += parts.compactMap { part in
                fold(part.patients[0]).map { PlacedUnit(unit: part, fold: $0) }
            }
        }
        return result
    }
}
