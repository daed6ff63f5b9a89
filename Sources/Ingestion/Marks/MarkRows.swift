internal import CanonicalJSON
internal import Datasets
internal import Domains
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// The rows of the marks of one series, on their way into the annotation tables.
struct MarkRows {
    let series: MarkedSeries
    let origin: LabelOrigin
    private var annotations: [[SQLValue]] = []
    private var members: [[SQLValue]] = []
    private var contours: [[SQLValue]] = []
    private var masks: [[SQLValue]] = []
    private var ratings: [[SQLValue]] = []
    private(set) var labels: [LabelRow] = []
    /// Ids of nodules by the keys that each of their readings could give them.
    private(set) var nodules: [String: Int64] = [:]

    /// A label about one of the annotations.
    struct LabelRow: Sendable {
        let readerID: Int64
        let label: ResolvedLabel
    }

    init(series: MarkedSeries, origin: LabelOrigin) {
        self.series = series
        self.origin = origin
    }

    var annotationCount: Int { annotations.count }
    var maskCount: Int { masks.count }

    // MARK: Marks

    mutating func add(_ placed: PlacedMark, id: Int64, readerID: Int64) {
        let mark = placed.mark
        append(
            id: id, readerID: readerID, key: "\(origin.sourceID)/\(mark.key)", kind: mark.kind.rawValue,
            target: mark.target, centre: placed.centre, voxel: placed.voxel, extent: mark.extent,
            diameter: placed.diameter, voxelCount: placed.voxelCount, volume: placed.volume, rule: placed.rule)
        for (index, item) in placed.contours.enumerated() { append(item.contour, on: item.slice, index: index, of: id) }
        for item in placed.masks { append(item.mask, on: item.slice, of: id) }
        for rating in mark.ratings {
            ratings.append([
                .integer(series.patientID), .integer(id), .text(rating.characteristic), .text(rating.rawValue),
                SQLValue(rating.rating),
            ])
        }
        append(mark.labels, row: mark.row, of: id, readerID: readerID)
    }

    /// - Parameter keys: what each of the readings could call it; the first does.
    mutating func add(
        _ nodule: NoduleGroups.Nodule, id: Int64, keys: [String], readerID: Int64, memberIDs: [Int64]
    ) {
        for key in keys { nodules[key] = id }
        let voxels = nodule.masks.reduce(0) { $0 + $1.mask.voxelCount }
        let voxel = Self.centre(of: nodule.masks)
        append(
            id: id, readerID: readerID, key: keys[0], kind: "mask", target: "nodule",
            centre: voxel.flatMap { series.geometry?.world(column: $0.x, row: $0.y, slice: $0.z) }, voxel: voxel,
            extent: nil, diameter: nodule.diameter, voxelCount: voxels,
            volume: series.geometry.map { $0.voxelVolume * Double(voxels) }, rule: nodule.rule)
        for member in memberIDs { members.append([.integer(series.patientID), .integer(id), .integer(member)]) }
        for item in nodule.masks { append(item.mask, on: item.slice, of: id) }
        append(nodule.labels, row: nil, of: id, readerID: readerID)
    }

    /// The mean of the marked pixels as (column, row, slice).
    private static func centre(
        of masks: [(slice: MarkedSeries.Slice, mask: RunLengthMask)]
    ) -> SIMD3<Double>? {
        var sum = SIMD3<Double>()
        var count = 0
        for (slice, mask) in masks {
            mask.forEachSetRun { run in
                for pixel in run {
                    sum += SIMD3(Double(pixel % mask.columns), Double(pixel / mask.columns), Double(slice.index))
                }
                count += run.count
            }
        }
        return count > 0 ? sum / Double(count) : nil
    }

    // MARK: Rows

    private static let annotationColumns = [
        "patient_id", "annotation_id", "series_id", "reader_id", "annotation_key", "kind", "target", "centre_x_mm",
        "centre_y_mm", "centre_z_mm", "centre_column", "centre_row", "centre_slice", "extent_x_mm", "extent_y_mm",
        "extent_z_mm", "diameter_mm", "voxel_count", "volume_mm3", "rule", "label_source_id", "ingest_run_id",
    ]

