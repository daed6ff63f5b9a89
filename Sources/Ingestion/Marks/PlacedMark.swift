internal import CanonicalJSON
internal import Datasets
internal import Imaging

/// A mark with its place in a stored series: centre in both coordinates, contours on slices, masks drawn from them.
struct PlacedMark: Sendable {
    let mark: Mark
    let contours: [(contour: MarkContour, slice: MarkedSeries.Slice)]
    /// Contours whose slice is not there.
    let missingContours: Int
    /// **Units** mm, LPS
    let centre: SIMD3<Double>?
    /// (column, row, slice)
    let voxel: SIMD3<Double>?
    let diameter: Double?
    /// **Units** mm³. `nil` also where exclusions would make it negative.
    let volume: Double?
    /// Exclusions take away more than the inclusions have.
    let isNegative: Bool
    /// Contours with a point that lies on no pixel of its slice.
    let outsideContours: Int
    let masks: [(slice: MarkedSeries.Slice, mask: RunLengthMask)]
    /// `nil` for marks that are no polygons.
    let stack: ContourStack?

    /// Readers of LIDC-IDRI traced the first pixels outside the nodule.
    static let edge = ContourRaster.Edge.excluded

    init(_ mark: Mark, on series: MarkedSeries, slices: MarkedSeries.Slices?) throws {
        self.mark = mark
        let placed = mark.contours.map { contour in
            (contour, slices?.slice(uid: contour.sopInstanceUID, z: contour.z, in: series.geometry))
        }
        contours = placed.compactMap { contour, slice in slice.map { (contour, $0) } }
        missingContours = placed.count - contours.count
        outsideContours = contours.count {
            !$0.contour.pixels.isInside(rows: $0.slice.rows, columns: $0.slice.columns)
        }
        let stack = ContourStack(contours.map { ContourStack.Level($0.contour, on: $0.slice) })
        let isOutline = mark.kind == .contour
        self.stack = isOutline && !contours.isEmpty ? stack : nil
        if let given = mark.centre, given.count == 3 {
            let point = SIMD3(given)
            centre = point
            voxel = series.geometry.map { geometry in
                let index = geometry.index(world: point)
                return SIMD3(index.column, index.row, index.slice)
            }
        } else {
            voxel = stack.centroid
            centre = voxel.flatMap { voxel in
                series.geometry?.world(column: voxel.x, row: voxel.y, slice: voxel.z)
            }
        }
        guard isOutline else {
            (diameter, volume, masks, isNegative) = (mark.diameter, nil, [], false)
            return
        }
        masks = try Self.masks(of: contours)
        let spacing = series.pixelSpacing
        diameter =
            mark.diameter
            ?? spacing.flatMap { stack.diameter(columnSpacing: $0.column, rowSpacing: $0.row) }
        let enclosed: Double? = spacing.flatMap { spacing in
            guard let height = series.sliceThickness ?? series.geometry?.normalSpacing else { return nil }
            return stack.volume(columnSpacing: spacing.column, rowSpacing: spacing.row, sliceThickness: height)
        }
        volume = enclosed.flatMap { $0 < 0 ? nil : $0 }
        isNegative = enclosed.map { $0 < 0 } ?? false
    }

    private static func masks(
        of contours: [(contour: MarkContour, slice: MarkedSeries.Slice)]
    ) throws -> [(slice: MarkedSeries.Slice, mask: RunLengthMask)] {
        let bySlice = Dictionary(grouping: contours) { $0.slice.index }
        return try bySlice.keys.sorted().compactMap { index in
            guard let own = bySlice[index], let slice = own.first?.slice else { return nil }
            let mask = try ContourRaster.mask(
                of: own.map { $0.contour.pixels }, rows: slice.rows, columns: slice.columns, edge: edge)
            return mask.voxelCount > 0 ? (slice, mask) : nil
        }
    }

    var voxelCount: Int? { mark.kind == .contour ? masks.reduce(0) { $0 + $1.mask.voxelCount } : nil }

    /// How the numbers were derived, for `annotation.rule`.
    var rule: JSONValue {
        guard mark.kind == .contour else { return ["source": "given"] }
        return [
            "source": "contour", "mask": .string("edge-" + Self.edge.rawValue),
            "diameter": .string(mark.diameter == nil ? "greatest distance within a slice" : "given"),
            "volume": "contour area times slice height",
        ]
    }
}

extension PixelContour {
    /// Whether the pixel nearest to each point is one of the image.
    fileprivate func isInside(rows: Int, columns: Int) -> Bool {
        points.allSatisfy { point in
            let (x, y) = (point.x.rounded(), point.y.rounded())
            return x >= 0 && y >= 0 && x < Double(columns) && y < Double(rows)
        }
    }
}

extension MarkContour {
    var pixels: PixelContour {
        PixelContour(points: points.map { SIMD2($0[0], $0[1]) }, isInclusion: isInclusion)
    }
}

extension ContourStack.Level {
    fileprivate init(_ contour: MarkContour, on slice: MarkedSeries.Slice) {
        self.init(
            contour: contour.pixels, slice: slice.index,
            position: contour.z ?? slice.position ?? Double(slice.index))
    }
}
