internal import SQLInterface
internal import Warehouse

/// Voxels and volume of an annotation over all its slices, those of earlier runs included.
struct AnnotationTotals: Sendable {
    let connection: any WarehouseConnection

    func update(_ annotationID: Int64, on seriesID: Int64, of patientID: Int64) async throws {
        let total = try await connection.rows(
            """
            SELECT COALESCE(SUM(voxel_count), 0) AS voxel_count FROM annotation_mask
            WHERE patient_id = \(patientID) AND annotation_id = \(annotationID)
            """)
        let voxels: Int = try total[0].get("voxel_count")
        let volume = try await voxelVolume(of: seriesID, patientID).map { $0 * Double(voxels) }
        try await connection.execute(
            """
            UPDATE annotation SET voxel_count = \(voxels), volume_mm3 = \(volume)
            WHERE patient_id = \(patientID) AND annotation_id = \(annotationID)
            """)
    }

    /// mm³ of one voxel of the image series; `nil` unless it is a volume. The determinant allows for a tilted gantry.
    private func voxelVolume(of seriesID: Int64, _ patientID: Int64) async throws -> Double? {
        let rows = try await connection.rows(
            """
            SELECT column_spacing_mm, row_spacing_mm, slice_spacing_mm, row_direction_x, row_direction_y,
                row_direction_z, column_direction_x, column_direction_y, column_direction_z, slice_direction_x,
                slice_direction_y, slice_direction_z
            FROM series WHERE patient_id = \(patientID) AND series_id = \(seriesID)
            AND geometry_kind = 'volume'
            """)
        guard let row = rows.first else { return nil }
        let spacing = try ["column", "row", "slice"].map { try row.get($0 + "_spacing_mm", as: Double.self) }
        let axes = try ["row", "column", "slice"].map { axis in
            try SIMD3(["x", "y", "z"].map { try row.get("\(axis)_direction_\($0)", as: Double.self) })
        }
        let (a, b, c) = (axes[0], axes[1], axes[2])
        let determinant =
            a.x * (b.y * c.z - b.z * c.y) - a.y * (b.x * c.z - b.z * c.x) + a.z * (b.x * c.y - b.y * c.x)
        return abs(determinant) * spacing.reduce(1, *)
    }
}
