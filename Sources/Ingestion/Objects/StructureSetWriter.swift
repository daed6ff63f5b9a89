internal import CanonicalJSON
internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Makes an annotation of each region of a stored RT structure set: its contours on the slices they lie on, and the
/// masks that follow from them.
struct StructureSetWriter: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    /// A contour in the pixels of its slice.
    fileprivate struct Placed {
        let index: Int
        let slice: MarkedSlices.Slice
        let outline: PixelContour
    }

    /// What has a place already changes nothing.
    func write(_ object: MarkingObjectPass.Object) async throws -> MarkingObjectPass.Written {
        let tie = ObjectTie(object: object, connection: connection, context: context)
        let rows = try await connection.rows(
            """
            SELECT header FROM series_header
            WHERE patient_id = \(object.patientID) AND series_id = \(object.seriesID)
            """)
        let header = StructureSetHeader(
            try StoredHeader(common: rows.first?.get("header", as: String?.self), own: nil))
        let images = try await MarkedSlices(
            of: object.patientID, series: header.markedSeries, instances: header.sources,
            frameOfReferenceUID: header.frameOfReferenceUID, on: connection)
        var written = MarkingObjectPass.Written()
        guard let first = images.seriesIDs.first else {
            written.findings = try await tie.replaceFindings([ObjectTie.waiting])
            return written
        }
        if try await tie.imageSeriesID() == nil { try await tie.tie(to: first) }
        var problems = PlacementProblems()
        for region in header.regions {
            let part = try await write(region, of: header, object: object, on: images, problems: &problems)
            written.annotations += part.annotations
            written.masks += part.masks
        }
        written.findings = try await tie.replaceFindings(problems.notes)
        return written
    }

    private func write(
        _ region: StructureSetHeader.Region, of header: StructureSetHeader, object: MarkingObjectPass.Object,
        on images: MarkedSlices, problems: inout PlacementProblems
    ) async throws -> MarkingObjectPass.Written {
        let unplacedBefore = problems.absent + problems.otherPlace
        let placed = place(region, on: images, problems: &problems)
        var written = MarkingObjectPass.Written()
        // Points and open lines alone are no object with an inside; a region without contours was looked for.
        guard region.contours.isEmpty || region.contours.contains(where: \.isClosed) else { return written }
        // What was drawn and has no place does not say that nothing is there.
        guard !placed.isEmpty || problems.absent + problems.otherPlace == unplacedBefore else {
            problems.unplaced.insert(
                UnplacedMark(
                    target: region.target, reader: region.reader(of: object.seriesKey).key, kind: "contour"))
            return written
        }
        let series = Set(placed.map(\.slice.seriesID) + (images.seriesIDs.count == 1 ? images.seriesIDs : []))
        for seriesID in series.sorted() {
            let (id, isNew) = try await annotate(region, of: header, object: object, on: seriesID)
            written.annotations += isNew ? 1 : 0
            let own = placed.filter { $0.slice.seriesID == seriesID }
            written.masks += try await add(own, to: id, of: object)
            try await AnnotationTotals(connection: connection).update(id, on: seriesID, of: object.patientID)
        }
        return written
    }

    // MARK: Place

    /// Planning systems round to hundredths of a millimetre. **Units** mm
    private static let distanceTolerance = 0.1

    private func place(
        _ region: StructureSetHeader.Region, on images: MarkedSlices, problems: inout PlacementProblems
    ) -> [Placed] {
        var placed: [Placed] = []
        for contour in region.contours {
            guard contour.isClosed else {
                problems.open += 1
                continue
            }
            let named = contour.source.flatMap(images.slice(of:))
            let found = named ?? images.slice(through: contour.points[0], tolerance: Self.distanceTolerance)
            guard let slice = found, let plane = slice.plane else {
                problems.absent += 1
                continue
            }
            let pixels = contour.points.map { plane.pixel(world: $0) }
            guard
                pixels.allSatisfy({
                    abs($0.distance) <= Self.distanceTolerance && $0.column.isFinite && $0.row.isFinite
                })
            else {
                problems.otherPlace += 1
                continue
            }
            let outline = PixelContour(points: pixels.map { SIMD2($0.column, $0.row) }, isInclusion: true)
            placed.append(Placed(index: contour.index, slice: slice, outline: outline))
        }
        return placed
    }

    // MARK: Rows

    private func annotate(
        _ region: StructureSetHeader.Region, of header: StructureSetHeader, object: MarkingObjectPass.Object,
        on seriesID: Int64
    ) async throws -> (id: Int64, isNew: Bool) {
        try await ObjectAnnotations(object: object, connection: connection, context: context).annotate(
            ObjectAnnotations.Mark(
                key: "\(header.sopInstanceUID ?? object.seriesKey)/\(region.number)", kind: "contour",
                target: region.target, reader: region.reader(of: object.seriesKey), maskSeriesID: nil,
                rule: region.rule), on: seriesID)
    }

    /// Adds the contours of slices that have none of this annotation yet, and their masks.
    private func add(
        _ placed: [Placed], to annotationID: Int64, of object: MarkingObjectPass.Object
    ) async throws -> Int {
        let stored = try await connection.rows(
            """
            SELECT slice_id FROM annotation_contour
            WHERE patient_id = \(object.patientID) AND annotation_id = \(annotationID)
            """)
        let done = Set(try stored.map { try $0.get("slice_id", as: Int64.self) })
        var contours: [[SQLValue]] = []
        var masks: [[SQLValue]] = []
        for (sliceID, own) in Dictionary(grouping: placed, by: \.slice.id).sorted(by: { $0.key < $1.key })
        where !done.contains(sliceID) {
            contours += own.map { item in
                item.row(of: annotationID, patientID: object.patientID, isInclusion: Self.isInclusion(item, of: own))
            }
            let mask = try Self.mask(of: own)
            guard let box = mask.boundingBox else { continue }
            let region = MarkedRegion(target: "", mask: mask, levelCount: nil, rule: "", threshold: nil)
            masks.append(
                AnnotationMaskRow(
                    patientID: object.patientID, annotationID: annotationID, sliceID: sliceID, maskSliceID: nil,
                    marked: region, box: box
                ).values)
        }
        try await connection.load(table: "annotation_contour", columns: Placed.columns, rows: contours)
        try await connection.load(table: "annotation_mask", columns: AnnotationMaskRow.columns, rows: masks)
        return masks.count
    }

    /// Pixels inside an odd number of the contours of one slice: a contour within another cuts a hole, and a keyhole,
    /// whose channel goes in and out along one line, has one by itself.
    ///
    /// **Source** PS3.3 C.8.8.6.3 for both ways to draw a hole.
    private static func mask(of contours: [Placed]) throws -> RunLengthMask {
        let (rows, columns) = (contours[0].slice.rows, contours[0].slice.columns)
        var raster = [UInt8](repeating: 0, count: rows * columns)
        for contour in contours {
            let own = try ContourRaster.mask(of: [contour.outline], rows: rows, columns: columns, edge: .byCentre)
            own.forEachSetRun { run in for pixel in run { raster[pixel] ^= 1 } }
        }
        return try RunLengthMask(mask: raster, rows: rows, columns: columns)
    }

    /// False where a contour lies in an odd number of others, so that it cuts out.
    private static func isInclusion(_ contour: Placed, of all: [Placed]) -> Bool {
        guard let point = contour.outline.points.first else { return true }
        return all.count { $0.index != contour.index && $0.outline.contains(point) }.isMultiple(of: 2)
    }
}

