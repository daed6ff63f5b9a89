internal import Catalogue
internal import SQLInterface
internal import Warehouse

/// Makes a filter of marks unambiguous: one thing that is marked, and one voice on it.
struct MarkResolution {
    let splitID: Int64
    /// Whose marks are looked at.
    let datasets: DatasetChoice

    /// What is marked must be named where there are several things, and the source of spheres where several mark the
    /// same series. Where readers and their consensus are stored, the consensus counts unless readers are named.
    ///
    /// **Throws** `notFound` where nothing is marked, `badOption` where several things are, or several sources.
    func resolve(
        _ target: TargetForm, on connection: any WarehouseConnection
    ) async throws -> TargetForm {
        guard var filter = target.marks else { return target }
        let rows = try await connection.rows(statement(target, filter))
        let targets = Set(try rows.map { try $0.get(at: 0, as: String.self) }).sorted()
        guard !targets.isEmpty else {
            throw try await MissingMarks(splitID: splitID, datasets: datasets, connection: connection)
                .error(target, filter)
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
        if case .spheres = target {
            let sources = try await sources(of: target.with(marks: filter), on: connection)
            guard sources.isEmpty else {
                throw TrainingError(
                    .badOption, "--target spheres",
                    "several sources mark the same images, so that each sphere would be there several times; "
                        + MarkSources.advice(sources))
            }
        }
        return target.with(marks: filter)
    }

    /// Names of sources whose marks lie in the same series.
    func sources(of target: TargetForm, on connection: any WarehouseConnection) async throws -> [String] {
        guard let filter = target.marks else { return [] }
        return try await MarkSources(splitID: splitID, connection: connection)
            .overlapping(filter, usable: Self.usable(target), datasets: datasets)
    }

    /// What holds for a row of `annotation` that the target can use.
    private static func usable(_ target: TargetForm) -> SQL {
        target.kind == "mask" ? MissingMarks.hasMask : MissingMarks.hasBall
    }

    /// One row per thing marked × reader, of marks that the target can use.
    private func statement(_ target: TargetForm, _ filter: MarkFilter) -> SQL {
        """
        SELECT DISTINCT annotation.target, reader.reader_key, reader.kind FROM annotation
        JOIN split_assignment
            ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
        JOIN patient ON patient.patient_id = annotation.patient_id
        JOIN dataset ON dataset.dataset_id = patient.dataset_id
        \(raw: MarkFilter.joins)
        WHERE \(sql: datasets.condition) AND \(raw: filter.condition) AND \(sql: Self.usable(target))
        """
    }
}
