internal import Imaging
internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// The frozen target of one sample.
struct SampleTarget: Sendable, Hashable {
    /// As `training_sample.target` holds it.
    let json: JSONValue
    let identity: TargetIdentity
    /// Of the mask of a crop, what earlier versions froze: over all marks on its slices, beside the crop too. It draws the
    /// same.
    let earlier: TargetIdentity?

    var digest: [UInt8] { identity.digest }

    /// Labels or a grade.
    init(_ json: JSONValue) { self.init(json, TargetIdentity(json)) }

    init(_ json: JSONValue, _ identity: TargetIdentity, earlier: TargetIdentity? = nil) {
        self.json = json
        self.identity = identity
        self.earlier = earlier
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
