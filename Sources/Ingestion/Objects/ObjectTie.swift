internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Something odd about the place of what an object marks.
struct PlacementNote: Sendable {
    let check: String
    let sentence: String
    var detail: JSONValue = [:]
    var severity = Finding.Severity.warning

    static func unreadable(_ reason: String) -> PlacementNote {
        PlacementNote(check: "mask_unreadable", sentence: "What it marks cannot be read (\(reason)); it marks nothing.")
    }

    static let tiled = unreadable("it is tiled, TILED_FULL, and its tiles are parts of one plane, not slices")

    /// Of a volume that marks nothing.
    static let empty = PlacementNote(
        check: "empty_mask",
        sentence: "No voxel of it is marked, which says that what it is a mask of was looked for and not found.")

    /// Of a volume that was given before, under another name or in another form.
    static func repeated(_ count: Int, of all: Int) -> PlacementNote {
        PlacementNote(
            check: "mask_repeated",
            sentence: count == all
                ? "What it marks is marked already, by a mask that was given before; it adds nothing."
                : "\(count) of the \(all) things that it marks are marked already, by a mask that was given before.")
    }

    /// Of a volume that took the place of another in its file.
    static let redrawn = PlacementNote(
        check: "mask_redrawn",
        sentence: "This mask was drawn anew in its file, and what it marks now counts; what the file held before is "
            + "kept and counts no more (slicehouse domains sources).", severity: .info)

    /// Of a volume that was given with `--masks-for`.
    static let gridChanged = PlacementNote(
        check: "mask_place_mismatch",
        sentence: "The images have another grid than when the mask came; give it again with --masks-for.")
}

/// How many frames or contours found no slice, and why.
struct PlacementProblems: Sendable {
    var absent = 0
    var otherSize = 0
    var otherPlace = 0
    /// Contours without an inside.
    var open = 0
    /// Of what nothing has a place.
    var unplaced: Set<UnplacedMark> = []

    var notes: [PlacementNote] {
        var notes: [PlacementNote] = []
        let detail = UnplacedMark.detail(unplaced)
        if absent > 0 {
            notes.append(
                PlacementNote(
                    check: "mask_slice_without_image",
                    sentence: "\(absent) of its marks lie on slices that are not in the warehouse, or belong to "
                        + "another patient there; they wait.",
                    detail: detail))
        }
        if otherSize > 0 {
            notes.append(
                PlacementNote(
                    check: "mask_size_mismatch",
                    sentence: "\(otherSize) of its frames have another size than the images they name; they mark "
                        + "nothing, since only the same grid is taken.", detail: detail))
        }
        if otherPlace > 0 {
            notes.append(
                PlacementNote(
                    check: "mask_place_mismatch",
                    sentence: "\(otherPlace) of its marks lie elsewhere than the images they name; they mark nothing, "
                        + "since only the same grid is taken.", detail: detail))
        }
        if open > 0 {
            notes.append(
                PlacementNote(
                    check: "open_contour",
                    sentence: "\(open) of its contours are points or open lines, which mark no pixels; they are in the "
                        + "header only."))
        }
        return notes
    }
}

/// The link from a segmentation or structure set to the images it marks, and what is odd about it.
struct ObjectTie: Sendable {
    let object: MarkingObjectPass.Object
    let connection: any WarehouseConnection
    let context: RunContext

    static let waiting = PlacementNote(
        check: "mask_without_image",
        sentence: "The images that it marks are not in the warehouse, or belong to another patient there; it waits.")

    private static let checks = [
        "mask_without_image", "mask_slice_without_image", "mask_size_mismatch", "mask_place_mismatch",
        "open_contour", "mask_unreadable", "empty_mask", "mask_repeated", "mask_redrawn",
    ]

    /// The image series it is tied to.
    func imageSeriesID() async throws -> Int64? {
        try await connection.rows(
            """
            SELECT companion_of FROM series
            WHERE patient_id = \(object.patientID) AND series_id = \(object.seriesID)
            """
        ).first?.get("companion_of")
    }

    func tie(to seriesID: Int64) async throws {
        try await connection.execute(
            """
            UPDATE series SET companion_of = \(seriesID)
            WHERE patient_id = \(object.patientID) AND series_id = \(object.seriesID)
            """)
    }

    /// Brings the volumes of its annotations up to date: the grid of the images may be known better since they came.
    func refreshTotals() async throws {
        let rows = try await connection.rows(
            """
            SELECT annotation_id, series_id FROM annotation
            WHERE patient_id = \(object.patientID) AND mask_series_id = \(object.seriesID)
            """)
        for row in rows {
            try await AnnotationTotals(connection: connection).update(
                row.get("annotation_id"), on: row.get("series_id"), of: object.patientID)
        }
    }

    /// Writes what is odd now, in place of what was odd before; what still is stays a finding of the run that found it.
    ///
    /// Returns how many findings are new.
    func replaceFindings(_ notes: [PlacementNote]) async throws -> Int {
        let findings = notes.map { note in
            Finding(
                check: note.check, severity: note.severity,
                subject: .series(patientID: object.patientID, seriesID: object.seriesID), sentence: note.sentence,
                detail: note.detail)
        }
        let writer = FindingWriter(connection: connection, context: context)
        let standing = try await writer.standing(
            where: """
                check_name IN \(list: Self.checks)
                AND patient_id = \(object.patientID) AND series_id = \(object.seriesID)
                """)
        return try await writer.replace(standing, with: findings)
    }
}