extension StructureSetWriter.Placed {
    fileprivate static let columns = [
        "patient_id", "annotation_id", "contour_index", "slice_id", "is_inclusion", "points", "point_count",
    ]

    fileprivate func row(of annotationID: Int64, patientID: Int64, isInclusion: Bool) -> [SQLValue] {
        let points = JSONValue.array(outline.points.map { .array([.number($0.x), .number($0.y)]) })
        return [
            .integer(patientID), .integer(annotationID), .integer(Int64(index)), .integer(slice.id),
            .boolean(isInclusion), .text(points.text), .integer(Int64(outline.points.count)),
        ]
    }
}

extension StructureSetHeader.Region {
    fileprivate func reader(of seriesKey: String) -> LabelReader {
        LabelReader(
            key: (algorithm == "AUTOMATIC" ? "algorithm:" : "maker:") + seriesKey,
            kind: algorithm == "AUTOMATIC" ? .algorithm : .human)
    }

    /// `annotation.rule`.
    fileprivate var rule: JSONValue {
        var rule: [String: JSONValue] = [
            "source": "rt_structure_set", "region": .integer(number), "mask": "by-centre, exclusive or of contours",
            "volume": "voxels of the mask",
        ]
        rule["name"] = name.map(JSONValue.string)
        rule["interpreted_type"] = interpretedType.map(JSONValue.string)
        rule["algorithm_type"] = algorithm.map(JSONValue.string)
        return .object(rule)
    }
}
