internal import SQLInterface
internal import Warehouse

/// Why patients have no fold: they came later, the split is not about them, or those who gave the folds left them out.
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
        var reasons: [SampleCandidate.Refusal: Int] = [:]
        for (patient, count) in samples {
            let reason: SampleCandidate.Refusal =
                !scope.contains(patient) ? .outsideSplit : split.placesAnybody ? .noFold : .foldNotGiven
            reasons[reason, default: 0] += count
        }
        return reasons
    }
}
