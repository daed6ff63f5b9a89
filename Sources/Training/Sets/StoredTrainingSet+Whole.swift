internal import SQLInterface
package import Warehouse

extension StoredTrainingSet {
    /// Finds a set as ``find(_:on:)`` does, whose samples will be read.
    ///
    /// **Throws** `notFound`; `incomplete` unless it has as many samples as were frozen.
    package static func whole(
        _ reference: String, on connection: any WarehouseConnection
    ) async throws -> StoredTrainingSet {
        let set = try await find(reference, on: connection)
        let rows = try await connection.rows(
            "SELECT count(*) FROM training_sample WHERE training_set_id = \(set.id)")
        let stored: Int = try rows[0].get(at: 0)
        guard stored == set.sampleCount else {
            throw set.incomplete("it was frozen with \(set.sampleCount) samples, and the warehouse has \(stored)")
        }
        return set
    }

    func incomplete(_ what: String) -> TrainingError {
        TrainingError(
            .incomplete, reference,
            "the set is not whole any more: \(what); see slicehouse training-set check \(reference), and create a new "
                + "version")
    }
}
