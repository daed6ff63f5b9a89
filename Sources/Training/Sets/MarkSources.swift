internal import Catalogue
internal import SQLInterface
internal import Warehouse

/// Sources that mark the same series, as two tables of the same nodules do: each lesion would be there once for each.
struct MarkSources {
    let splitID: Int64
    let connection: any WarehouseConnection

    private struct Source: Hashable {
        let id: Int64
        let name: String
    }

    /// Names of the sources of accepted marks that share a series with another one; none where the filter names some.
    ///
    /// - Parameter usable: What else must hold for a row of `annotation`.
    func overlapping(_ filter: MarkFilter, usable: SQL, datasets: DatasetChoice) async throws -> [String] {
        guard filter.accepted["source"] == nil else { return [] }
        let rows = try await connection.rows(
            """
            SELECT DISTINCT annotation.series_id, label_source.label_source_id, label_source.name FROM annotation
            JOIN split_assignment
                ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
            JOIN patient ON patient.patient_id = annotation.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            \(raw: MarkFilter.joins)
            WHERE label_source.label_source_id IS NOT NULL AND \(sql: datasets.condition)
                AND \(raw: filter.condition) AND \(sql: usable)
            """)
        return Self.shared(
            try rows.map { row in
                (try row.get(at: 0), Source(id: try row.get(at: 1), name: try row.get(at: 2)))
            })
    }

    /// Names of the sources of the annotations that samples lie around, where a series has those of several.
    func overlapping(around samples: [DraftSample]) async throws -> [String] {
        let sources = try await sources()
        guard sources.count > 1 else { return [] }
        let seriesOf = Dictionary(
            samples.compactMap { sample in sample.annotationID.map { ($0, sample.seriesID) } },
            uniquingKeysWith: { first, _ in first })
        var pairs: [(series: Int64, source: Source)] = []
        try await connection.stream(
            """
            SELECT annotation.annotation_id, annotation.label_source_id FROM annotation
            JOIN split_assignment
                ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
            WHERE annotation.label_source_id IS NOT NULL
            """, batchRows: 4_096
        ) { rows in
            for row in rows {
                let (annotation, sourceID): (Int64, Int64) = (try row.get(at: 0), try row.get(at: 1))
                guard let series = seriesOf[annotation], let source = sources[sourceID] else { continue }
                pairs.append((series, source))
            }
        }
        return Self.shared(pairs)
    }

    /// Series that sources of these names have any mark on.
    func series(markedBy names: [String]) async throws -> Set<Int64> {
        let rows = try await connection.rows(
            """
            SELECT DISTINCT annotation.series_id FROM annotation
            JOIN split_assignment
                ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
            JOIN label_source ON label_source.label_source_id = annotation.label_source_id
            WHERE label_source.is_active AND label_source.name IN \(list: names)
            """)
        return Set(try rows.map { try $0.get(at: 0, as: Int64.self) })
    }

    private func sources() async throws -> [Int64: Source] {
        let rows = try await connection.rows(
            """
            SELECT DISTINCT label_source.label_source_id, label_source.name FROM annotation
            JOIN split_assignment
                ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
            JOIN label_source ON label_source.label_source_id = annotation.label_source_id
            """)
        let sources = try rows.map { Source(id: try $0.get(at: 0), name: try $0.get(at: 1)) }
        return Dictionary(sources.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func shared(_ pairs: [(series: Int64, source: Source)]) -> [String] {
        var bySeries: [Int64: Set<Source>] = [:]
        for pair in pairs { bySeries[pair.series, default: []].insert(pair.source) }
        let shared = bySeries.values.filter { $0.count > 1 }.reduce(into: Set<Source>()) { $0.formUnion($1) }
        return shared.map(\.name).sorted(by: String.precedesBytewise)
    }

    /// How one of them is chosen.
    static func advice(_ names: [String]) -> String {
        let distinct = Set(names).sorted()
        guard distinct.count > 1 else {
            return "slicehouse domains sources lists them, and slicehouse domains retire takes one out of force"
        }
        return "name one of \(distinct.joined(separator: ", ")) by --marks source=, or retire one with slicehouse "
            + "domains retire"
    }
}
