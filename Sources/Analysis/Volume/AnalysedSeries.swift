package import Imaging
internal import SQLInterface
package import Warehouse

/// What an analysis knows of a series before it reads its pixels.
package struct AnalysedSeries: Sendable {
    package let patientID: Int64
    package let seriesID: Int64
    package let studyID: Int64
    package let revision: Int
    package let role: String
    package let modality: String?
    package let photometricInterpretation: String?
    package let seriesInstanceUID: String?
    package let studyInstanceUID: String?
    package let frameOfReferenceUID: String?
    package let patientKey: String
    package let studyKey: String
    package let seriesKey: String
    package let dataset: Dataset
    package let geometry: Geometry?
    package let sliceThickness: Double?
    /// By `slice_index`.
    package let slices: [Slice]

    package struct Dataset: Sendable, Equatable {
        package let name: String
        package let version: String
        package let adapter: String
        /// `research` or `clinical`.
        package let patientKeyKind: String
    }

    package struct Slice: Sendable {
        package let sliceID: Int64
        package let sopInstanceUID: String?
        package let instanceNumber: Int?
        package let positionMillimetres: Double?
        package let rows: Int
        package let columns: Int
        package let samplesPerPixel: Int
        package let type: PixelType
        package let rescale: Rescale?
        package let window: WindowLevel?
        package let digest: [UInt8]
    }

    /// The grid in DICOM LPS, mm.
    package struct Geometry: Sendable {
        package let origin: [Double]
        package let rowDirection: [Double]
        package let columnDirection: [Double]
        package let sliceDirection: [Double]
        package let columnSpacing: Double
        package let rowSpacing: Double
        package let sliceSpacing: Double
    }

    /// What messages call the series: its id, which says nothing about a person.
    package var name: String { "series \(seriesID)" }

    package var rows: Int { slices.first?.rows ?? 0 }
    package var columns: Int { slices.first?.columns ?? 0 }

    /// SHA-256 over the digests of the slices in order.
    package var inputDigest: [UInt8] { FileDigest.sha256(slices.flatMap(\.digest)) }
}

extension AnalysedSeries {
    package init(seriesID: Int64, on connection: any WarehouseConnection) async throws {
        let found = try await connection.rows(
            """
            SELECT series.*, study.study_key, study.study_instance_uid, patient.patient_key, dataset.name AS dataset_name,
                dataset.version AS dataset_version, dataset.adapter, dataset.patient_key_kind
            FROM series
            JOIN study ON study.patient_id = series.patient_id AND study.study_id = series.study_id
            JOIN patient ON patient.patient_id = series.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            WHERE series.series_id = \(seriesID)
            """)
        guard let row = found.first else {
            throw AnalysisError(.notFound, "series \(seriesID)", "it is no longer in the warehouse")
        }
        patientID = try row.get("patient_id")
        self.seriesID = seriesID
        studyID = try row.get("study_id")
        revision = try row.get("revision")
        role = try row.get("role")
        modality = try row.get("modality")
        photometricInterpretation = try row.get("photometric_interpretation")
        seriesInstanceUID = try row.get("series_instance_uid")
        studyInstanceUID = try row.get("study_instance_uid")
        frameOfReferenceUID = try row.get("frame_of_reference_uid")
        patientKey = try row.get("patient_key")
        studyKey = try row.get("study_key")
        seriesKey = try row.get("series_key")
        dataset = Dataset(
            name: try row.get("dataset_name"), version: try row.get("dataset_version"),
            adapter: try row.get("adapter"), patientKeyKind: try row.get("patient_key_kind"))
        geometry = try Geometry(row: row)
        sliceThickness = try row.get("slice_thickness_mm")
        slices = try await Self.slices(patientID: patientID, seriesID: seriesID, on: connection)
    }

    private static func slices(
        patientID: Int64, seriesID: Int64, on connection: any WarehouseConnection
    ) async throws -> [Slice] {
        let rows = try await connection.rows(
            """
            SELECT slice_id, sop_instance_uid, instance_number, position_mm, rows, columns, samples_per_pixel, pixel_type,
                rescale_slope, rescale_intercept, window_center, window_width, pixel_digest
            FROM slice WHERE patient_id = \(patientID) AND series_id = \(seriesID) ORDER BY slice_index
            """)
        return try rows.map { row in
            let slope: Double? = try row.get("rescale_slope")
            let intercept: Double? = try row.get("rescale_intercept")
            let center: Double? = try row.get("window_center")
            let width: Double? = try row.get("window_width")
            return Slice(
                sliceID: try row.get("slice_id"), sopInstanceUID: try row.get("sop_instance_uid"),
                instanceNumber: try row.get("instance_number"), positionMillimetres: try row.get("position_mm"),
                rows: try row.get("rows"), columns: try row.get("columns"),
                samplesPerPixel: try row.get("samples_per_pixel"),
                type: PixelType(rawValue: try row.get("pixel_type")) ?? .u8,
                rescale: slope.flatMap { slope in intercept.map { Rescale(slope: slope, intercept: $0) } },
                window: center.flatMap { center in width.flatMap { try? WindowLevel(center: center, width: $0) } },
                digest: try row.get("pixel_digest"))
        }
    }
}

extension AnalysedSeries.Geometry {
    fileprivate init?(row: Row) throws {
        func vector(_ name: String, _ unit: String = "") throws -> [Double] {
            try ["x", "y", "z"].compactMap { try row.get("\(name)_\($0)\(unit)", as: Double?.self) }
        }
        origin = try vector("origin", "_mm")
        rowDirection = try vector("row_direction")
        columnDirection = try vector("column_direction")
        sliceDirection = try vector("slice_direction")
        guard origin.count == 3, rowDirection.count == 3, columnDirection.count == 3, sliceDirection.count == 3,
            let column: Double = try row.get("column_spacing_mm"),
            let rowSpacing: Double = try row.get("row_spacing_mm"),
            let slice: Double = try row.get("slice_spacing_mm")
        else { return nil }
        columnSpacing = column
        self.rowSpacing = rowSpacing
        sliceSpacing = slice
    }
}
