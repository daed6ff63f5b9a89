internal import Tables

/// One of the tables of LUNA16, known by its columns and, among those with equal columns, by its name.
struct LUNA16Table {
    /// `nil` for a submission, which holds predictions.
    let layout: PointLayout?
    /// Its columns alone say which table it is.
    private let isTold: Bool
    /// Nothing is missing without which it says too little.
    private let isWhole: Bool

    private static let seriesColumn = "seriesuid"
    private static let centreColumns = ["coordX", "coordY", "coordZ"]

    /// `nil` where the file is no table of LUNA16, whatever its delimiter and encoding.
    init?(_ file: SourceFile, in listing: some FileListing) async throws {
        // Where it is cut, its last record means nothing.
        let head = try await listing.contents(of: file, limit: 4_096)
        guard let header = (try? CSVReader(bytes: head))?.header,
            ([Self.seriesColumn] + Self.centreColumns).allSatisfy({ header.column(named: $0) != nil })
        else { return nil }
        let names = ["probability", "mal_bool", "class"]
        isTold = names.contains { header.column(named: $0) != nil }
        let layout: PointLayout? =
            if header.column(named: "probability") != nil {
                nil
            } else if header.column(named: "mal_bool") != nil {
                Self.malignancy
            } else if header.column(named: "class") != nil {
                Self.candidates
            } else {
                file.stem.lowercased().contains("excluded") ? Self.excluded : Self.nodules
            }
        isWhole = layout?.requiredColumns.allSatisfy { header.column(named: $0) != nil } ?? true
        self.layout = layout
    }

    /// What a file below the folder of the data set is: by its columns, where these say all of it; else by the name
    /// under which it was published, and then it is refused for what it lacks.
    static func find(
        _ file: SourceFile, in listing: some FileListing, below anchor: String
    ) async throws -> LUNA16Table? {
        let known = try await LUNA16Table(file, in: listing)
        if let known, known.isTold, known.isWhole { return known }
        return LUNA16Table(published: file, below: anchor) ?? known.flatMap { $0.isWhole ? $0 : nil }
    }

    /// A table that lies where it was published, under its name: without the columns of LUNA16 it is not passed by, but
    /// refused for what is wrong with it.
    ///
    /// - Parameter anchor: Folder of the data set.
    private init?(published file: SourceFile, below anchor: String) {
        (isTold, isWhole) = (false, false)
        let folder = file.components(below: anchor)?.dropLast().joined(separator: "/")
        guard let folder, ["", "CSVFILES", "evaluationScript/annotations"].contains(folder) else { return nil }
        switch file.stem.lowercased() {
        case "annotations": layout = Self.nodules
        case "annotations_excluded": layout = Self.excluded
        case "annotations_with_malignancy": layout = Self.malignancy
        case "candidates", "candidates_v2": layout = Self.candidates
        default: return nil
        }
    }

    private static func points(_ reader: LabelReader, _ kind: Mark.Kind, _ target: String) -> PointLayout {
        PointLayout(
            reader: reader, kind: kind, target: target, seriesColumn: seriesColumn, centreColumns: centreColumns)
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
        layout.derivedColumns = ["len_mal_details"]
        return layout
    }()
}
