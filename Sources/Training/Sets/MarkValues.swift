internal import CanonicalJSON
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Masks by slice and balls by series, and which series were looked at.
struct MarkValues: Sendable {
    /// What one annotation marks on a slice.
    private struct SliceMask: Sendable {
        let annotationID: Int64
        let runs: [UInt8]
        let voxelCount: Int

        func decoded(rows: Int, columns: Int) throws(ImagingError) -> RunLengthMask {
            try RunLengthMask(rows: rows, columns: columns, bytes: runs)
        }
    }

    /// A mark with a diameter. **Units** voxels of the series, and mm.
    struct Ball: Sendable {
        let centre: VoxelPoint
        let radiusMillimetres: Double
    }

    /// In order of annotation id.
    private var masks: [Int64: [SliceMask]] = [:]
    private var balls: [Int64: [Ball]] = [:]
    /// Slices with an accepted mask that could not be laid on; see ``UnplacedMasks``.
    private(set) var unplacedSlices: Set<Int64> = []
    /// Series that somebody whose marks count looked at, or that have an accepted mark.
    private var readSeries: Set<Int64> = []
    /// Between the planes of slices, rows and columns, mm, of series that have balls; nil where unknown.
    private var spacings: [Int64: SIMD3<Double>] = [:]

    init(_ target: TargetForm, splitID: Int64, on connection: any WarehouseConnection) async throws {
        guard let filter = target.marks else { return }
        try await readReadings(target, filter, splitID, connection)
        if case .mask = target {
            try await readMasks(filter, splitID, connection)
            unplacedSlices = try await UnplacedMasks(splitID: splitID, connection: connection).slices(filter)
        }
        if case .spheres = target { try await readBalls(filter, splitID, connection) }
    }

    private mutating func readReadings(
        _ target: TargetForm, _ filter: MarkFilter, _ splitID: Int64, _ connection: any WarehouseConnection
    ) async throws {
        let rows = try await connection.rows(
            """
            SELECT DISTINCT reading.series_id FROM reading
            JOIN split_assignment
                ON split_assignment.patient_id = reading.patient_id AND split_assignment.split_id = \(splitID)
            JOIN reader ON reader.reader_id = reading.reader_id
            WHERE \(sql: Self.counts(filter)) AND \(sql: Self.looksFor(target))
            """)
        for row in rows { readSeries.insert(try row.get(at: 0)) }
    }

    /// What holds for a row of `reading` of somebody whose marks count. A consensus speaks of all that the readers of
    /// its dataset read.
    private static func counts(_ filter: MarkFilter) -> SQL {
        guard let readers = filter.accepted["reader"] else { return "1 = 1" }
        return """
            (reader.reader_key IN \(list: readers) OR EXISTS (
                SELECT 1 FROM reader AS agreed WHERE agreed.dataset_id = reader.dataset_id
                    AND agreed.kind = 'consensus' AND agreed.reader_key IN \(list: readers)))
            """
    }

    /// What holds for a row of `reading` of somebody who may have looked for what the target is. Of whoever is known by
    /// tables of points alone, as the candidates of LUNA16 are, nobody can say that there was nothing to draw.
    private static func looksFor(_ target: TargetForm) -> SQL {
        guard case .mask = target else { return "1 = 1" }
        return """
            reader.reader_id NOT IN (
                SELECT annotation.reader_id FROM annotation
                LEFT JOIN label_source ON label_source.label_source_id = annotation.label_source_id
                WHERE annotation.reader_id IS NOT NULL
                GROUP BY annotation.reader_id
                HAVING max(CASE WHEN label_source.kind = 'csv' THEN 0 ELSE 1 END) = 0)
            """
    }

    private mutating func readMasks(
        _ filter: MarkFilter, _ splitID: Int64, _ connection: any WarehouseConnection
    ) async throws {
        var masks: [Int64: [SliceMask]] = [:]
        var read: Set<Int64> = []
        try await connection.stream(
            """
            SELECT annotation_mask.slice_id, annotation_mask.annotation_id, annotation_mask.rle,
                annotation_mask.voxel_count, annotation.series_id
            FROM annotation_mask
            JOIN annotation ON annotation.patient_id = annotation_mask.patient_id
                AND annotation.annotation_id = annotation_mask.annotation_id
            JOIN split_assignment
                ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
            \(raw: MarkFilter.joins)
            WHERE \(raw: filter.condition)
            ORDER BY annotation_mask.slice_id, annotation_mask.annotation_id
            """, batchRows: 1_024
        ) { rows in
            for row in rows {
                masks[try row.get(at: 0), default: []].append(
                    SliceMask(
                        annotationID: try row.get(at: 1), runs: try row.get(at: 2), voxelCount: try row.get(at: 3)))
                read.insert(try row.get(at: 4))
            }
        }
        self.masks = masks
        readSeries.formUnion(read)
    }

