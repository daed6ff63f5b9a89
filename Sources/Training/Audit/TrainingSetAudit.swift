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
                let frozen = try await FrozenRows.read(set, in: warehouse, on: connection)
                try await check(frozen, of: set, identities, on: connection, into: &found)
                guard let definition = set.definition else { return }
                let today = try await Self.assemble(definition, on: connection)
                var comparison = TargetComparison(
                    frozen, with: today.samples, isOfMarks: definition.target.marks != nil)
                if comparison.hasGone, let samples = definition.frozenSamples(ofSet: set.id) {
                    comparison.frozenToday = FrozenTargetsToday(
                        try await Self.assemble(samples, keepsTargetless: true, on: connection))
                }
                comparison.contents = try await FrozenContents(
                    set: set, definition: definition, connection: connection
                ).read(comparison.changed)
                report(comparison, into: &found)
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
        _ frozen: FrozenRows, of set: StoredTrainingSet, _ identities: ConnectedIdentities,
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

    private func report(_ comparison: TargetComparison, into found: inout Found) {
        found.add(
            "targets", .error, comparison.changed.count,
            "samples whose labels or marks now give another target, or none; freeze a new version")
        found.add(
            "series_grew", .info, comparison.grownCount,
            "samples whose series got slices that they would have today; they are as they were frozen, and a new "
                + "version would have those slices")
        found.add(
            "earlier_marks", .info, comparison.earlierCount,
            "samples whose targets name marks beside their crop, as earlier versions did; their masks are right, but "
                + "class weights and plan may count those marks, and a new version would not")
        found.add(
            "would_join", .info, comparison.joinerCount,
            "samples that its query would choose today; a new version would have them")
        found.add(
            "would_leave", .info, comparison.leaverCount,
            "samples that its query would no longer choose; a new version would lack them")
    }

    // MARK: What there is today

    /// **Throws** ``QueryFailure`` where the set is to blame, and not the database or the machine.
    private static func assemble(
        _ definition: TrainingSetDefinition, keepsTargetless: Bool = false, on connection: any WarehouseConnection
    ) async throws -> TrainingSetAssembly.Result {
        let assembly = TrainingSetAssembly(
            definition: definition, connection: connection, keepsTargetless: keepsTargetless)
        do {
            return try await assembly.run()
        } catch  where isOfTheSet(error) {
            throw QueryFailure(reason: (error as? TrainingError)?.reason ?? "\(error)")
        }
    }

    private static func isOfTheSet(_ error: any Error) -> Bool {
        guard let failure = error as? any DatabaseFailure else { return !(error is CancellationError) }
        return switch failure.kind {
        case .undefinedName, .syntax, .invalidData, .permission, .misuse, .other: true
        default: false
        }
    }

    // MARK: Leakage

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
