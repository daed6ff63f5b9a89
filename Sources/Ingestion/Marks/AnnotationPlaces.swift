internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Where the annotations of a series lie, after slices came that renumbered it or made a volume of it.
///
/// A centre across slices is the mean of the points of the contours, else of the marked voxels, as when a mark is stored
/// (``PlacedMark``, ``MarkRows``); its place within a slice does not depend on other slices.
struct AnnotationPlaces: Sendable {
    let connection: any WarehouseConnection

    func update(seriesID: Int64) async throws {
        // Any data set: the series is found by its id.
        let finder = MarkedSeriesFinder(connection: connection, datasetID: 0)
        guard let series = try await finder.find(id: seriesID, role: .image) else { return }
        for row in try await centres(on: series) {
            let id: Int64 = try row.get("annotation_id")
            if let slice = try row.get("contour_slice", as: Double?.self) ?? row.get("mask_slice") {
                try await move(id, to: slice, row, on: series)
            }
            if try row.get("kind", as: String.self) == "mask", try row.get("voxel_count", as: Int?.self) != nil {
                try await AnnotationTotals(connection: connection).update(id, on: seriesID, of: series.patientID)
            }
        }
    }

    private func centres(on series: MarkedSeries) async throws -> RowSet {
        try await connection.rows(
            """
            SELECT annotation.annotation_id, annotation.kind, annotation.voxel_count, annotation.centre_column,
                annotation.centre_row,
                (
                    SELECT sum(CAST(contour.point_count AS double precision) * slice.slice_index) / sum(contour.point_count)
                    FROM annotation_contour AS contour
                    JOIN slice ON slice.patient_id = contour.patient_id AND slice.slice_id = contour.slice_id
                    WHERE contour.patient_id = annotation.patient_id
                        AND contour.annotation_id = annotation.annotation_id
                ) AS contour_slice,
                (
                    SELECT sum(CAST(mask.voxel_count AS double precision) * slice.slice_index) / sum(mask.voxel_count)
                    FROM annotation_mask AS mask
                    JOIN slice ON slice.patient_id = mask.patient_id AND slice.slice_id = mask.slice_id
                    WHERE mask.patient_id = annotation.patient_id AND mask.annotation_id = annotation.annotation_id
                ) AS mask_slice
            FROM annotation
            WHERE annotation.patient_id = \(series.patientID) AND annotation.series_id = \(series.seriesID)
            """)
    }

    private func move(_ id: Int64, to slice: Double, _ row: Row, on series: MarkedSeries) async throws {
        guard let column: Double = try row.get("centre_column"), let rowIndex: Double = try row.get("centre_row") else {
            return
        }
        let centre = series.geometry?.world(column: column, row: rowIndex, slice: slice)
        try await connection.execute(
            """
            UPDATE annotation SET centre_slice = \(slice), centre_x_mm = \(centre?.x), centre_y_mm = \(centre?.y),
                centre_z_mm = \(centre?.z)
            WHERE patient_id = \(series.patientID) AND annotation_id = \(id)
            """)
    }
}