    private mutating func append(
        id: Int64, readerID: Int64, key: String, kind: String, target: String, centre: SIMD3<Double>?,
        voxel: SIMD3<Double>?, extent: [Double]?, diameter: Double?, voxelCount: Int?, volume: Double?, rule: JSONValue
    ) {
        annotations.append(
            [
                .integer(series.patientID), .integer(id), .integer(series.seriesID), .integer(readerID), .text(key),
                .text(kind), .text(target),
            ] + columns(centre) + columns(voxel) + columns(extent.map { SIMD3($0) }) + [
                SQLValue(diameter), SQLValue(voxelCount), SQLValue(volume), .text(rule.text),
                .integer(origin.sourceID), .integer(origin.runID),
            ])
    }

    private func columns(_ vector: SIMD3<Double>?) -> [SQLValue] {
        vector.map { [.real($0.x), .real($0.y), .real($0.z)] } ?? [.null, .null, .null]
    }

    private mutating func append(_ contour: MarkContour, on slice: MarkedSeries.Slice, index: Int, of id: Int64) {
        let points = JSONValue.array(contour.points.map { .array($0.map(JSONValue.number)) })
        contours.append([
            .integer(series.patientID), .integer(id), .integer(Int64(index)), .integer(slice.id),
            .boolean(contour.isInclusion), .text(points.text), .integer(Int64(contour.points.count)),
        ])
    }

    private mutating func append(_ mask: RunLengthMask, on slice: MarkedSeries.Slice, of id: Int64) {
        guard let box = mask.boundingBox else { return }
        masks.append([
            .integer(series.patientID), .integer(id), .integer(slice.id), .blob(mask.bytes),
            .integer(Int64(mask.voxelCount)), .integer(Int64(box.minimumRow)), .integer(Int64(box.maximumRow)),
            .integer(Int64(box.minimumColumn)), .integer(Int64(box.maximumColumn)),
        ])
    }

    private mutating func append(_ own: [MarkLabel], row: Int?, of id: Int64, readerID: Int64) {
        for label in own {
            let assertion = LabelAssertion(
                key: LabelKey(level: .annotation), domain: label.domain, rawValue: label.rawValue, row: row)
            let subject = LabelSubject.annotation(id, of: series.seriesID, patientID: series.patientID)
            labels.append(
                LabelRow(
                    readerID: readerID, label: ResolvedLabel(assertion: assertion, subject: subject, occurrence: 0)))
        }
    }

    // MARK: Loading

    /// - Parameter stored: Annotations of before, on which nothing hangs: those that come again are updated, the others
    ///   deleted.
    func load(on connection: any WarehouseConnection, replacing stored: Set<Int64> = []) async throws {
        try await replace(stored, on: connection)
        try await connection.load(
            table: "annotation_member", columns: ["patient_id", "annotation_id", "member_annotation_id"],
            rows: members)
        try await connection.load(
            table: "annotation_contour",
            columns: [
                "patient_id", "annotation_id", "contour_index", "slice_id", "is_inclusion", "points", "point_count",
            ], rows: contours)
        try await connection.load(
            table: "annotation_mask",
            columns: [
                "patient_id", "annotation_id", "slice_id", "rle", "voxel_count", "first_row", "last_row",
                "first_column", "last_column",
            ], rows: masks)
        try await connection.load(
            table: "annotation_rating",
            columns: ["patient_id", "annotation_id", "characteristic", "raw_value", "rating"], rows: ratings)
    }

    /// In place, since what was frozen or predicted of an annotation would be deleted with it.
    private func replace(_ stored: Set<Int64>, on connection: any WarehouseConnection) async throws {
        var gone = stored
        var new: [[SQLValue]] = []
        for row in annotations {
            guard case .integer(let id) = row[1], stored.contains(id) else {
                new.append(row)
                continue
            }
            gone.remove(id)
            try await connection.execute(Self.update(row))
        }
        for id in gone.sorted() {
            try await connection.execute(
                "DELETE FROM annotation WHERE patient_id = \(series.patientID) AND annotation_id = \(id)")
        }
        try await connection.load(table: "annotation", columns: Self.annotationColumns, rows: new)
    }

    /// The first two columns are its key.
    private static func update(_ row: [SQLValue]) -> SQL {
        var statement: SQL = "UPDATE annotation SET "
        for (index, (column, value)) in zip(annotationColumns, row).enumerated().dropFirst(2) {
            statement.append(index == 2 ? "" : ", ")
            statement.append("\(identifier: column) = \(value)")
        }
        statement.append(" WHERE patient_id = \(row[0]) AND annotation_id = \(row[1])")
        return statement
    }
}
