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

    /// The mask and the images that it lies on.
    private struct Fit {
        let object: MarkingObjectPass.Object
        let rule: JSONValue
        let image: MarkedSeries
        let volume: LabelVolume
        let alignment: GridAlignment
        /// What is marked; of a mask without a marked voxel, what was looked for and not found.
        let values: [Int]
    }

    /// What a value marks on one slice.
    private struct Region {
        let sliceID: Int64
        let maskSliceID: Int64?
        let marked: MarkedRegion
        let box: PixelBox
    }

    /// Annotations of one mask are written once, together.
    func write(_ object: MarkingObjectPass.Object) async throws -> MarkingObjectPass.Written {
        let tie = ObjectTie(object: object, connection: connection, context: context)
        let rows = try await connection.rows(
            "SELECT mask_rule FROM series WHERE patient_id = \(object.patientID) AND series_id = \(object.seriesID)")
        guard try await tie.imageSeriesID() == nil, let text: String = try rows.first?.get("mask_rule") else {
            try await tie.refreshTotals()
            return MarkingObjectPass.Written()
        }
        var written = MarkingObjectPass.Written()
        guard let fit = try await fit(object, rule: JSONValue(parsing: text)) else {
            written.findings = try await tie.replaceFindings([.gridChanged])
            return written
        }
        try await tie.tie(to: fit.image.seriesID)
        let replaced = try await MaskSources(connection: connection).settle(
            volumesOf: fit.image.seriesID, patientID: object.patientID)
        let regions = try await regions(of: fit)
        var values: [Int] = []
        for value in fit.values where try await !isRepeated(value, of: fit, regions[value] ?? []) {
            values.append(value)
        }
        for value in values {
            let id = try await annotate(value, of: fit, regions[value] ?? [])
            try await AnnotationTotals(connection: connection).update(
                id, on: fit.image.seriesID, of: object.patientID)
        }
        written.annotations = values.count
        written.masks = values.reduce(0) { $0 + (regions[$1]?.count ?? 0) }
        written.volumeValues = fit.volume.values
        var notes = fit.volume.values.isEmpty ? [PlacementNote.empty] : []
        if replaced > 0 { notes.append(.redrawn) }
        if values.count < fit.values.count {
            notes.append(.repeated(fit.values.count - values.count, of: fit.values.count))
        }
        written.findings = try await tie.replaceFindings(notes)
        return written
    }

    /// `nil` where the images have gone, or have another grid than when the mask came.
    private func fit(_ object: MarkingObjectPass.Object, rule: JSONValue) async throws -> Fit? {
        let finder = MarkedSeriesFinder(connection: connection, datasetID: object.datasetID)
        guard let imageID = rule["image_series"]?.string.flatMap(Int64.init),
            let image = try await finder.find(id: imageID, role: .image), let grid = image.geometry,
            let mask = try await finder.find(id: object.seriesID, role: .mask), let own = mask.geometry,
            let alignment = GridAlignment(of: own, on: grid)
        else { return nil }
        let volume = try await LabelVolume(of: mask, on: connection)
        // A mask without a marked voxel says that somebody looked; one that marks other things does not.
        let named = volume.values.isEmpty ? Self.named(in: rule) : []
        let values = volume.values.union(named).sorted()
        return Fit(
            object: object, rule: rule, image: image, volume: volume, alignment: alignment,
            values: values.isEmpty ? [1] : values)
    }

    // MARK: Rows

    private func annotate(_ value: Int, of fit: Fit, _ regions: [Region]) async throws -> Int64 {
        let annotations = ObjectAnnotations(object: fit.object, connection: connection, context: context)
        let id = try await annotations.annotate(mark(value, of: fit), on: fit.image.seriesID).id
        let rows = regions.map { region in
            AnnotationMaskRow(
                patientID: fit.object.patientID, annotationID: id, sliceID: region.sliceID,
                maskSliceID: region.maskSliceID, marked: region.marked, box: region.box
            ).values
        }
        try await connection.load(table: "annotation_mask", columns: AnnotationMaskRow.columns, rows: rows)
        return id
    }

    /// What is marked on each slice, by value.
    private func regions(of fit: Fit) async throws -> [Int: [Region]] {
        var regions: [Int: [Region]] = [:]
        for slice in try await fit.image.slices(on: connection).all {
            let labels = fit.volume.labels(on: slice, by: fit.alignment)
            for value in Set(labels).subtracting([0]) {
                let raster = try RunLengthMask(
                    mask: labels.map { $0 == value ? 1 : 0 }, rows: slice.rows, columns: slice.columns)
                guard let box = raster.boundingBox else { continue }
                let marked = MarkedRegion(target: "", mask: raster, levelCount: nil, rule: "", threshold: nil)
                regions[Int(value), default: []].append(
                    Region(
                        sliceID: slice.id, maskSliceID: fit.volume.slice(on: slice, by: fit.alignment), marked: marked,
                        box: box))
            }
        }
        return regions
    }

    /// Whether another mask of the images, one that counts, says the same: the same thing, the same pixels, and the
    /// same reader or, where none was named, any.
    private func isRepeated(_ value: Int, of fit: Fit, _ regions: [Region]) async throws -> Bool {
        let mark = mark(value, of: fit)
        let reader = fit.rule["reader"]?.string
        let own = Dictionary(
            regions.map { ($0.sliceID, $0.marked.mask.bytes) }, uniquingKeysWith: { first, _ in first })
        let others = try await connection.rows(
            """
            SELECT annotation.annotation_id, reader.reader_key FROM annotation_current AS annotation
            JOIN reader ON reader.reader_id = annotation.reader_id
            WHERE annotation.patient_id = \(fit.object.patientID) AND annotation.series_id = \(fit.image.seriesID)
                AND annotation.kind = 'mask' AND annotation.target = \(mark.target)
                AND annotation.mask_series_id <> \(fit.object.seriesID)
            """)
        for other in others where try reader == nil || reader == other.get("reader_key", as: String.self) {
            let rows = try await connection.rows(
                """
                SELECT slice_id, rle FROM annotation_mask
                WHERE patient_id = \(fit.object.patientID)
                    AND annotation_id = \(try other.get("annotation_id", as: Int64.self))
                """)
            let pixels = try rows.map { (try $0.get("slice_id", as: Int64.self), try $0.get("rle", as: [UInt8].self)) }
            if Dictionary(pixels, uniquingKeysWith: { first, _ in first }) == own { return true }
        }
        return false
    }

    /// Values that have a name of their own.
    private static func named(in rule: JSONValue) -> [Int] {
        (rule["targets"]?.object ?? [:]).keys.compactMap { Int($0) }
    }

    private func mark(_ value: Int, of fit: Fit) -> ObjectAnnotations.Mark {
        ObjectAnnotations.Mark(
            key: "\(fit.object.seriesKey)/\(value)", kind: "mask",
            target: MaskAssignment.name(of: value, of: fit.values.count > 1, in: fit.rule),
            reader: LabelReader(key: fit.rule["reader"]?.string ?? "maker:" + fit.object.seriesKey, kind: .human),
            maskSeriesID: fit.object.seriesID,
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
            // What is no label was refused when the file was read.
            labels += try slice.pixels().doubles().map { MaskLabel($0, on: line)?.number ?? 0 }
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
