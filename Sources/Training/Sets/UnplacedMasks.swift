internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Masks that could not be laid on their images: what they mark there is not known, so that these are no negatives.
///
/// Drawings of another size take out the slices that they are of; those of the same mask that fit count. A volume with
/// fewer slices than its images takes out those that it has none for, of which it says nothing. A mask, or a
/// segment of one, of which nothing could be placed, since it lies elsewhere by its header or is of slices that are not
/// there, takes out its series, whoever else read that.
struct UnplacedMasks {
    let splitID: Int64
    let connection: any WarehouseConnection

    private struct Image: Hashable {
        let patientID: Int64
        let seriesID: Int64
    }

    /// Slices of images with such a mask among those that the filter accepts.
    func slices(_ filter: MarkFilter) async throws -> Set<Int64> {
        var slices: Set<Int64> = []
        for query in [otherSize(filter), notDrawn(filter), nowhere(filter)] {
            for row in try await connection.rows(query) { slices.insert(try row.get(at: 0)) }
        }
        var images: Set<Image> = []
        for query in [partsOfObjects, onAnotherGrid] {
            for row in try await connection.rows(query) where try Self.isAccepted(row, by: filter) {
                images.insert(Image(patientID: try row.get("patient_id"), seriesID: try row.get("image_id")))
            }
        }
        return try await slices.union(allSlices(of: images))
    }

    /// Whether the filter accepts any of what the finding names; a mask that was annotated says by that what it marks.
    private static func isAccepted(_ row: Row, by filter: MarkFilter) throws -> Bool {
        let marks = try JSONValue(parsing: row.get("detail", as: String.self))["marks"]?.array ?? []
        return marks.contains { mark in
            filter.accepts(
                target: mark["target"]?.string, reader: mark["reader"]?.string, kind: mark["kind"]?.string)
        }
    }

    private func allSlices(of images: Set<Image>) async throws -> Set<Int64> {
        var slices: Set<Int64> = []
        let sorted = images.sorted { ($0.patientID, $0.seriesID) < ($1.patientID, $1.seriesID) }
        for start in stride(from: 0, to: sorted.count, by: 500) {
            let page = sorted[start..<min(start + 500, sorted.count)]
            let rows = try await connection.rows(
                """
                SELECT slice_id FROM slice
                WHERE patient_id IN \(list: page.map(\.patientID)) AND series_id IN \(list: page.map(\.seriesID))
                """)
            for row in rows { slices.insert(try row.get(at: 0)) }
        }
        return slices
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
            AND (drawing.rows <> image.rows OR drawing.columns <> image.columns) AND \(sql: Self.isHeld)
        """
    }

    /// Whether a file holds a drawing, or held it before it was refused.
    private static let isHeld: SQL = """
        EXISTS (SELECT 1 FROM slice_source
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
                AND (source_file.sha256 = slice_source.sha256 OR slice_source.sha256 IS NULL
                    OR source_file.outcome IN ('rejected', 'ignored'))
            WHERE slice_source.patient_id = drawing.patient_id AND slice_source.slice_id = drawing.slice_id)
        """

    /// Slices that a mask volume has none for which a file holds.
    private func notDrawn(_ filter: MarkFilter) -> SQL {
        """
        SELECT DISTINCT image.slice_id
        FROM annotation
        \(sql: Self.splitJoin(splitID))
        \(raw: MarkFilter.joins)
        JOIN slice AS image ON image.patient_id = annotation.patient_id AND image.series_id = annotation.series_id
        WHERE \(raw: filter.condition) AND \(sql: Self.hasFinding(["mask_slices_missing"]))
            AND NOT EXISTS (SELECT 1 FROM series AS mask
                JOIN slice AS drawing ON drawing.patient_id = mask.patient_id AND drawing.series_id = mask.series_id
                WHERE mask.patient_id = annotation.patient_id
                    AND (mask.series_id = annotation.mask_series_id OR mask.conflict_of = annotation.mask_series_id)
                    AND drawing.instance_number = image.instance_number AND \(sql: Self.isHeld))
        """
    }

    /// Slices of series with a mask of which nothing could be placed.
    ///
    /// Of segmentations each segment is asked for itself.
    private func nowhere(_ filter: MarkFilter) -> SQL {
        """
        SELECT DISTINCT image.slice_id
        FROM annotation
        \(sql: Self.splitJoin(splitID))
        \(raw: MarkFilter.joins)
        JOIN series AS mask ON mask.patient_id = annotation.patient_id
            AND mask.series_id = annotation.mask_series_id AND COALESCE(mask.modality, '') <> 'SEG'
        JOIN slice AS image ON image.patient_id = annotation.patient_id AND image.series_id = annotation.series_id
        WHERE \(raw: filter.condition) AND \(sql: Self.hasFinding(["mask_slice_without_image"]))
            AND NOT EXISTS (SELECT 1 FROM annotation AS other
                JOIN annotation_mask ON annotation_mask.patient_id = other.patient_id
                    AND annotation_mask.annotation_id = other.annotation_id
                WHERE other.patient_id = annotation.patient_id
                    AND other.mask_series_id = annotation.mask_series_id)
        """
    }

    /// Image series with a segmentation or structure set of which something has no place at all; the finding says what,
    /// since it is annotated nowhere.
    private var partsOfObjects: SQL {
        """
        SELECT mask.patient_id, mask.companion_of AS image_id, quality_finding.detail
        FROM quality_finding
        JOIN series AS mask ON mask.patient_id = quality_finding.patient_id
            AND mask.series_id = quality_finding.series_id
        JOIN split_assignment
            ON split_assignment.patient_id = mask.patient_id AND split_assignment.split_id = \(splitID)
        WHERE quality_finding.check_name IN ('mask_slice_without_image', 'mask_size_mismatch', 'mask_place_mismatch')
            AND mask.companion_of IS NOT NULL
        """
    }

    /// Image series with a mask that was never laid on, since the header of its file says another place.
    private var onAnotherGrid: SQL {
        """
        SELECT DISTINCT mask.patient_id, mask.companion_of AS image_id, quality_finding.detail
        FROM quality_finding
        JOIN slice_source ON slice_source.source_file_id = quality_finding.source_file_id
        JOIN slice AS drawing ON drawing.patient_id = slice_source.patient_id
            AND drawing.slice_id = slice_source.slice_id
        JOIN series AS mask ON mask.patient_id = drawing.patient_id AND mask.series_id = drawing.series_id
        JOIN split_assignment
            ON split_assignment.patient_id = mask.patient_id AND split_assignment.split_id = \(splitID)
        WHERE quality_finding.check_name = 'mask_grid_differs' AND mask.companion_of IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM annotation
                WHERE annotation.patient_id = mask.patient_id
                AND annotation.mask_series_id = COALESCE(mask.conflict_of, mask.series_id))
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
