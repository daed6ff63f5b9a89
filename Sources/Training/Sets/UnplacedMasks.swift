internal import SQLInterface
internal import Warehouse

/// Masks that could not be laid on their images: what they mark there is not known, so that these are no negatives.
///
/// Drawings of another size take out the slices that they are of; those of the same mask that fit count. A mask of
/// which nothing could be placed, since it lies elsewhere by its header or is of slices that are not there, takes out
/// its series.
struct UnplacedMasks {
    let splitID: Int64
    let connection: any WarehouseConnection

    /// Slices of images with such a mask among those that the filter accepts.
    func slices(_ filter: MarkFilter) async throws -> Set<Int64> {
        let misfits = try await connection.rows(otherSize(filter))
        let others = try await connection.rows(nowhere(filter))
        let turned = try await connection.rows(onAnotherGrid)
        return Set(
            try (Array(misfits) + Array(others) + Array(turned)).map { try $0.get(at: 0, as: Int64.self) })
    }

    /// Slices of which a file holds a drawing of another size. A drawing that was mended is held by no file any more.
    ///
    /// Frames of segmentations are not numbered as the images are.
    private func otherSize(_ filter: MarkFilter) -> SQL {
        """
        SELECT DISTINCT image.slice_id
        FROM annotation
        \(sql: Self.splitJoin(splitID))
        \(raw: MarkFilter.joins)
        JOIN series AS mask ON mask.patient_id = annotation.patient_id
            AND (mask.series_id = annotation.mask_series_id OR mask.conflict_of = annotation.mask_series_id)
        JOIN slice AS drawing ON drawing.patient_id = mask.patient_id AND drawing.series_id = mask.series_id
        JOIN slice AS image ON image.patient_id = annotation.patient_id AND image.series_id = annotation.series_id
            AND image.instance_number = drawing.instance_number
        WHERE \(raw: filter.condition) AND \(sql: Self.hasFinding(["mask_size_mismatch"]))
            AND COALESCE(mask.modality, '') <> 'SEG'
            AND (drawing.rows <> image.rows OR drawing.columns <> image.columns)
            AND EXISTS (SELECT 1 FROM slice_source
                JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
                    AND (source_file.sha256 = slice_source.sha256 OR slice_source.sha256 IS NULL
                        OR source_file.outcome = 'rejected')
                WHERE slice_source.patient_id = drawing.patient_id AND slice_source.slice_id = drawing.slice_id)
        """
    }

    /// Slices of series with a mask of which nothing could be placed.
    private func nowhere(_ filter: MarkFilter) -> SQL {
        """
        SELECT DISTINCT image.slice_id
        FROM annotation
        \(sql: Self.splitJoin(splitID))
        \(raw: MarkFilter.joins)
        JOIN slice AS image ON image.patient_id = annotation.patient_id AND image.series_id = annotation.series_id
        WHERE \(raw: filter.condition)
            AND \(sql: Self.hasFinding(["mask_slice_without_image", "mask_place_mismatch"]))
            AND NOT EXISTS (SELECT 1 FROM annotation AS other
                JOIN annotation_mask ON annotation_mask.patient_id = other.patient_id
                    AND annotation_mask.annotation_id = other.annotation_id
                WHERE other.patient_id = annotation.patient_id
                    AND other.mask_series_id = annotation.mask_series_id)
        """
    }

    /// Slices of series whose only mask has a file that was not laid on, since its header says another place.
    private var onAnotherGrid: SQL {
        """
        SELECT DISTINCT image.slice_id
        FROM quality_finding
        JOIN slice_source ON slice_source.source_file_id = quality_finding.source_file_id
        JOIN slice AS drawing ON drawing.patient_id = slice_source.patient_id
            AND drawing.slice_id = slice_source.slice_id
        JOIN series AS mask ON mask.patient_id = drawing.patient_id AND mask.series_id = drawing.series_id
        JOIN split_assignment
            ON split_assignment.patient_id = mask.patient_id AND split_assignment.split_id = \(splitID)
        JOIN slice AS image ON image.patient_id = mask.patient_id AND image.series_id = mask.companion_of
        WHERE quality_finding.check_name = 'mask_grid_differs'
            AND NOT EXISTS (SELECT 1 FROM annotation
                WHERE annotation.patient_id = image.patient_id AND annotation.series_id = image.series_id
                AND annotation.kind = 'mask')
        """
    }

    private static func splitJoin(_ splitID: Int64) -> SQL {
        """
        JOIN split_assignment
            ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
        """
    }

    private static func hasFinding(_ checks: [String]) -> SQL {
        """
        EXISTS (SELECT 1 FROM quality_finding WHERE quality_finding.patient_id = annotation.patient_id
            AND quality_finding.series_id = annotation.mask_series_id
            AND quality_finding.check_name IN \(list: checks))
        """
    }
}
