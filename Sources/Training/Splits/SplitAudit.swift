internal import SQLInterface
package import Warehouse

/// Looks whether splits still keep what they promise.
package struct SplitAudit: Sendable {
    private let warehouse: Warehouse

    package init(_ warehouse: Warehouse) { self.warehouse = warehouse }

    /// What is wrong, or worth knowing, of one split or of all.
    package func run(_ name: String?) async throws -> [AuditFinding] {
        try await warehouse.withConnection { connection in
            let condition: SQL = name.map { "name = \($0)" } ?? "1 = 1"
            if let name { _ = try await Self.exists(name, on: connection) }
            let identities = try await ConnectedIdentities.read(on: connection)
            var findings: [AuditFinding] = []
            for row in try await connection.rows("SELECT name FROM split WHERE \(sql: condition) ORDER BY name") {
                findings += try await audit(try row.get(at: 0), identities, on: connection)
            }
            return findings
        }
    }

    /// **Throws** `notFound`, with the nearest name.
    private static func exists(_ name: String, on connection: any WarehouseConnection) async throws {
        let rows = try await connection.rows("SELECT 1 FROM split WHERE name = \(name)")
        if rows.isEmpty { _ = try await StoredSplit.named(name, on: connection) }
    }

    private func audit(
        _ name: String, _ identities: ConnectedIdentities, on connection: any WarehouseConnection
    ) async throws -> [AuditFinding] {
        let rows = try await connection.rows(
            """
            SELECT split_assignment.patient_id, split_assignment.fold FROM split_assignment
            JOIN split ON split.split_id = split_assignment.split_id WHERE split.name = \(name)
            """)
        let folds = Dictionary(
            try rows.map { (try $0.get(at: 0, as: Int64.self), try $0.get(at: 1, as: String.self)) },
            uniquingKeysWith: { first, _ in first })
        let torn = identities.components.count { members in Set(members.compactMap { folds[$0] }).count > 1 }
        var findings: [AuditFinding] = []
        if torn > 0 {
            findings.append(
                AuditFinding(
                    subject: name, check: "identity_in_one_fold", severity: .error, count: torn,
                    sentence: "identities (aliases, shared pictures) in several folds; make a new split"))
        }
        // The splits that ingest stored have no scope and no method of ours.
        if let split = try await StoredSplit.find(name, on: connection) {
            findings += try await audit(split, identities, folds: folds, on: connection)
        }
        return findings
    }

    private func audit(
        _ split: StoredSplit, _ identities: ConnectedIdentities, folds: [Int64: String],
        on connection: any WarehouseConnection
    ) async throws -> [AuditFinding] {
        let waiting = try await split.scope.patients(on: connection).filter { folds[$0] == nil }
        var findings = Self.audit(waiting: waiting, of: split, identities, folds: folds)
        if case .hash = split.method {
            let function = HashFolds(shares: split.shares)
            let moved = try await split.placedUnits(on: connection).count { placed in
                let index = function.fold(of: UnitHash(seed: split.seed, unitKey: placed.unit.key))
                return split.folds[index].name != placed.fold
            }
            if moved > 0 {
                findings.append(
                    AuditFinding(
                        subject: split.name, check: "fold_of_hash", severity: .error, count: moved,
                        sentence: "units in another fold than seed and key give; the rows were changed"))
            }
        }
        return findings
    }

    /// - Parameter waiting: Patients whom the split is about and who have no fold.
    private static func audit(
        waiting: [Int64], of split: StoredSplit, _ identities: ConnectedIdentities, folds: [Int64: String]
    ) -> [AuditFinding] {
        let torn = waiting.count { identities.isTorn($0, folds: folds) }
        var findings: [AuditFinding] = []
        if waiting.count > torn {
            findings.append(
                AuditFinding(
                    subject: split.name, check: "patient_without_fold", severity: .info, count: waiting.count - torn,
                    sentence: split.placesAnybody
                        ? "patients without a fold; slicehouse split extend \(split.name) gives them one"
                        : "patients without a fold: the folds that were given do not have them"))
        }
        if torn > 0 {
            findings.append(
                AuditFinding(
                    subject: split.name, check: "patient_of_torn_identity", severity: .info, count: torn,
                    sentence: "patients without a fold whose identity is in several: split extend gives them none; "
                        + "make a new split"))
        }
        return findings
    }
}
