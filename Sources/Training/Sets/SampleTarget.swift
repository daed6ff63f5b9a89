internal import CanonicalJSON
internal import PixelCodec
internal import SQLInterface
internal import Warehouse

/// The frozen target of one sample.
struct SampleTarget: Sendable, Hashable {
    /// As `training_sample.target` holds it.
    let json: JSONValue
    let digest: [UInt8]

    /// The digest of a target that is all in its JSON.
    init(_ json: JSONValue) {
        self.json = json
        digest = TargetDigest.of(text: json.text)
    }

    init(_ json: JSONValue, digest: [UInt8]) {
        self.json = json
        self.digest = digest
    }
}

/// What there is to say of a sample.
enum TargetOutcome: Sendable {
    case target(SampleTarget)
    case missing
    case conflicting
}

/// Clean label values, by subject at the level of each domain.
struct LabelValues: Sendable {
    /// Smallest and greatest of the values given; they differ where readers or sources do.
    private struct Span: Sendable {
        let least: Double
        let greatest: Double
    }

    let domains: [String]
    let levels: [String: String]
    /// Level → subject → one entry a domain of that level, in order of ``domainsByLevel``.
    private let spans: [String: [Int64: [Span?]]]
    private let domainsByLevel: [String: [String]]
    let conflicts: ConflictRule

    /// - Parameter levels: Level by domain.
    init(
        _ domains: [String], levels: [String: String], form: SampleForm, conflicts: ConflictRule, splitID: Int64,
        on connection: any WarehouseConnection
    ) async throws {
        self.domains = domains
        self.levels = levels
        self.conflicts = conflicts
        domainsByLevel = Dictionary(grouping: domains) { levels[$0] ?? "" }
        var spans: [String: [Int64: [Span?]]] = [:]
        for (level, names) in domainsByLevel {
            var bySubject: [Int64: [Span?]] = [:]
            let isGathered = form == .volume && level == "slice"
            let statement = Self.statement(names, level: level, isGathered: isGathered, splitID: splitID)
            try await connection.stream(statement, batchRows: 4_096) { rows in
                for row in rows {
                    bySubject[try row.get(at: 0)] = try names.indices.map { index in
                        guard let greatest = try row.get(at: 2 + 2 * index, as: Double?.self) else { return nil }
                        // Slices of a volume may differ: the volume has what any of them has.
                        let least = isGathered ? greatest : try row.get(at: 1 + 2 * index, as: Double.self)
                        return Span(least: least, greatest: greatest)
                    }
                }
            }
            spans[level] = bySubject
        }
        self.spans = spans
    }

    private static func statement(_ names: [String], level: String, isGathered: Bool, splitID: Int64) -> SQL {
        var columns: SQL = ""
        for name in names {
            let value: SQL = """
                CASE WHEN label_current.domain_name = \(name) THEN
                    COALESCE(label_current.number_value, CAST(label_current.term_ordinal AS double precision)) END
                """
            columns.append(", min(\(sql: value)), max(\(sql: value))")
        }
        let subject: SQL = isGathered ? "slice.series_id" : "label_current.subject_id"
        let join: SQL =
            isGathered
            ? "JOIN slice ON slice.patient_id = label_current.patient_id AND slice.slice_id = label_current.slice_id"
            : ""
        return """
            SELECT \(sql: subject)\(sql: columns) FROM label_current
            JOIN split_assignment
                ON split_assignment.patient_id = label_current.patient_id AND split_assignment.split_id = \(splitID)
            \(sql: join)
            WHERE label_current.level = \(level) AND label_current.status = 'clean'
                AND label_current.domain_name IN \(list: names)
            GROUP BY \(sql: subject)
            """
    }

    /// Values in order of ``domains``; nil where there is none. `isConflicting` where the rule says to leave out.
    func values(of candidate: SampleCandidate, isVolume: Bool) -> (values: [Double?], isConflicting: Bool) {
        var isConflicting = false
        let values = domains.map { domain -> Double? in
            let level = levels[domain] ?? ""
            guard let index = domainsByLevel[level]?.firstIndex(of: domain),
                let subject = Self.subject(of: candidate, level: level, isVolume: isVolume),
                let span = spans[level]?[subject]?[index]
            else { return nil }
            guard span.least != span.greatest else { return span.greatest }
            switch conflicts {
            case .drop: isConflicting = true
            case .max: return span.greatest
            case .null: break
            }
            return nil
        }
        return (values, isConflicting)
    }

    private static func subject(of candidate: SampleCandidate, level: String, isVolume: Bool) -> Int64? {
        switch level {
        case "annotation": candidate.annotationID
        case "slice": isVolume ? candidate.seriesID : candidate.sliceID
        case "series": candidate.seriesID
        case "study": candidate.studyID
        default: candidate.patientID
        }
    }
}

/// Masks and spheres by slice and series.
struct MarkValues: Sendable {
    private struct SliceMask: Sendable {
        var annotations: [Int64] = []
        var runs: [UInt8] = []
        var voxelCount = 0
    }

    struct Sphere: Sendable {
        let annotationID: Int64
        let centre: VoxelPoint
        let radiusMillimetres: Double
    }

