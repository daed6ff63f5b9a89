internal import CanonicalJSON
internal import SQLInterface
package import Warehouse

/// Looks whether a training set is still what was frozen, and whether anything leaks.
package struct TrainingSetAudit: Sendable {
    private let warehouse: Warehouse

    package init(_ warehouse: Warehouse) { self.warehouse = warehouse }

    /// - Parameter reference: `name`, `name@version`, or nil for every version of every set.
    package func run(_ reference: String?) async throws -> [AuditFinding] {
        try await warehouse.withConnection { connection in
            try await connection.transaction(.snapshot) {
                var references: [String] = []
                if let reference {
                    references = [reference]
                } else {
                    let rows = try await connection.rows(
                        "SELECT name, version FROM training_set ORDER BY name, version")
                    references = try rows.map {
                        "\(try $0.get(at: 0, as: String.self))@\(try $0.get(at: 1, as: Int.self))"
                    }
                }
                let identities = try await ConnectedIdentities.read(on: connection)
                var findings: [AuditFinding] = []
                for name in references {
                    let set = try await StoredTrainingSet.find(name, on: connection)
                    findings += try await audit(set, identities, on: connection)
                }
                return findings
            }
        }
    }

    private func audit(
        _ set: StoredTrainingSet, _ identities: ConnectedIdentities, on connection: any WarehouseConnection
    ) async throws -> [AuditFinding] {
        var findings: [AuditFinding] = []
        func add(_ check: String, _ severity: AuditFinding.Severity, _ count: Int, _ sentence: String) {
            guard count > 0 else { return }
            findings.append(
                AuditFinding(subject: set.reference, check: check, severity: severity, count: count, sentence: sentence)
            )
        }
        add("invalidated", .error, set.invalidationReason == nil ? 0 : 1, set.invalidationReason ?? "")
        let frozen = try await frozen(set, on: connection)
        add(
            "digest", .error, frozen.digest == set.digest ? 0 : 1,
            "its rows no longer give the digest it was frozen with")
        add("pixels", .error, try await changedPixels(set, on: connection), "samples whose slices changed or are gone")
        add(
            "identity_in_one_fold", .error, Self.torn(frozen.folds, identities),
            "identities (aliases, shared pictures) in several of its folds: leakage")
        if let definition = set.definition {
            let now = try await current(definition, on: connection)
            let changed = now.count { key, digests in frozen.targets[key].map { !digests.contains($0) } ?? false }
            let earlier = now.count { key, digests in
                frozen.targets[key].map { $0 != digests.first && digests.contains($0) } ?? false
            }
            add(
                "targets", .error, changed,
                "samples whose labels or marks now give another target; freeze a new version")
            add(
                "earlier_marks", .info, earlier,
                "samples whose targets name marks beside their crop, as earlier versions did; their masks are right, but "
                    + "class weights and plan may count those marks, and a new version would not")
            add(
                "would_join", .info, now.count { frozen.targets[$0.key] == nil },
                "samples that its query would choose today; a new version would have them")
            add(
                "would_leave", .info, frozen.targets.count { now[$0.key] == nil },
                "samples that its query would no longer choose; a new version would lack them")
        }
        for (other, fold, count) in try await overlaps(set, on: connection) {
            add("trained_elsewhere", .info, count, "patients of its fold \(fold) are in the training fold of \(other)")
        }
        return findings
    }

    // MARK: What was frozen, and what there is

    private struct Frozen {
        var digest: [UInt8] = []
        /// Target digest by sample key.
        var targets: [String: [UInt8]] = [:]
        /// Fold by patient.
        var folds: [Int64: Set<String>] = [:]
    }

    private func frozen(_ set: StoredTrainingSet, on connection: any WarehouseConnection) async throws -> Frozen {
        var digest = TrainingSetDigest(
            query: set.query.text, parameters: set.parameters, recipe: set.recipeDigest,
            classWeights: set.classWeights, samplingPlan: set.samplingPlan)
        var frozen = Frozen()
        try await connection.stream(
            """
            SELECT fold, patient_id, series_id, slice_id, annotation_id, centre_column, centre_row, centre_slice,
                pixel_digest, target_digest, weight
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
                frozen.targets[line.key] = line.targetDigest ?? []
                frozen.folds[line.patientID, default: []].insert(line.fold)
            }
        }
        frozen.digest = digest.finish()
        return frozen
    }

    /// By sample key the target digest of today, then the one that earlier versions would have frozen, if it may differ.
    private func current(
        _ definition: TrainingSetDefinition, on connection: any WarehouseConnection
    ) async throws -> [String: [[UInt8]]] {
        let result = try await TrainingSetAssembly(definition: definition, connection: connection).run()
        let digests = result.samples.map { sample -> (String, [[UInt8]]) in
            let earlier = sample.target?.earlierDigest.map { [$0] } ?? []
            return (sample.digestLine.key, [sample.target?.digest ?? []] + earlier)
        }
        return Dictionary(digests, uniquingKeysWith: { first, _ in first })
    }

    private func changedPixels(_ set: StoredTrainingSet, on connection: any WarehouseConnection) async throws -> Int {
        let check = try warehouse.sqlLibrary.query(named: "training_sample_unchanged", engine: warehouse.engine)
        return try await connection.rows(try check.sql()).count { row in
            try row.get("training_set_id", as: Int64.self) == set.id
        }
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
