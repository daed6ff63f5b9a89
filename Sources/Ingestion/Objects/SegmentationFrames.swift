internal import Catalogue
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// The frames of a stored segmentation, each with what its header says of it.
struct SegmentationFrames: Sendable {
    /// One DICOM instance of the series.
    struct Instance: Sendable {
        /// SOP Instance UID; where there is none, what the warehouse calls the file.
        let key: String
        let header: SegmentationHeader
        fileprivate(set) var frames: [Frame] = []
    }

    struct Frame: Sendable {
        let sliceID: Int64
        let rows: Int
        let columns: Int
        let marks: SegmentationHeader.Frame
        /// It marks something, or may, and no annotation has it yet.
        let isOpen: Bool
    }

    let instances: [Instance]

    var hasOpen: Bool { instances.contains { $0.frames.contains(where: \.isOpen) } }

    init(of object: MarkingObjectPass.Object, on connection: any WarehouseConnection) async throws {
        let common = try await connection.rows(
            """
            SELECT header FROM series_header
            WHERE patient_id = \(object.patientID) AND series_id = \(object.seriesID)
            """
        ).first?.get("header", as: String?.self)
        let rows = try await connection.rows(
            """
            SELECT slice.slice_id, slice.slice_key, slice.frame_number, slice.rows, slice.columns, slice.maximum,
                slice.slice_id IN (SELECT annotation_mask.mask_slice_id FROM annotation_mask
                    WHERE annotation_mask.patient_id = \(object.patientID)
                        AND annotation_mask.mask_slice_id IS NOT NULL) AS is_placed
            FROM slice
            WHERE slice.patient_id = \(object.patientID) AND slice.series_id = \(object.seriesID)
            ORDER BY slice.slice_key, slice.frame_number
            """)
        var instances: [Instance] = []
        var indexOf: [String: Int] = [:]
        for row in rows {
            let key = Self.instanceKey(try row.get("slice_key"))
            let index: Int
            if let known = indexOf[key] {
                index = known
            } else {
                // The frames of one instance share its header, so that of the first is enough.
                let own = try await Self.header(of: row.get("slice_id"), object, on: connection)
                let header = try StoredHeader(common: common, own: own)
                index = instances.count
                indexOf[key] = index
                instances.append(Instance(key: key, header: SegmentationHeader(header)))
            }
            let maximum: Double? = try row.get("maximum")
            instances[index].frames.append(
                Frame(
                    sliceID: try row.get("slice_id"), rows: try row.get("rows"), columns: try row.get("columns"),
                    marks: instances[index].header.frame(try row.get("frame_number", as: Int?.self) ?? 1),
                    isOpen: try !row.get("is_placed", as: Bool.self) && (maximum ?? 1) > 0))
        }
        self.instances = instances
    }

    private static func header(
        of sliceID: Int64, _ object: MarkingObjectPass.Object, on connection: any WarehouseConnection
    ) async throws -> String? {
        try await connection.rows(
            "SELECT header FROM slice_header WHERE patient_id = \(object.patientID) AND slice_id = \(sliceID)"
        ).first?.get("header")
    }

    /// `sop:UID#n` and `sha256:DIGEST#n` without the frame; a UID without what says that it is one.
    private static func instanceKey(_ sliceKey: String) -> String {
        let whole = String(sliceKey.prefix { $0 != "#" })
        return whole.hasPrefix("sop:") ? String(whole.dropFirst(4)) : whole
    }

    var markedSeries: [String] {
        var seen: Set<String> = []
        return instances.flatMap(\.header.markedSeries).filter { seen.insert($0).inserted }
    }

    /// SOP Instance UIDs of the images that the frames were derived from.
    var sources: [String] {
        Set(instances.flatMap(\.frames).flatMap(\.marks.sources).map(\.sopInstanceUID)).sorted()
    }

    var frameOfReferenceUID: String? { instances.lazy.compactMap(\.header.frameOfReferenceUID).first }
}

/// Where a frame of a segmentation belongs.
enum FramePlacement: Sendable {
    case on(MarkedSlices.Slice)
    /// The image is not in the warehouse.
    case absent
    case otherSize
    /// The frame lies elsewhere than the images it names, or between them.
    case otherPlace

    init(_ frame: SegmentationFrames.Frame, among images: MarkedSlices) {
        let plane = frame.marks.plane
        let named = frame.marks.sources.compactMap(images.slice(of:))
        if frame.marks.sources.count == 1, named.isEmpty {
            // It waits for the image it names: another series may lie on the same planes.
            self = .absent
        } else if frame.marks.sources.count == 1, let slice = named.first {
            if slice.rows != frame.rows || slice.columns != frame.columns {
                self = .otherSize
            } else if let plane, let own = slice.plane, !Self.isOn(plane, own, frame) {
                self = .otherPlace
            } else {
                self = .on(slice)
            }
        } else if let slice = plane.flatMap({ images.slice(on: $0, rows: frame.rows, columns: frame.columns) }) {
            self = .on(slice)
        } else {
            self = named.isEmpty ? .absent : .otherPlace
        }
    }

    /// Whether a frame lies on the image that it names, to a tenth of a pixel: writers round.
    private static func isOn(_ plane: SlicePlane, _ image: SlicePlane, _ frame: SegmentationFrames.Frame) -> Bool {
        plane.coincides(
            with: image, rows: frame.rows, columns: frame.columns,
            tolerance: min(image.rowSpacing, image.columnSpacing) / 10)
    }
}
