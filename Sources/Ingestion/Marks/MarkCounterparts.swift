internal import SQLInterface
internal import Warehouse

/// Finds in one version of a table the labels of the marks that another version has at the same places.
///
/// A mark is the same where series, reader, kind and target are, and the contours, or, without these, centre, extent
/// and diameter. Rows and ids say nothing. A nodule of several readers is the one that has the reading which names it,
/// else another of its readings.
struct MarkCounterparts: Sendable {
    let connection: any WarehouseConnection
    let patientID: Int64
    /// The version in which is looked.
    let sourceID: Int64

    /// A label of that version.
    struct Label: Sendable {
        let id: Int64
        let annotationID: Int64
        let rawValue: String
    }

    /// What is asked about one mark by one reader.
    private struct Question: Hashable {
        let annotationID: Int64
        let domainID: Int64
        let readerID: Int64
    }

    /// Marks at one place, in the order of their tables.
    private struct Place {
        /// Of the version in which the mark is.
        var own: [Int64] = []
        var others: [Int64] = []

        func counterpart(of id: Int64) -> Int64? {
            guard let last = others.indices.last else { return nil }
            return others[min(own.firstIndex(of: id) ?? 0, last)]
        }
    }

    /// - Parameter marks: of this patient, and of other versions.
    func labels(of marks: [CorrectedMark]) async throws -> [CorrectedMark: Label] {
        guard !marks.isEmpty else { return [:] }
        let wanted = Set(marks.map(\.annotationID))
        let readings = try await readings(of: wanted)
        var places = try await places(of: wanted.subtracting(readings.keys).union(readings.values.joined()))
        let nodules = try await nodules(of: Set(readings.values.joined().flatMap { places[$0]?.others ?? [] }))
        for (nodule, own) in readings {
            let found = own.compactMap { places[$0]?.counterpart(of: $0) }.compactMap { nodules[$0] }.first
            places[nodule] = Place(own: [nodule], others: found.map { [$0] } ?? [])
        }
        let labels = try await labels(
            of: Set(wanted.flatMap { (places[$0]?.own ?? []) + (places[$0]?.others ?? []) }),
            in: Set(marks.map(\.sourceID)).union([sourceID]))
        return Dictionary(
            marks.compactMap { mark in
                places[mark.annotationID].flatMap { choose(for: mark, at: $0, labels) }.map { (mark, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Where a table has several marks at one place, those that say the same are the same, in their order.
    private func choose(for mark: CorrectedMark, at place: Place, _ labels: [Question: Label]) -> Label? {
        func answers(_ ids: [Int64]) -> [Label] {
            ids.compactMap {
                labels[Question(annotationID: $0, domainID: mark.domainID, readerID: mark.readerID)]
            }
        }
        func rank(_ own: [Label]) -> Int { own.firstIndex { $0.id == mark.labelID } ?? 0 }
        let own = answers(place.own)
        let others = answers(place.others)
        guard let last = others.indices.last else { return nil }
        let alike = others.filter { $0.rawValue == mark.rawValue }
        let rankAlike = rank(own.filter { $0.rawValue == mark.rawValue })
        return rankAlike < alike.count ? alike[rankAlike] : others[min(rank(own), last)]
    }

    // MARK: Places

    /// The marks at the places of some, in both versions.
    private func places(of ids: Set<Int64>) async throws -> [Int64: Place] {
        var marks: [Int64: [(id: Int64, key: String, isOwn: Bool)]] = [:]
        for row in try await connection.rows(placed(ids.sorted())) {
            let (earlier, id): (Int64, Int64) = (try row.get("earlier_id"), try row.get("annotation_id"))
            let key = Self.withoutSource(try row.get("annotation_key"))
            let source: Int64 = try row.get("label_source_id")
            marks[earlier, default: []].append((id: id, key: key, isOwn: source != sourceID))
        }
        return marks.mapValues { found in
            // Rows are numbers.
            let sorted = found.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }
            return Place(own: sorted.filter(\.isOwn).map(\.id), others: sorted.filter { !$0.isOwn }.map(\.id))
        }
    }

    /// By the series: the index of sources, which COALESCE keeps out of use, has hundreds of thousands of marks of one
    /// table.
    private func placed(_ ids: [Int64]) -> SQL {
        """
        SELECT earlier.annotation_id AS earlier_id, mark.annotation_id, mark.annotation_key, mark.label_source_id
        FROM annotation AS earlier
        CROSS JOIN annotation AS mark
        WHERE earlier.patient_id = \(patientID) AND earlier.annotation_id IN \(list: ids)
            AND mark.patient_id = earlier.patient_id AND mark.series_id = earlier.series_id
            AND COALESCE(mark.label_source_id, -1) IN (earlier.label_source_id, \(sourceID))
            AND mark.reader_id = earlier.reader_id AND mark.kind = earlier.kind AND mark.target = earlier.target
            AND CASE WHEN \(sql: Self.contourCount(of: "earlier")) = 0 THEN
                mark.centre_x_mm = earlier.centre_x_mm AND mark.centre_y_mm = earlier.centre_y_mm
                AND mark.centre_z_mm = earlier.centre_z_mm
                AND mark.extent_x_mm IS NOT DISTINCT FROM earlier.extent_x_mm
                AND mark.extent_y_mm IS NOT DISTINCT FROM earlier.extent_y_mm
                AND mark.extent_z_mm IS NOT DISTINCT FROM earlier.extent_z_mm
                AND mark.diameter_mm IS NOT DISTINCT FROM earlier.diameter_mm
            ELSE
                \(sql: Self.contourCount(of: "mark")) = \(sql: Self.contourCount(of: "earlier"))
                AND NOT EXISTS (
                    SELECT 1 FROM annotation_contour AS drawn
                    WHERE drawn.patient_id = earlier.patient_id AND drawn.annotation_id = earlier.annotation_id
                        AND NOT EXISTS (
                            SELECT 1 FROM annotation_contour AS same
                            WHERE same.patient_id = mark.patient_id AND same.annotation_id = mark.annotation_id
                                AND same.slice_id = drawn.slice_id AND same.is_inclusion = drawn.is_inclusion
                                AND same.points = drawn.points
                        )
                )
            END
        """
    }

    private static func contourCount(of annotation: String) -> SQL {
        """
        (
            SELECT count(*) FROM annotation_contour
            WHERE annotation_contour.patient_id = \(raw: annotation).patient_id
                AND annotation_contour.annotation_id = \(raw: annotation).annotation_id
        )
        """
    }

    /// What ``MarkWriter`` put before the key is the source.
    private static func withoutSource(_ key: String) -> String {
        key.firstIndex(of: "/").map { String(key[key.index(after: $0)...]) } ?? key
    }

    // MARK: Nodules

    /// The readings of those that are nodules of several readers, the one that names it first.
    private func readings(of ids: Set<Int64>) async throws -> [Int64: [Int64]] {
        let rows = try await connection.rows(
            """
            SELECT nodule.annotation_id, nodule.annotation_key, mark.annotation_id AS reading_id,
                mark.annotation_key AS reading_key, reader.reader_key
            FROM annotation_member
            INNER JOIN annotation AS nodule ON nodule.patient_id = annotation_member.patient_id
                AND nodule.annotation_id = annotation_member.annotation_id
            INNER JOIN annotation AS mark ON mark.patient_id = annotation_member.patient_id
                AND mark.annotation_id = annotation_member.member_annotation_id
            INNER JOIN reader ON reader.reader_id = mark.reader_id
            WHERE annotation_member.patient_id = \(patientID)
                AND annotation_member.annotation_id IN \(list: ids.sorted())
            ORDER BY reader.reader_key, mark.annotation_key
            """)
        var found: [Int64: [Int64]] = [:]
        for row in rows {
            let nodule: Int64 = try row.get("annotation_id")
            let reading: Int64 = try row.get("reading_id")
            let name = Self.withoutSource(try row.get("annotation_key"))
            let key = Self.withoutSource(try row.get("reading_key"))
            let reader: String = try row.get("reader_key")
            let own = found[nodule] ?? []
            found[nodule] =
                name == MarkWriter.noduleKey(reader: reader, mark: key) ? [reading] + own : own + [reading]
        }
        return found
    }

    /// The nodules that have these readings.
    private func nodules(of readings: Set<Int64>) async throws -> [Int64: Int64] {
        guard !readings.isEmpty else { return [:] }
        let rows = try await connection.rows(
            """
            SELECT member_annotation_id, annotation_id FROM annotation_member
            WHERE patient_id = \(patientID) AND member_annotation_id IN \(list: readings.sorted())
            ORDER BY annotation_id
            """)
        return Dictionary(
            try rows.map {
                (try $0.get("member_annotation_id", as: Int64.self), try $0.get("annotation_id", as: Int64.self))
            }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Labels

    private func labels(of annotations: Set<Int64>, in sources: Set<Int64>) async throws -> [Question: Label] {
        let rows = try await connection.rows(
            """
            SELECT annotation_id, label_domain_id, reader_id, label_id, raw_value FROM label
            WHERE patient_id = \(patientID) AND label_source_id IN \(list: sources.sorted())
                AND subject_id IN \(list: annotations.sorted()) AND annotation_id IS NOT NULL AND occurrence = 0
            """)
        return Dictionary(
            try rows.map { row in
                let annotationID: Int64 = try row.get("annotation_id")
                return (
                    Question(
                        annotationID: annotationID, domainID: try row.get("label_domain_id"),
                        readerID: try row.get("reader_id")),
                    Label(
                        id: try row.get("label_id"), annotationID: annotationID, rawValue: try row.get("raw_value"))
                )
            }, uniquingKeysWith: { first, _ in first })
    }
}
