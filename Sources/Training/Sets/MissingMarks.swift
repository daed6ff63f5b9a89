internal import Catalogue
internal import SQLInterface
internal import Warehouse

/// Why no mark of a split is one that a target and a filter take: a slip in a name, or marks of another shape.
struct MissingMarks {
    let splitID: Int64
    let datasets: DatasetChoice
    let connection: any WarehouseConnection

    static let hasMask: SQL = """
        EXISTS (SELECT 1 FROM annotation_mask WHERE annotation_mask.patient_id = annotation.patient_id
            AND annotation_mask.annotation_id = annotation.annotation_id)
        """
    static let hasBall: SQL = "annotation.diameter_mm > 0 AND annotation.centre_slice IS NOT NULL"

    /// Marks that are alike in all that can be asked for.
    private struct Kind {
        /// By property of ``MarkFilter``.
        let values: [String: String]
        let hasMask: Bool
        let hasBall: Bool

        func isAccepted(by filter: MarkFilter) -> Bool {
            filter.accepted.allSatisfy { property, accepted in values[property].map { accepted.contains($0) } ?? false }
        }
    }

    func error(_ target: TargetForm, _ filter: MarkFilter) async throws -> TrainingError {
        let kinds = try await kinds()
        let subject = "--target \(target.kind)"
        guard !kinds.isEmpty else { return TrainingError(.notFound, subject, "nothing is marked in the split") }
        if let slip = slip(filter, kinds) { return slip }
        let chosen = kinds.filter { $0.isAccepted(by: filter) }
        guard !chosen.isEmpty else {
            return TrainingError(
                .notFound, subject, "no mark of the split has all that --marks asks for together; ask for less")
        }
        let what = Set(chosen.compactMap { $0.values["target"] }).sorted().joined(separator: ", ")
        return TrainingError(.notFound, subject, "\(what) \(Self.shape(of: chosen, for: target))")
    }

    /// What is wrong with a filter that accepts no mark; nil where it accepts some, or where nothing is marked.
    func slip(_ filter: MarkFilter) async throws -> TrainingError? {
        let kinds = try await kinds()
        return kinds.isEmpty ? nil : slip(filter, kinds)
    }

    /// A value that no mark has.
    private func slip(_ filter: MarkFilter, _ kinds: [Kind]) -> TrainingError? {
        for property in MarkFilter.properties {
            let known = Set(kinds.compactMap { $0.values[property] }).sorted()
            guard let unknown = filter.accepted[property]?.first(where: { !known.contains($0) }) else { continue }
            let advice =
                known.isEmpty
                ? "no mark of the split has a \(property)"
                : SQLLibrary.nearest(to: unknown, among: known).map { "did you mean \(property)=\($0)?" }
                    ?? "there are \(known.joined(separator: ", "))"
            return TrainingError(
                .notFound, "--marks \(property)=\(unknown)", "no mark of the split is of this \(property); \(advice)")
        }
        return nil
    }

    /// What the marks are, since the target cannot use them.
    private static func shape(of kinds: [Kind], for target: TargetForm) -> String {
        if target.kind == "mask" {
            return kinds.contains(where: \.hasBall)
                ? "is marked by points with a diameter and not by masks; --target spheres takes these"
                : "is marked by points and not by masks; --sample crop cuts around points"
        }
        return kinds.contains(where: \.hasMask)
            ? "is marked by masks, and no mark of it has a diameter; --target mask takes these"
            : "is marked by points without a diameter; --sample crop cuts around points"
    }

    private func kinds() async throws -> [Kind] {
        let rows = try await connection.rows(
            """
            SELECT DISTINCT annotation.target, reader.reader_key AS reader, annotation.kind,
                label_source.name AS source, label_term.name AS term,
                CASE WHEN \(sql: Self.hasMask) THEN 1 ELSE 0 END AS has_mask,
                CASE WHEN \(sql: Self.hasBall) THEN 1 ELSE 0 END AS has_ball
            FROM annotation
            JOIN split_assignment
                ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
            JOIN patient ON patient.patient_id = annotation.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            \(raw: MarkFilter.joins)
            WHERE \(sql: datasets.condition) AND \(raw: MarkFilter().condition)
            """)
        return try rows.map { row in
            var values: [String: String] = [:]
            for property in MarkFilter.properties { values[property] = try row.get(property, as: String?.self) }
            return Kind(
                values: values, hasMask: try row.get("has_mask", as: Int.self) == 1,
                hasBall: try row.get("has_ball", as: Int.self) == 1)
        }
    }
}