    private mutating func readBalls(
        _ filter: MarkFilter, _ splitID: Int64, _ connection: any WarehouseConnection
    ) async throws {
        let rows = try await connection.rows(
            """
            SELECT annotation.series_id, annotation.centre_column, annotation.centre_row, annotation.centre_slice,
                annotation.diameter_mm, series.slice_spacing_mm, series.row_spacing_mm, series.column_spacing_mm,
                series.row_direction_x, series.row_direction_y, series.row_direction_z, series.column_direction_x,
                series.column_direction_y, series.column_direction_z, series.slice_direction_x,
                series.slice_direction_y, series.slice_direction_z
            FROM annotation
            JOIN series ON series.patient_id = annotation.patient_id AND series.series_id = annotation.series_id
            JOIN split_assignment
                ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
            \(raw: MarkFilter.joins)
            WHERE \(raw: filter.condition) AND annotation.diameter_mm > 0 AND annotation.centre_slice IS NOT NULL
            ORDER BY annotation.series_id, annotation.annotation_id
            """)
        for row in rows {
            let series: Int64 = try row.get(at: 0)
            balls[series, default: []].append(
                Ball(
                    centre: VoxelPoint(column: try row.get(at: 1), row: try row.get(at: 2), slice: try row.get(at: 3)),
                    radiusMillimetres: try row.get(at: 4, as: Double.self) / 2))
            spacings[series] = try Self.spacing(of: row)
            readSeries.insert(series)
        }
    }

    /// Nil where the series is no volume.
    private static func spacing(of row: Row) throws -> SIMD3<Double>? {
        let numbers = try (5...16).compactMap { try row.get(at: $0, as: Double?.self) }
        guard numbers.count == 12 else { return nil }
        func direction(_ first: Int) -> SIMD3<Double> { SIMD3(numbers[first..<first + 3]) }
        let grid = try VolumeGeometry(
            columns: 1, rows: 1, slices: 1, origin: .zero, rowDirection: direction(3), columnDirection: direction(6),
            sliceDirection: direction(9), columnSpacing: numbers[2], rowSpacing: numbers[1], sliceSpacing: numbers[0])
        return SIMD3(grid.normalSpacing, grid.rowSpacing, grid.columnSpacing)
    }

    // MARK: What a sample has of them

    func hasBeenRead(_ series: Int64) -> Bool { readSeries.contains(series) }

    /// The balls of a series in order of annotation id, and what their radii are measured by: mm between the planes of
    /// slices, rows and columns. Nil where balls have no size in voxels.
    func balls(of series: Int64) -> (balls: [Ball], spacing: SIMD3<Double>)? {
        guard let own = balls[series] else { return ([], SIMD3(repeating: 1)) }
        return spacings[series].map { (own, $0) }
    }

    /// The mask of slices of this size: annotation ids, with a digest over the runs of each slice; and how many voxels are
    /// marked, where marks overlap once.
    ///
    /// - Parameter region: What is taken of each, of the annotations that mark any of it; nil for all.
    /// **Throws** `ImagingError` for runs that do not fit the slices.
    func mask(
        of slices: [Int64], rows: Int, columns: Int, in region: SampleRegion?
    ) throws -> (target: SampleTarget, voxelCount: Int) {
        let all = slices.map { masks[$0] ?? [] }
        guard let region else {
            return (Self.target(all), try all.reduce(0) { try $0 + Self.voxelCount($1, rows: rows, columns: columns) })
        }
        let drawn = try all.map { slice in
            try slice.map { (id: $0.annotationID, mask: try $0.decoded(rows: rows, columns: columns)) }
        }
        let named = Set(drawn.joined().filter { $0.mask.voxelCount(in: region) > 0 }.map(\.id))
        let voxelCount = try drawn.reduce(0) { count, slice in
            let own = slice.filter { named.contains($0.id) }.map(\.mask)
            guard !own.isEmpty else { return count }
            return try count + RunLengthMask(unionOf: own).voxelCount(in: region)
        }
        let own = all.map { slice in slice.filter { named.contains($0.annotationID) } }
        return (Self.target(own, earlier: all), voxelCount)
    }

    /// How many voxels of a slice are marked by any of these.
    private static func voxelCount(_ masks: [SliceMask], rows: Int, columns: Int) throws -> Int {
        guard masks.count > 1 else { return masks.first?.voxelCount ?? 0 }
        return try RunLengthMask(unionOf: masks.map { try $0.decoded(rows: rows, columns: columns) }).voxelCount
    }

    /// - Parameter earlier: What earlier versions would have named.
    private static func target(_ masks: [[SliceMask]], earlier: [[SliceMask]]? = nil) -> SampleTarget {
        let annotations = Set(masks.flatMap { $0.map(\.annotationID) })
        return SampleTarget(
            .strings(annotations.sorted().map { String($0) }), identity(of: masks),
            earlier: earlier.map { identity(of: $0) })
    }

    private static func identity(of masks: [[SliceMask]]) -> TargetIdentity {
        TargetIdentity(masks: masks.map { $0.map(\.runs) })
    }
}
