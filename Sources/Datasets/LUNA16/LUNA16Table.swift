/// One of the tables of LUNA16, known by its columns and, among those with equal columns, by its name.
struct LUNA16Table {
    /// `nil` for a submission, which holds predictions.
    let layout: PointLayout?

    /// `nil` where the file is no table of LUNA16.
    init?(_ file: SourceFile, in listing: some FileListing) async throws {
        let head = try await listing.contents(of: file, limit: 1_024)
        let line = String(decoding: head.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
        let columns = line.lowercased().split(separator: ",").map { $0.filter { !"\u{FEFF}\" ".contains($0) } }
        guard ["seriesuid", "coordx", "coordy", "coordz"].allSatisfy(columns.contains) else { return nil }
        layout =
            if columns.contains("probability") {
                nil
            } else if columns.contains("mal_bool") {
                Self.malignancy
            } else if columns.contains("class") {
                Self.candidates
            } else {
                file.stem.lowercased().contains("excluded") ? Self.excluded : Self.nodules
            }
    }

    private static func points(_ reader: LabelReader, _ kind: Mark.Kind, _ target: String) -> PointLayout {
        PointLayout(
            reader: reader, kind: kind, target: target, seriesColumn: "seriesuid",
            centreColumns: ["coordX", "coordY", "coordZ"])
    }

    /// Nodules of at least 3 mm that at least three of the four readers of LIDC-IDRI marked.
    private static let nodules: PointLayout = {
        var layout = points(LabelReader(key: "luna16-reference", kind: .consensus), .sphere, "nodule")
        layout.diameterColumn = "diameter_mm"
        return layout
    }()

    /// Findings that count neither as nodule nor as false positive: small, non-nodule, or seen by fewer readers.
    private static let excluded: PointLayout = {
        var layout = points(LabelReader(key: "luna16-reference", kind: .consensus), .sphere, "excluded-finding")
        layout.diameterColumn = "diameter_mm"
        layout.mayLackDiameter = true
        return layout
    }()

    /// What detection programs proposed, with the class by the reference standard.
    private static let candidates: PointLayout = {
        var layout = points(LabelReader(key: "luna16-candidates", kind: .algorithm), .point, "nodule-candidate")
        layout.labelColumns = [("class", "nodule_candidate")]
        return layout
    }()

    /// Nodules of `annotations.csv` matched to readings of LIDC-IDRI, as "Deep Learning with PyTorch" publishes them.
    private static let malignancy: PointLayout = {
        var layout = points(LabelReader(key: "dlwpt", kind: .consensus), .sphere, "nodule")
        layout.diameterColumn = "diameter_mm"
        layout.cornerColumns = ["bboxLowX", "bboxLowY", "bboxLowZ", "bboxHighX", "bboxHighY", "bboxHighZ"]
        layout.labelColumns = [("mal_bool", "malignancy_dlwpt")]
        layout.ratingListColumn = ("mal_details", "malignancy")
        return layout
    }()
}
