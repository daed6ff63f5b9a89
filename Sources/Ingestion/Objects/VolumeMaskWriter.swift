internal import CanonicalJSON
internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Makes an annotation of each value of a stored mask volume (NIfTI, MetaImage) that belongs to a series by
/// `--masks-for`: voxel for voxel, with axes exchanged or turned round where the two grids differ so.
struct VolumeMaskWriter: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    /// Annotations of one mask are written once, together.
    func write(_ object: MarkingObjectPass.Object) async throws -> MarkingObjectPass.Written {
        let tie = ObjectTie(object: object, connection: connection, context: context)
        let finder = MarkedSeriesFinder(connection: connection, datasetID: object.datasetID)
        let rows = try await connection.rows(
            "SELECT mask_rule FROM series WHERE patient_id = \(object.patientID) AND series_id = \(object.seriesID)")
        guard try await tie.imageSeriesID() == nil, let text: String = try rows.first?.get("mask_rule") else {
            try await tie.refreshTotals()
            return MarkingObjectPass.Written()
        }
        let rule = try JSONValue(parsing: text)
        var written = MarkingObjectPass.Written()
        guard let imageID = rule["image_series"]?.string.flatMap(Int64.init),
            let image = try await finder.find(id: imageID, role: .image), let grid = image.geometry,
            let mask = try await finder.find(id: object.seriesID, role: .mask), let own = mask.geometry,
            let alignment = GridAlignment(of: own, on: grid)
        else {
            var problems = PlacementProblems()
            problems.otherPlace = 1
            written.findings = try await tie.replaceFindings(problems.notes)
            return written
        }
        let volume = try await LabelVolume(of: mask, on: connection)
        try await tie.tie(to: imageID)
        let slices = try await image.slices(on: connection).all
        let values = volume.values.union(Self.named(in: rule)).sorted()
        var masks: [Int: [[SQLValue]]] = [:]
        var ids: [Int: Int64] = [:]
        for value in values {
            let mark = mark(value, of: values.count > 1, rule: rule, object: object)
            let annotations = ObjectAnnotations(object: object, connection: connection, context: context)
            ids[value] = try await annotations.annotate(mark, on: imageID).id
        }
        for slice in slices {
            let labels = volume.labels(on: slice, by: alignment)
            for value in Set(labels).subtracting([0]).sorted() {
                guard let id = ids[Int(value)] else { continue }
                let raster = try RunLengthMask(
                    mask: labels.map { $0 == value ? 1 : 0 }, rows: slice.rows, columns: slice.columns)
                guard let box = raster.boundingBox else { continue }
                let region = MarkedRegion(target: "", mask: raster, levelCount: nil, rule: "", threshold: nil)
                masks[Int(value), default: []].append(
                    AnnotationMaskRow(
                        patientID: object.patientID, annotationID: id, sliceID: slice.id,
                        maskSliceID: volume.slice(on: slice, by: alignment), marked: region, box: box
                    ).values)
            }
        }
        for value in values {
            try await connection.load(
                table: "annotation_mask", columns: AnnotationMaskRow.columns, rows: masks[value] ?? [])
            if let id = ids[value] {
                try await AnnotationTotals(connection: connection).update(id, on: imageID, of: object.patientID)
            }
        }
        written.annotations = values.count
        written.masks = masks.values.reduce(0) { $0 + $1.count }
        written.findings = try await tie.replaceFindings([])
        return written
    }

    /// Values that have a name of their own: absent ones were looked for.
    private static func named(in rule: JSONValue) -> [Int] {
        (rule["targets"]?.object ?? [:]).keys.compactMap { Int($0) }
    }

    private func mark(
        _ value: Int, of several: Bool, rule: JSONValue, object: MarkingObjectPass.Object
    ) -> ObjectAnnotations.Mark {
        ObjectAnnotations.Mark(
            key: "\(object.seriesKey)/\(value)", kind: "mask",
            target: MaskAssignment.name(of: value, of: several, in: rule),
            reader: LabelReader(key: rule["reader"]?.string ?? "maker:" + object.seriesKey, kind: .human),
            maskSeriesID: object.seriesID,
            rule: ["source": "volume_mask", "rule": .string(MaskRule.values([Double(value)]).description)])
    }
}

/// The labels of a stored mask volume.
///
/// **Cost** two bytes a voxel.
private struct LabelVolume {
    private var labels: [UInt16] = []
    private var sliceIDs: [Int64] = []
    private let rows: Int
    private let columns: Int

    init(of mask: MarkedSeries, on connection: any WarehouseConnection) async throws {
        rows = mask.geometry?.rows ?? 0
        columns = mask.geometry?.columns ?? 0
        var slices: [StoredSlice] = []
        try await SliceStream.series(patientID: mask.patientID, seriesID: mask.seriesID).forEachBatch(on: connection) {
            slices += $0
        }
        for slice in slices {
            let line = slice.rescale ?? .identity
            labels += try slice.pixels().doubles().map { UInt16(line.value(ofStored: $0)) }
            sliceIDs.append(slice.sliceID)
        }
    }

    /// All but the background.
    var values: Set<Int> { Set(Set(labels).subtracting([0]).map(Int.init)) }

    /// **Shape** `[rows][columns]` of the image slice.
    func labels(on slice: MarkedSeries.Slice, by alignment: GridAlignment) -> [UInt16] {
        let first = place(alignment.index(column: 0, row: 0, slice: slice.index))
        let across = slice.columns > 1 ? place(alignment.index(column: 1, row: 0, slice: slice.index)) - first : 0
        let down = slice.rows > 1 ? place(alignment.index(column: 0, row: 1, slice: slice.index)) - first : 0
        return (0..<slice.rows).flatMap { row in
            (0..<slice.columns).map { column in labels[first + column * across + row * down] }
        }
    }

    /// The slice of the mask that lies on a slice of the image, pixel by pixel or turned.
    func slice(on slice: MarkedSeries.Slice, by alignment: GridAlignment) -> Int64? {
        guard alignment.keepsSlices, slice.rows == rows, slice.columns == columns else { return nil }
        return sliceIDs[alignment.index(column: 0, row: 0, slice: slice.index)[2]]
    }

    private func place(_ index: [Int]) -> Int { (index[2] * rows + index[1]) * columns + index[0] }
}
