internal import CanonicalJSON
internal import Imaging
internal import PixelCodec
internal import SQLInterface
package import Warehouse

/// Looks whether a training set is still what was frozen, and whether anything leaks.
package struct TrainingSetAudit: Sendable {
    private let warehouse: Warehouse

    package init(_ warehouse: Warehouse) { self.warehouse = warehouse }

    /// Each set is judged by itself: one whose query fails is a finding, and the others are looked at all the same.
    ///
    /// - Parameter reference: `name`, `name@version`, or nil for every version of every set.
    ///
    /// **Throws** `notFound` for a set that was named; failures of the database that no set is to blame for.
    package func run(_ reference: String?) async throws -> [AuditFinding] {
        try await warehouse.withConnection { connection in
            let references = try await Self.references(reference, on: connection)
            let identities = try await ConnectedIdentities.read(on: connection)
            var findings: [AuditFinding] = []
            for name in references { findings += try await audit(name, identities, on: connection) }
            return findings
        }
    }

    private static func references(
        _ name: String?, on connection: any WarehouseConnection
    ) async throws -> [String] {
        if let name { return [try await StoredTrainingSet.find(name, on: connection).reference] }
        return try await connection.rows("SELECT name, version FROM training_set ORDER BY name, version").map {
            "\(try $0.get(at: 0, as: String.self))@\(try $0.get(at: 1, as: Int.self))"
        }
    }

    // MARK: One set

    /// What was found of one set; what counts nothing is no finding.
    private struct Found {
        let subject: String
        private(set) var findings: [AuditFinding] = []

        init(_ subject: String) { self.subject = subject }

        mutating func add(_ check: String, _ severity: AuditFinding.Severity, _ count: Int, _ sentence: String) {
            guard count > 0 else { return }
            findings.append(
                AuditFinding(subject: subject, check: check, severity: severity, count: count, sentence: sentence))
        }
    }

    /// The query of a set, or what it needs, can no longer be used.
    private struct QueryFailure: Error {
        let reason: String
    }

    /// A transaction a set: in PostgreSQL a statement that fails ends the transaction that it is in.
    private func audit(
        _ reference: String, _ identities: ConnectedIdentities, on connection: any WarehouseConnection
    ) async throws -> [AuditFinding] {
        var found = Found(reference)
        do {
            try await connection.transaction(.snapshot) {
                let set = try await StoredTrainingSet.find(reference, on: connection)
                let frozen = try await self.frozen(set, on: connection)
                try await check(frozen, of: set, identities, on: connection, into: &found)
                guard let definition = set.definition else { return }
                var today = try await current(definition, on: connection)
                today.isByPlace = definition.target.marks != nil
                if frozen.hasLeavers(today), let places = definition.frozenPlaces(ofSet: set.id) {
                    today.atFrozenPlaces = try await current(places, on: connection).byPlace
                }
                compare(frozen, with: today, into: &found)
            }
        } catch let failure as QueryFailure {
            found.add(
                "query", .error, 1,
                "its query fails today, so its labels and marks were not compared: \(failure.reason)")
        }
        return found.findings
    }

    /// What the stored rows alone say.
    private func check(
        _ frozen: Frozen, of set: StoredTrainingSet, _ identities: ConnectedIdentities,
        on connection: any WarehouseConnection, into found: inout Found
    ) async throws {
        found.add("invalidated", .error, set.invalidationReason == nil ? 0 : 1, set.invalidationReason ?? "")
        found.add(
            "digest", .error, frozen.digest == set.digest ? 0 : 1,
            "its rows no longer give the digest it was frozen with")
        found.add(
            "samples", .error, set.sampleCount - frozen.sampleCount,
            "samples that are gone from the set; it can no longer be read")
        found.add(
            "slices", .error, frozen.changedLists.count,
            "samples that have other slices than they were frozen with, or fewer")
        found.add("pixels", .error, frozen.changedPixels.count, "samples whose slices changed")
        found.add(
            "identity_in_one_fold", .error, Self.torn(frozen.folds, identities),
            "identities (aliases, shared pictures) in several of its folds: leakage")
        for (other, fold, count) in try await overlaps(set, on: connection) {
            found.add(
                "trained_elsewhere", .info, count, "patients of its fold \(fold) are in the training fold of \(other)")
        }
    }

    private func compare(_ frozen: Frozen, with current: Current, into found: inout Found) {
        let now = current.targets
        let changed = now.count { key, digests in frozen.targets[key].map { !digests.contains($0) } ?? false }
        let earlier = now.count { key, digests in
            frozen.targets[key].map { $0 != digests.first && digests.contains($0) } ?? false
        }
        found.add(
            "targets", .error, changed + frozen.changedLeavers(current),
            "samples whose labels or marks now give another target; freeze a new version")
        found.add(
            "series_grew", .info, frozen.grown(current.pixels),
            "samples whose series got slices that they would have today; they are as they were frozen, and a new "
                + "version would have those slices")
        found.add(
            "earlier_marks", .info, earlier,
            "samples whose targets name marks beside their crop, as earlier versions did; their masks are right, but "
                + "class weights and plan may count those marks, and a new version would not")
        found.add(
            "would_join", .info, frozen.joiners(current).count,
            "samples that its query would choose today; a new version would have them")
        found.add(
            "would_leave", .info, frozen.leavers(current).count,
            "samples that its query would no longer choose; a new version would lack them")
    }

    // MARK: What was frozen, and what there is

    private struct Frozen {
        var digest: [UInt8] = []
        var sampleCount = 0
        /// Target digest by sample key.
        var targets: [String: [UInt8]] = [:]
        /// Fold by patient.
        var folds: [Int64: Set<String>] = [:]
        /// Number and pixel digest by sample key.
        var pixels: [String: (number: Int, digest: [UInt8])] = [:]
        /// ``TrainingSetDigest/Line/place`` by sample key.
        var places: [String: String] = [:]
        /// Numbers of the samples whose slices changed.
        var changedPixels: Set<Int> = []
        /// Numbers of the samples that have other rows of `training_sample_slice`, or fewer.
        var changedLists: Set<Int> = []

        /// Samples whose slices are what they were, but would be others if they were chosen today.
        func grown(_ now: [String: [UInt8]]) -> Int {
            let changed = changedPixels.union(changedLists)
            return now.count { key, digest in
                pixels[key].map { $0.digest != digest && !changed.contains($0.number) } ?? false
            }
        }

        // MARK: Samples that come and go

        /// Keys that the query chose then and not today.
        private func gone(_ current: Current) -> [String] {
            targets.keys.filter { current.targets[$0] == nil }
        }

        func hasLeavers(_ current: Current) -> Bool { !gone(current).isEmpty }

        private func new(_ current: Current) -> [String] { current.targets.keys.filter { targets[$0] == nil } }

        /// Without those that another annotation at their place replaces.
        func leavers(_ current: Current) -> [String] {
            guard current.isByPlace else { return gone(current) }
            let taken = Set(new(current).compactMap { current.places[$0] })
            return gone(current).filter { !taken.contains(places[$0] ?? "") }
        }

        /// Without those that replace one at their place.
        func joiners(_ current: Current) -> [String] {
            guard current.isByPlace else { return new(current) }
            let held = Set(gone(current).compactMap { places[$0] })
            return new(current).filter { !held.contains(current.places[$0] ?? "") }
        }

        /// How many that the query does not choose today would teach otherwise; those that would have other slices,
        /// since their series grew, are not compared.
        func changedLeavers(_ current: Current) -> Int {
            gone(current).count { key in
                guard let place = places[key], let today = current.atFrozenPlaces[place],
                    let target = targets[key], today.pixels == pixels[key]?.digest
                else { return false }
                return !today.digests.contains(target)
            }
        }
    }

    /// What a sample would teach today.
    private struct Target {
        let pixels: [UInt8]
        let digests: [[UInt8]]
    }

    /// What its query gives today, by sample key.
    private struct Current {
        /// The target digest of today, then the one that earlier versions would have frozen, if it may differ.
        var targets: [String: [[UInt8]]] = [:]
        var pixels: [String: [UInt8]] = [:]
        /// ``TrainingSetDigest/Line/place`` by sample key.
        var places: [String: String] = [:]
        /// A sample is the same where only its annotation has another id.
        var isByPlace = false
        /// Of frozen samples, by place, whether the query chooses them or not; empty where it chooses all.
        var atFrozenPlaces: [String: Target] = [:]

        var byPlace: [String: Target] {
            let own = places.map { key, place in
                (place, Target(pixels: pixels[key] ?? [], digests: targets[key] ?? []))
            }
            return Dictionary(own, uniquingKeysWith: { first, _ in first })
        }
    }

    private func frozen(_ set: StoredTrainingSet, on connection: any WarehouseConnection) async throws -> Frozen {
        var digest = TrainingSetDigest(
            query: set.query.text, parameters: set.parameters, recipe: set.recipeDigest,
            classWeights: set.classWeights, samplingPlan: set.samplingPlan)
        var frozen = Frozen()
        try await connection.stream(
            """
            SELECT fold, patient_id, series_id, slice_id, annotation_id, centre_column, centre_row, centre_slice,
                pixel_digest, target_digest, weight, sample_number
            FROM training_sample WHERE training_set_id = \(set.id) ORDER BY sample_number
            """, batchRows: 4_096
        ) { rows in
            for row in rows {
                let line = TrainingSetDigest.Line(
                    fold: try row.get(at: 0), patientID: try row.get(at: 1), seriesID: try row.get(at: 2),
                    sliceID: try row.get(at: 3), annotationID: try row.get(at: 4),
                    centre: (try row.get(at: 5), try row.get(at: 6), try row.get(at: 7)),
                    pixelDigest: try row.get(at: 8), targetDigest: try row.get(at: 9), weight: try row.get(at: 10))
                digest.add(line)
                frozen.sampleCount += 1
                frozen.targets[line.key] = line.targetDigest ?? []
                frozen.places[line.key] = line.place
                frozen.folds[line.patientID, default: []].insert(line.fold)
                frozen.pixels[line.key] = (number: try row.get(at: 11), digest: line.pixelDigest)
            }
        }
        frozen.digest = digest.finish()
        frozen.changedPixels = try await changedPixels(set, on: connection)
        if let form = SampleForm(json: set.parameters["sample"] ?? .null), form.hasSeveralSlices {
            frozen.changedLists = try await changedLists(set, frozen.pixels.values, on: connection)
        }
        return frozen
    }

    /// **Throws** ``QueryFailure`` where the set is to blame, and not the database or the machine.
    private func current(
        _ definition: TrainingSetDefinition, on connection: any WarehouseConnection
    ) async throws -> Current {
        let result: TrainingSetAssembly.Result
        do {
            result = try await TrainingSetAssembly(definition: definition, connection: connection).run()
        } catch  where Self.isOfTheSet(error) {
            throw QueryFailure(reason: (error as? TrainingError)?.reason ?? "\(error)")
        }
        var current = Current()
        for sample in result.samples {
            let line = sample.digestLine
            guard current.targets[line.key] == nil else { continue }
            current.pixels[line.key] = line.pixelDigest
            current.places[line.key] = line.place
            let earlier = sample.target?.earlierDigest.map { [$0] } ?? []
            current.targets[line.key] = [sample.target?.digest ?? []] + earlier
        }
        return current
    }

    private static func isOfTheSet(_ error: any Error) -> Bool {
        guard let failure = error as? any DatabaseFailure else { return !(error is CancellationError) }
        return switch failure.kind {
        case .undefinedName, .syntax, .invalidData, .permission, .misuse, .other: true
        default: false
        }
    }

    private func changedPixels(
        _ set: StoredTrainingSet, on connection: any WarehouseConnection
    ) async throws -> Set<Int> {
        let check = try warehouse.sqlLibrary.query(named: "training_sample_unchanged", engine: warehouse.engine)
        // A row without a number says that samples are gone, which is counted by itself.
        let rows = try await connection.rows(try check.sql()).filter { row in
            try row.get("training_set_id", as: Int64.self) == set.id
        }
        return Set(try rows.compactMap { try $0.get("sample_number", as: Int?.self) })
    }

    private func changedLists(
        _ set: StoredTrainingSet, _ pixels: some Sequence<(number: Int, digest: [UInt8])>,
        on connection: any WarehouseConnection
    ) async throws -> Set<Int> {
        var lists = SliceListDigests()
        try await connection.stream(
            """
            SELECT sample_number, pixel_digest FROM training_sample_slice
            WHERE training_set_id = \(set.id) ORDER BY sample_number, slice_ordinal
            """, batchRows: 4_096
        ) { rows in
            for row in rows { lists.add(try row.get(at: 1), of: try row.get(at: 0)) }
        }
        lists.finish()
        return Set(pixels.filter { lists[Int64($0.number)] != $0.digest }.map { $0.number })
    }

    private static func torn(_ folds: [Int64: Set<String>], _ identities: ConnectedIdentities) -> Int {
        identities.components.count { members in
            Set(members.flatMap { folds[$0] ?? [] }).count > 1
        }
    }

    /// Sets of other splits that train on patients whom this one validates or tests on.
    private func overlaps(
        _ set: StoredTrainingSet, on connection: any WarehouseConnection
    ) async throws -> [(set: String, fold: String, count: Int)] {
        let check = try warehouse.sqlLibrary.query(named: "trained_and_tested", engine: warehouse.engine)
        return try await connection.rows(try check.sql()).filter {
            try $0.get("tested_set", as: String.self) == set.reference
        }.map { (try $0.get("trained_set"), try $0.get("tested_fold"), try $0.get("patient_count")) }
    }
}