    private var masks: [Int64: SliceMask] = [:]
    private var spheres: [Int64: [Sphere]] = [:]
    /// Series that somebody looked at, or that have an accepted mark.
    private var readSeries: Set<Int64> = []
    private var sliceSpacing: [Int64: Double] = [:]

    init(_ target: TargetForm, splitID: Int64, on connection: any WarehouseConnection) async throws {
        guard let filter = target.marks else { return }
        try await readReadings(splitID, connection)
        if case .mask = target { try await readMasks(filter, splitID, connection) }
        if case .spheres = target { try await readSpheres(filter, splitID, connection) }
    }

    private mutating func readReadings(_ splitID: Int64, _ connection: any WarehouseConnection) async throws {
        let rows = try await connection.rows(
            """
            SELECT DISTINCT reading.series_id FROM reading
            JOIN split_assignment
                ON split_assignment.patient_id = reading.patient_id AND split_assignment.split_id = \(splitID)
            """)
        for row in rows { readSeries.insert(try row.get(at: 0)) }
    }

    private mutating func readMasks(
        _ filter: MarkFilter, _ splitID: Int64, _ connection: any WarehouseConnection
    ) async throws {
        var masks: [Int64: SliceMask] = [:]
        var read: Set<Int64> = []
        try await connection.stream(
            """
            SELECT annotation_mask.slice_id, annotation_mask.annotation_id, annotation_mask.rle,
                annotation_mask.voxel_count, annotation.series_id
            FROM annotation_mask
            JOIN annotation ON annotation.patient_id = annotation_mask.patient_id
                AND annotation.annotation_id = annotation_mask.annotation_id
            JOIN split_assignment
                ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
            \(raw: MarkFilter.joins)
            WHERE \(raw: filter.condition)
            ORDER BY annotation_mask.slice_id, annotation_mask.annotation_id
            """, batchRows: 1_024
        ) { rows in
            for row in rows {
                let slice: Int64 = try row.get(at: 0)
                masks[slice, default: SliceMask()].annotations.append(try row.get(at: 1))
                masks[slice]?.runs += try row.get(at: 2, as: [UInt8].self)
                masks[slice]?.voxelCount += try row.get(at: 3, as: Int.self)
                read.insert(try row.get(at: 4))
            }
        }
        self.masks = masks
        readSeries.formUnion(read)
    }

    private mutating func readSpheres(
        _ filter: MarkFilter, _ splitID: Int64, _ connection: any WarehouseConnection
    ) async throws {
        let rows = try await connection.rows(
            """
            SELECT annotation.series_id, annotation.annotation_id, annotation.centre_column, annotation.centre_row,
                annotation.centre_slice, annotation.diameter_mm, series.slice_spacing_mm
            FROM annotation
            JOIN series ON series.patient_id = annotation.patient_id AND series.series_id = annotation.series_id
            JOIN split_assignment
                ON split_assignment.patient_id = annotation.patient_id AND split_assignment.split_id = \(splitID)
            \(raw: MarkFilter.joins)
            WHERE \(raw: filter.condition) AND annotation.diameter_mm > 0 AND annotation.centre_slice IS NOT NULL
            ORDER BY annotation.series_id, annotation.annotation_id
            """)
        for row in rows {
            let series: Int64 = try row.get(at: 0)
            spheres[series, default: []].append(
                Sphere(
                    annotationID: try row.get(at: 1),
                    centre: VoxelPoint(column: try row.get(at: 2), row: try row.get(at: 3), slice: try row.get(at: 4)),
                    radiusMillimetres: try row.get(at: 5, as: Double.self) / 2))
            sliceSpacing[series] = try row.get(at: 6, as: Double?.self)
            readSeries.insert(series)
        }
    }

    // MARK: Targets

    func hasBeenRead(_ series: Int64) -> Bool { readSeries.contains(series) }

    /// The mask of a sample: annotation ids; the digest is over the runs of each slice.
    func mask(of slices: [Int64]) -> SampleTarget {
        var annotations: Set<Int64> = []
        for slice in slices { annotations.formUnion(masks[slice]?.annotations ?? []) }
        return SampleTarget(
            .strings(annotations.sorted().map { String($0) }),
            digest: TargetDigest.of(slices: slices.map { masks[$0]?.runs ?? [] }))
    }

    /// Marked voxels on the slices; where marks overlap, each counts.
    func voxelCount(of slices: [Int64]) -> Int { slices.reduce(0) { $0 + (masks[$1]?.voxelCount ?? 0) } }

    /// Spheres of a series that reach into a range of slices: `[[column, row, slice, radius mm], …]`.
    func spheres(of series: Int64, slices: ClosedRange<Double>?) -> SampleTarget {
        let own = (spheres[series] ?? []).filter { sphere in
            guard let slices else { return true }
            let reach = sphere.radiusMillimetres / (sliceSpacing[series] ?? .infinity)
            return sphere.centre.slice + reach >= slices.lowerBound && sphere.centre.slice - reach <= slices.upperBound
        }
        return SampleTarget(
            .array(
                own.map { sphere in
                    [
                        .number(sphere.centre.column), .number(sphere.centre.row), .number(sphere.centre.slice),
                        .number(sphere.radiusMillimetres),
                    ]
                }))
    }
}
