internal import Imaging
internal import SQLInterface
internal import Warehouse

/// What a query chose, with where it is and in which fold.
struct SampleCandidate: Sendable {
    /// Why something that was chosen does not become a sample.
    enum Refusal: String, Sendable, CaseIterable {
        case notFound = "not_found"
        case notImage = "not_image"
        case variant
        case noFold = "no_fold"
        case tornIdentity = "torn_identity"
        case outsideSplit = "outside_split"
        case foldNotGiven = "fold_not_given"
        case severalVolumes = "several_volumes"
        case severalSizes = "several_sizes"
        case noCentre = "no_centre"
        case outsideVolume = "outside_volume"
        case noSpacing = "no_spacing"
        case noPlace = "no_place"
        case noValue = "no_value"
        case notRead = "not_read"
        case maskUnplaced = "mask_unplaced"
        case conflict

        /// Whether the sample is there and what is to be learned of it is not.
        var isOfTarget: Bool {
            switch self {
            case .noValue, .notRead, .maskUnplaced, .conflict: true
            case .notFound, .notImage, .variant, .noFold, .outsideSplit, .foldNotGiven, .severalVolumes, .severalSizes,
                .noCentre, .outsideVolume, .noSpacing, .noPlace, .tornIdentity:
                false
            }
        }

        /// - Parameter split: Its name.
        func sentence(_ definition: TrainingSetDefinition, split: String) -> String {
            switch self {
            case .notFound: "ids that the warehouse does not have"
            case .notImage: "of series that are no images, such as masks and scouts"
            case .variant: "of conflicting variants, or marked as not trainable; --include-variants takes them"
            case .noFold:
                "of patients who have no fold yet, with or without the target; slicehouse split extend \(split) gives "
                    + "them one"
            case .tornIdentity:
                "of patients whose identity is in several folds of split \(split), so that split extend gives them "
                    + "none, with or without the target; make a new split"
            case .outsideSplit:
                "of patients whom split \(split) is not about, by its --dataset or --query, with or without the target"
            case .foldNotGiven:
                "of patients whom the folds that were given to split \(split) do not have, with or without the target"
            case .severalVolumes: "of series that hold several volumes"
            case .severalSizes: "whose slices are of several sizes, which no array holds"
            case .noCentre: "around annotations that have neither a centre nor a marked voxel"
            case .outsideVolume: "around points outside the volume, or in volumes smaller than the crop"
            case .noSpacing: "of series without spacing, where a sphere of so many mm has no size in voxels"
            case .noPlace:
                "that the recipe cannot take: smaller than it crops without fill, without a spacing to resample, or "
                    + "larger than an array can be once resampled"
            case .noValue:
                "without a clean value of \(definition.domains.joined(separator: " and of "))"
                    + (definition.target.kind == "labels" ? "; --missing null keeps them" : "")
            case .notRead:
                "of series that no reader marked or read"
                    + (definition.target.marks?.accepted["reader"] == nil ? "" : " of those whose marks count")
                    + ", so that nothing marked means nothing"
            case .maskUnplaced:
                "whose mask could not be laid on, being of another size or place, or has no slice for them; slicehouse "
                    + "sql findings names the masks"
            case .conflict: "with contradicting values; --conflicts says what else to do"
            }
        }
    }

    /// Thrown where a candidate does not become a sample.
    struct Refused: Error { let why: Refusal }

    let patientID: Int64
    let studyID: Int64
    let seriesID: Int64
    let sliceID: Int64?
    let sliceIndex: Int?
    let annotationID: Int64?
    var centre: VoxelPoint?
    let pixelDigest: [UInt8]
    /// Of the slice; 0 for crops and volumes.
    let rows: Int
    let columns: Int
    let fold: String
}

/// A point in voxel coordinates of a series.
struct VoxelPoint: Sendable, Hashable {
    let column: Double
    let row: Double
    let slice: Double
}

/// Runs the query and finds its rows in the catalogue, set-based.
struct CandidateReader: Sendable {
    let form: SampleForm
    let query: UserQuery
    let splitID: Int64
    let includesVariants: Bool

    struct Result: Sendable {
        /// In any order.
        var candidates: [SampleCandidate] = []
        var refused: [SampleCandidate.Refusal: Int] = [:]
        /// By patient without a fold: what would have been a candidate.
        var unplaced: [Int64: Int] = [:]
    }

    /// Candidates, and how many were refused for what.
    func read(on connection: any WarehouseConnection) async throws -> Result {
        let statement = try statement(columns: Set(try await query.columns(on: connection)))
        var result = Result()
        do {
            try await connection.stream(statement, batchRows: 4_096) { rows in
                for row in rows {
                    switch try refusal(row) {
                    case nil: result.candidates.append(try Self.candidate(row))
                    case .noFold: result.unplaced[try row.get(at: 0), default: 0] += 1
                    case let refusal?: result.refused[refusal, default: 0] += 1
                    }
                }
            }
        } catch let failure as any DatabaseFailure where failure.kind == .invalidData || failure.kind == .undefinedName
        {
            throw TrainingError(.badOption, "--query", "its rows name no samples: \(failure)")
        }
        return result
    }

