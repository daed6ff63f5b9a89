internal import SQLInterface
internal import Warehouse

/// Why patients have no fold: they came later, joined people of several folds, the split is not about them, or those
/// who gave the folds left them out.
struct UnplacedPatients {
    let splitID: Int64
    let connection: any WarehouseConnection

    /// - Parameter samples: How many of each patient would have been samples.
    func reasons(_ samples: [Int64: Int]) async throws -> [SampleCandidate.Refusal: Int] {
        guard !samples.isEmpty else { return [:] }
        let name = try await connection.rows("SELECT name FROM split WHERE split_id = \(splitID)").first?
            .get(at: 0, as: String.self)
        // What ingest stored of a publisher has no scope: it is what it is.
        guard let name, let split = try await StoredSplit.find(name, on: connection) else {
            return [.foldNotGiven: samples.values.reduce(0, +)]
        }
        let scope = Set(try await split.scope.patients(on: connection))
        let identities = try await ConnectedIdentities.read(on: connection)
        let folds = try await folds()
        var reasons: [SampleCandidate.Refusal: Int] = [:]
        for (patient, count) in samples {
            let reason: SampleCandidate.Refusal =
                if !scope.contains(patient) {
                    .outsideSplit
                } else if identities.isTorn(patient, folds: folds) {
                    .tornIdentity
                } else {
                    split.placesAnybody ? .noFold : .foldNotGiven
                }
            reasons[reason, default: 0] += count
        }
        return reasons
    }

    /// By patient.
    private func folds() async throws -> [Int64: String] {
        let rows = try await connection.rows(
            "SELECT patient_id, fold FROM split_assignment WHERE split_id = \(splitID)")
        return Dictionary(
            try rows.map { (try $0.get(at: 0, as: Int64.self), try $0.get(at: 1, as: String.self)) },
            uniquingKeysWith: { first, _ in first })
    }
}
