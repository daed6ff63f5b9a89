internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Where annotations lie that are stored without a centre, as masks are.
///
/// That is the mean of their marked voxels, as `scipy.ndimage.center_of_mass` has it. Where the voxel there is not marked
/// itself, as between two lesions, it is the marked voxel nearest to it in mm (the first one in order of slice, row and
/// column), so that whoever cuts around it finds a mark.
struct MaskCentres {
    /// The slices that one annotation marks.
    private struct Part {
        let sliceIndex: Int
        let mask: RunLengthMask
    }

    private struct Annotation {
        let id: Int64
        var parts: [Part] = []
        /// Between slices, rows and columns; 1 where unknown.
        let spacing: SIMD3<Double>
    }

    /// Those of `annotations` that mark anything; of a split, for the folds choose who is looked at.
    ///
    /// **Cost** the runs of one annotation in memory. **Throws** `ImagingError` for runs that do not fit their slices.
    static func read(
        of annotations: Set<Int64>, splitID: Int64, on connection: any WarehouseConnection
    ) async throws -> [Int64: VoxelPoint] {
        guard !annotations.isEmpty else { return [:] }
        var centres: [Int64: VoxelPoint] = [:]
        var current: Annotation?
        try await connection.stream(statement(splitID), batchRows: 1_024) { rows in
            for row in rows {
                let id: Int64 = try row.get(at: 0)
                guard annotations.contains(id) else { continue }
                if current?.id != id {
                    if let current { centres[current.id] = centre(of: current) }
                    let spacing = SIMD3<Double>(
                        try row.get(at: 5, as: Double?.self) ?? 1, try row.get(at: 6, as: Double?.self) ?? 1,
                        try row.get(at: 7, as: Double?.self) ?? 1)
                    current = Annotation(id: id, spacing: spacing)
                }
                let mask = try RunLengthMask(
                    rows: try row.get(at: 3), columns: try row.get(at: 4), bytes: try row.get(at: 2))
                current?.parts.append(Part(sliceIndex: try row.get(at: 1), mask: mask))
            }
        }
        if let current { centres[current.id] = centre(of: current) }
        return centres
    }

    private static func statement(_ splitID: Int64) -> SQL {
        """
        SELECT annotation_mask.annotation_id, slice.slice_index, annotation_mask.rle, slice.rows, slice.columns,
            series.slice_spacing_mm, series.row_spacing_mm, series.column_spacing_mm
        FROM annotation_mask
        JOIN annotation ON annotation.patient_id = annotation_mask.patient_id
            AND annotation.annotation_id = annotation_mask.annotation_id AND annotation.centre_slice IS NULL
        JOIN slice ON slice.patient_id = annotation_mask.patient_id AND slice.slice_id = annotation_mask.slice_id
        JOIN series ON series.patient_id = annotation.patient_id AND series.series_id = annotation.series_id
        JOIN split_assignment
            ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
        ORDER BY annotation_mask.annotation_id, slice.slice_index
        """
    }

    private static func centre(of annotation: Annotation) -> VoxelPoint? {
        var (count, sums) = (0, SIMD3<Int>())
        for part in annotation.parts {
            part.mask.forEachSetSpan { row, columns in
                count += columns.count
                // The sum of neighbouring integers is their number times the mean of the ends.
                let along = (columns.lowerBound + columns.upperBound - 1) * columns.count / 2
                sums &+= SIMD3(part.sliceIndex * columns.count, row * columns.count, along)
            }
        }
        guard count > 0 else { return nil }
        let mean = SIMD3(Double(sums.x), Double(sums.y), Double(sums.z)) / Double(count)
        let place = isMarked(mean.rounded(.toNearestOrEven), in: annotation) ? mean : nearest(to: mean, in: annotation)
        return VoxelPoint(column: place.z, row: place.y, slice: place.x)
    }

    private static func isMarked(_ voxel: SIMD3<Double>, in annotation: Annotation) -> Bool {
        var isFound = false
        for part in annotation.parts where Double(part.sliceIndex) == voxel.x {
            part.mask.forEachSetSpan { row, columns in
                if Double(row) == voxel.y, columns.contains(Int(voxel.z)) { isFound = true }
            }
        }
        return isFound
    }

    private static func nearest(to point: SIMD3<Double>, in annotation: Annotation) -> SIMD3<Double> {
        var (best, least) = (point, Double.infinity)
        for part in annotation.parts {
            part.mask.forEachSetSpan { row, columns in
                // Of a row only the two columns around the point can be nearest, or the end of the span.
                let left = min(max(Int(point.z.rounded(.down)), columns.lowerBound), columns.upperBound - 1)
                for column in left...min(left + 1, columns.upperBound - 1) {
                    let voxel = SIMD3(Double(part.sliceIndex), Double(row), Double(column))
                    let distance = (voxel - point) * annotation.spacing
                    let square = (distance * distance).sum()
                    if square < least { (best, least) = (voxel, square) }
                }
            }
        }
        return best
    }
}