    private func refusal(_ row: Row) throws -> SampleCandidate.Refusal? {
        guard try row.get(at: 0, as: Int64?.self) != nil else { return .notFound }
        if try row.get(at: 11, as: Int.self) == 0 { return .notImage }
        if try !includesVariants && row.get(at: 12, as: Int.self) == 0 { return .variant }
        return try row.get(at: 10, as: String?.self) == nil ? .noFold : nil
    }

    private static func candidate(_ row: Row) throws -> SampleCandidate {
        let column: Double? = try row.get(at: 6)
        let line: Double? = try row.get(at: 7)
        let slice: Double? = try row.get(at: 8)
        var centre: VoxelPoint?
        if let column, let line, let slice { centre = VoxelPoint(column: column, row: line, slice: slice) }
        return SampleCandidate(
            patientID: try row.get(at: 0), studyID: try row.get(at: 1), seriesID: try row.get(at: 2),
            sliceID: try row.get(at: 3), sliceIndex: try row.get(at: 4), annotationID: try row.get(at: 5),
            centre: centre, pixelDigest: try row.get(at: 9, as: [UInt8]?.self) ?? [],
            rows: try row.get(at: 13), columns: try row.get(at: 14), fold: try row.get(at: 10))
    }

    // MARK: Statement

    private func statement(columns: Set<String>) throws -> SQL {
        switch form {
        case .slice, .context, .image:
            try require(["slice_id"], in: columns, "slice_id, which names the slices")
            return statement(
                keys: "slice_id",
                joins: """
                    LEFT JOIN slice ON slice.slice_id = chosen.slice_id
                    LEFT JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
                    """,
                columns: """
                    slice.slice_id, slice.slice_index, CAST(NULL AS bigint), CAST(NULL AS double precision),
                    CAST(NULL AS double precision), CAST(NULL AS double precision), slice.pixel_digest
                    """, size: "slice.rows, slice.columns")
        case .volume:
            try require(["series_id"], in: columns, "series_id, which names the volumes")
            return statement(
                keys: "series_id", joins: "LEFT JOIN series ON series.series_id = chosen.series_id",
                columns: """
                    CAST(NULL AS bigint), CAST(NULL AS bigint), CAST(NULL AS bigint), CAST(NULL AS double precision),
                    CAST(NULL AS double precision), CAST(NULL AS double precision), NULL
                    """)
        case .crop:
            let point: Set = ["series_id", "centre_column", "centre_row", "centre_slice"]
            if !columns.contains("annotation_id"), point.isSubset(of: columns) {
                return statement(
                    keys: "series_id, centre_column, centre_row, centre_slice",
                    joins: "LEFT JOIN series ON series.series_id = chosen.series_id",
                    columns: """
                        CAST(NULL AS bigint), CAST(NULL AS bigint), CAST(NULL AS bigint), chosen.centre_column,
                        chosen.centre_row, chosen.centre_slice, NULL
                        """)
            }
            try require(
                ["annotation_id"], in: columns,
                "annotation_id, and none of series_id, centre_column, centre_row and centre_slice together")
            return statement(
                keys: "annotation_id",
                joins: """
                    LEFT JOIN annotation ON annotation.annotation_id = chosen.annotation_id
                    LEFT JOIN series
                        ON series.patient_id = annotation.patient_id AND series.series_id = annotation.series_id
                    """,
                columns: """
                    CAST(NULL AS bigint), CAST(NULL AS bigint), annotation.annotation_id, annotation.centre_column,
                    annotation.centre_row, annotation.centre_slice, NULL
                    """)
        }
    }

    private func require(_ wanted: Set<String>, in columns: Set<String>, _ what: String) throws {
        guard wanted.isSubset(of: columns) else {
            throw TrainingError(.badOption, "--query", "with --sample \(form.kind) its result needs a column \(what)")
        }
    }

    private func statement(keys: String, joins: String, columns: String, size: String = "0, 0") -> SQL {
        """
        SELECT series.patient_id, series.study_id, series.series_id, \(raw: columns), split_assignment.fold,
            CASE WHEN series.role = 'image' THEN 1 ELSE 0 END,
            CASE WHEN series.conflict_of IS NULL AND series.is_trainable THEN 1 ELSE 0 END, \(raw: size)
        FROM (SELECT DISTINCT \(raw: keys) FROM \(sql: query.expression) AS query_result) AS chosen
        \(raw: joins)
        LEFT JOIN split_assignment
            ON split_assignment.patient_id = series.patient_id AND split_assignment.split_id = \(splitID)
        """
    }
}
