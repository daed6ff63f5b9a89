internal import Catalogue
internal import SQLInterface
internal import Warehouse

/// Makes a filter of marks unambiguous: one thing that is marked, and one voice on it.
struct MarkResolution {
    let splitID: Int64
    /// Whose marks are looked at.
    let datasets: DatasetChoice

    /// What is marked must be named where there are several things. Where readers and their consensus are stored, the
    /// consensus counts unless readers are named.
    ///
    /// **Throws** `notFound` where nothing is marked, `badOption` where several things are.
    func resolve(
        _ target: TargetForm, on connection: any WarehouseConnection
    ) async throws -> TargetForm {
        guard var filter = target.marks else { return target }
        let rows = try await connection.rows(statement(target, filter))
        let targets = Set(try rows.map { try $0.get(at: 0, as: String.self) }).sorted()
        guard !targets.isEmpty else {
            throw TrainingError(
                .notFound, "--target \(target.kind)", "no patient of the split has such marks; look at --marks")
        }
        if filter.accepted["target"] == nil {
            guard targets.count == 1 else {
                throw TrainingError(
                    .badOption, "--target \(target.kind)",
                    "several things are marked; name one of \(targets.joined(separator: ", ")) by --marks target=")
            }
            filter = filter.accepting("target", targets)
        }
        if filter.accepted["reader"] == nil {
            let consensus = try rows.filter { try $0.get(at: 2, as: String?.self) == "consensus" }
            let names = Set(try consensus.map { try $0.get(at: 1, as: String.self) }).sorted()
            if !names.isEmpty, consensus.count < rows.count { filter = filter.accepting("reader", names) }
        }
        return target.with(marks: filter)
    }

    /// One row per thing marked × reader, of marks that the target can use.
    private func statement(_ target: TargetForm, _ filter: MarkFilter) -> SQL {
        let usable: SQL =
            target.kind == "mask"
            ? """
            EXISTS (SELECT 1 FROM annotation_mask WHERE annotation_mask.patient_id = annotation.patient_id
                AND annotation_mask.annotation_id = annotation.annotation_id)
            """
            : "annotation.diameter_mm > 0 AND annotation.centre_slice IS NOT NULL"
        return """
            SELECT DISTINCT annotation.target, reader.reader_key, reader.kind FROM annotation
            JOIN split_assignment
                ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
            JOIN patient ON patient.patient_id = annotation.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            \(raw: MarkFilter.joins)
            WHERE \(sql: datasets.condition) AND \(raw: filter.condition) AND \(sql: usable)
            """
    }
}
