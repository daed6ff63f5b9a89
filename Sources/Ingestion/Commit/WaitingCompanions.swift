internal import CanonicalJSON
internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Masks and second renderings that came before the image series they belong to, or before some of its slices: once
/// these are there, they are tied to it, and masks mark it.
struct WaitingCompanions: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    /// Returns how many slice masks found their image.
    func resolve(_ plans: [SeriesPlan]) async throws -> Int {
        var count = 0
        for plan in plans {
            guard let image = plan.companionOf, try await waiting(plan, image: image) != nil else { continue }
            count += try await connection.transaction {
                // Another run may tie it at the same time: who comes second finds it tied.
                for key in try await BatchCatalogue.claimKeys(of: [plan], on: connection) {
                    try await connection.claimWaiting(key: key)
                }
                guard let waiting = try await waiting(plan, image: image) else { return 0 }
                try await tie(waiting)
                guard let mask = plan.mask else { return 0 }
                return try await annotate(waiting, plan: mask)
            }
        }
        return count
    }

    /// The stored series of a plan, if it has no image yet and its image is there now, or if slices of it that had no
    /// image may have one now.
    private func waiting(_ plan: SeriesPlan, image: SeriesReference) async throws -> MaskWriter.Place? {
        let rows = try await connection.rows(
            """
            SELECT dataset.dataset_id, mask.patient_id, mask.series_id AS mask_id, image.series_id AS image_id
            FROM dataset
            JOIN patient ON patient.dataset_id = dataset.dataset_id AND patient.patient_key = \(plan.patientKey)
            JOIN study AS mask_study ON mask_study.patient_id = patient.patient_id
                AND mask_study.study_key = \(plan.reference.studyKey)
            JOIN series AS mask ON mask.patient_id = patient.patient_id AND mask.study_id = mask_study.study_id
                AND mask.series_key = \(plan.reference.seriesKey) AND mask.variant = 0
            JOIN study AS image_study ON image_study.patient_id = patient.patient_id
                AND image_study.study_key = \(image.studyKey)
            JOIN series AS image ON image.patient_id = patient.patient_id
                AND image.study_id = image_study.study_id AND image.series_key = \(image.seriesKey)
                AND image.variant = 0
            WHERE dataset.name = \(plan.dataset.name) AND dataset.version = \(plan.dataset.version)
            AND (mask.companion_of IS NULL
                OR (mask.companion_of = image.series_id AND \(sql: Self.mayMarkMore)))
            """)
        guard let row = rows.first else { return nil }
        return MaskWriter.Place(
            datasetID: try row.get("dataset_id"), patientID: try row.get("patient_id"),
            imageSeriesID: try row.get("image_id"), maskSeriesID: try row.get("mask_id"))
    }

    /// Some of the mask's drawings had no image, and one that may mark something does not mark the image that it has.
    private static let mayMarkMore: SQL = """
        EXISTS (SELECT 1 FROM quality_finding
            WHERE quality_finding.patient_id = mask.patient_id AND quality_finding.series_id = mask.series_id
            AND quality_finding.check_name = 'mask_slice_without_image')
        AND EXISTS (SELECT 1 FROM series AS own
            JOIN slice AS drawing ON drawing.patient_id = own.patient_id AND drawing.series_id = own.series_id
            JOIN slice AS picture ON picture.patient_id = own.patient_id AND picture.series_id = image.series_id
                AND picture.instance_number = drawing.instance_number
            WHERE own.patient_id = mask.patient_id
            AND (own.series_id = mask.series_id OR own.conflict_of = mask.series_id)
            AND (drawing.minimum <> 0 OR drawing.maximum <> 0)
            AND NOT EXISTS (SELECT 1 FROM annotation_mask
                WHERE annotation_mask.patient_id = picture.patient_id
                AND annotation_mask.slice_id = picture.slice_id
                AND annotation_mask.mask_slice_id = drawing.slice_id))
        """

    private func tie(_ place: MaskWriter.Place) async throws {
        try await connection.execute(
            """
            UPDATE series SET companion_of = \(place.imageSeriesID)
            WHERE patient_id = \(place.patientID)
            AND (series_id = \(place.maskSeriesID) OR conflict_of = \(place.maskSeriesID))
            """)
        try await connection.execute(
            """
            DELETE FROM quality_finding WHERE check_name = 'mask_without_image'
            AND patient_id = \(place.patientID) AND series_id = \(place.maskSeriesID)
            """)
    }

    private func annotate(_ place: MaskWriter.Place, plan: MaskPlan) async throws -> Int {
        var findings: [Finding] = []
        var count = 0
        let grids = MaskGrids(connection: connection)
        if try await grids.judgeStored(plan, in: place, findings: &findings) == .fits {
            count = try await MaskDrawings(connection: connection, context: context).addMissing(
                plan, in: place, findings: &findings)
        }
        _ = try await FindingWriter(connection: connection, context: context).write(findings)
        return count
    }
}
