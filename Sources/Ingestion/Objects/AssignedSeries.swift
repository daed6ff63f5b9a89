internal import CanonicalJSON
internal import Catalogue
internal import Datasets
internal import Crypto
internal import Foundation
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// The stored series that `--masks-for` names: where its masks go, and the grid they must have.
struct AssignedSeries: Sendable {
    let assignment: MaskAssignment
    let dataset: DatasetIdentity
    let patientKey: String
    let studyKey: String
    let studyInstanceUID: String?
    let series: MarkedSeries
    let geometry: VolumeGeometry

    /// **Throws** `CatalogueError` where there is no such series, `badOption` where there are several, or one without a
    /// grid.
    init(_ assignment: MaskAssignment, on connection: any WarehouseConnection) async throws {
        let ids = try await NamedSeries.ids([assignment.series], option: "--masks-for", on: connection)
        let rows = try await connection.rows(
            """
            SELECT series.series_id, study.study_key, study.study_instance_uid, patient.patient_key, dataset.name,
                dataset.version, dataset.adapter, dataset.dataset_id
            FROM series
            JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
            JOIN patient ON patient.patient_id = series.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            WHERE series.series_id IN \(list: ids)
            """)
        guard rows.count == 1, let row = rows.first else {
            throw Self.bad(assignment, "several series have this UID; name one by its id (slicehouse series)")
        }
        let seriesID: Int64 = try row.get("series_id")
        let finder = MarkedSeriesFinder(connection: connection, datasetID: try row.get("dataset_id"))
        guard let series = try await finder.find(id: seriesID, role: .image) else {
            throw Self.bad(assignment, "it is no series of images; masks belong to images")
        }
        guard let geometry = series.geometry else {
            throw Self.bad(assignment, "its slices form no even grid, so that a volume cannot lie on them")
        }
        self.assignment = assignment
        dataset = DatasetIdentity(
            name: try row.get("name"), version: try row.get("version"), adapter: try row.get("adapter"),
            patientKeyKind: .clinical)
        patientKey = try row.get("patient_key")
        studyKey = try row.get("study_key")
        studyInstanceUID = try row.get("study_instance_uid")
        self.series = series
        self.geometry = geometry
    }

    private static func bad(_ assignment: MaskAssignment, _ reason: String) -> IngestionError {
        IngestionError(code: .badOption, subject: "--masks-for \(assignment.series)", reason: reason)
    }

    /// How many labels a volume may have; more are grey levels.
    private static let labelLimit = 1_000

    /// The rule under which a volume is stored as a mask of the series.
    ///
    /// **Throws** `mask_grid` where it has another grid, `mask_values` where its values are no labels.
    func rule(for geometry: VolumeGeometry?, _ buffers: [PixelBuffer], rescale: Rescale?) throws(MaskRefusal) -> String
    {
        guard let geometry, GridAlignment(of: geometry, on: self.geometry) != nil else {
            throw MaskRefusal(
                code: "mask_grid",
                reason: Self.gridSentence(geometry, on: self.geometry, buffers: buffers)
                    + "; only the order and sense of the axes may differ, and 1e-3 mm; resample it onto the images in the "
                    + "program that made it")
        }
        let line = rescale ?? .identity
        var values: Set<UInt16> = []
        for buffer in buffers {
            guard buffer.samplesPerPixel == 1 else {
                throw MaskRefusal(
                    code: "mask_values", reason: "it has \(buffer.samplesPerPixel) samples per voxel, not one")
            }
            var last = Double.nan
            for stored in buffer.doubles() where stored != last {
                guard let label = MaskLabel(stored, on: line) else { throw Self.greyLevels }
                last = stored
                values.insert(label.number)
            }
            guard values.count <= Self.labelLimit else { throw Self.greyLevels }
        }
        return assignment.rule(on: series.seriesID).text
    }

    /// What both grids are, and where they seem alike, in what they differ.
    private static func gridSentence(
        _ own: VolumeGeometry?, on images: VolumeGeometry, buffers: [PixelBuffer]
    ) -> String {
        let named = "the series that --masks-for names has \(images.extent)"
        guard let own else {
            let shape = buffers.first.map { "\($0.columns) × \($0.rows) × \(buffers.count) voxels" } ?? "no voxels"
            return "it has \(shape) without a place in the patient, and \(named)"
        }
        let isAlike = own.extent == images.extent
        return "it has \(own.extent), and \(named)" + (isAlike ? " at another place or in another direction" : "")
    }

    private static let greyLevels = MaskRefusal(
        code: "mask_values",
        reason:
            "a mask holds whole numbers from 0 to 65535, at most \(labelLimit) of them, and these are grey levels; save "
            + "it as a label map in the program that made it")

    /// The same bytes may be the mask of several series, or be given again with another target.
    func digest(ofFile digest: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: digest + Array(assignment.rule(on: series.seriesID).text.utf8)))
    }
}

/// Why a volume is no mask of the series that was named.
struct MaskRefusal: Error {
    static let codes = ["mask_grid", "mask_values", picture.code]
    static let picture = MaskRefusal(
        code: "mask_format",
        reason:
            "--masks-for takes volumes (NIfTI, MetaImage) on the grid of the series, and this is a picture; ingest it "
            + "without the option, or give the mask as a volume")

    /// Of a file that no reader knows.
    static func unreadable(head: [UInt8]) -> MaskRefusal {
        MaskRefusal(
            code: picture.code,
            reason: "--masks-for takes volumes (NIfTI, MetaImage), and this is "
                + (isNRRD(head) ? "one in the format NRRD" : "no file that is read here")
                + "; save the mask as NIfTI (.nii.gz) where it was drawn, and ingest that")
    }

    /// What 3D Slicer saves a segmentation as: `NRRD`, four digits of a version, a line feed.
    static func isNRRD(_ head: [UInt8]) -> Bool { head.starts(with: "NRRD000".utf8) }

    let code: String
    let reason: String
}

extension VolumeGeometry {
    /// Shape and spacing in words, columns first: `512 × 512 × 30 voxels of 0.5 × 0.5 × 5 mm`.
    fileprivate var extent: String {
        let spacing = [columnSpacing, rowSpacing, sliceSpacing].map { String(format: "%.5g", $0) }
        return "\(columns) × \(rows) × \(slices) voxels of \(spacing.joined(separator: " × ")) mm"
    }
}
