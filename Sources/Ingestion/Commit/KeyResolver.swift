internal import SQLInterface
internal import Warehouse

/// A table whose ids are content keys of a natural key.
enum KeyedTable: String, Sendable {
    case dataset, patient, study, series, slice, annotation, label
    case sourceFile = "source_file"
    case labelDomain = "label_domain"
    case labelTerm = "label_term"
    case labelRuleset = "label_ruleset"
    case labelSource = "label_source"
    case reader

    var idColumn: String { rawValue + "_id" }

    /// The columns of the natural key, in the order in which they are hashed.
    var naturalColumns: [String] {
        switch self {
        case .dataset: ["name", "version"]
        case .patient: ["dataset_id", "patient_key"]
        case .study: ["patient_id", "study_key"]
        case .series: ["study_id", "series_key", "variant"]
        case .slice: ["series_id", "slice_key"]
        case .annotation: ["series_id", "reader_id", "annotation_key"]
        case .sourceFile: ["root", "relative_path"]
        case .labelDomain: ["name"]
        case .labelTerm: ["label_domain_id", "name"]
        case .labelRuleset: ["label_domain_id", "sha256"]
        case .labelSource: ["dataset_id", "name", "sha256"]
        case .reader: ["dataset_id", "reader_key"]
        case .label: ["label_source_id", "subject_id", "label_domain_id", "reader_id", "occurrence"]
        }
    }

    func contentKey(_ natural: [SQLValue]) -> ContentKey {
        ContentKey(rawValue, natural.map(ContentKey.Part.init(value:)))
    }
}

extension ContentKey.Part {
    /// The part that a column value makes of a natural key.
    init(value: SQLValue) {
        switch value {
        case .text(let text): self = .text(text)
        case .integer(let number): self = .integer(number)
        case .blob(let bytes): self = .bytes(bytes)
        case .boolean(let flag): self = .integer(flag ? 1 : 0)
        case .timestamp(let microseconds): self = .integer(microseconds)
        case .real(let number): self = .text(number.description)
        case .null: self = .none
        }
    }
}

/// Finds the id of natural keys: the first 63 bits of their digest, or the next ones where another key has those.
///
/// **Cost** one query per 500 keys; a second one only after a collision (5% once in 10⁹ rows).
struct KeyResolver: Sendable {
    let connection: any WarehouseConnection

    /// An id, and whether a row has it already.
    struct Place: Sendable {
        let id: Int64
        let isStored: Bool
    }

    /// - Parameter patients: the patients whose rows are meant, for tables below `patient`. PostgreSQL's keys begin
    ///   with the patient, so that an id need only be unique there; SQLite's ids are unique in the table.
    func resolve(
        _ wanted: [[SQLValue]], in table: KeyedTable, of patients: Set<Int64>? = nil
    ) async throws -> [[SQLValue]: Int64] {
        try await places(wanted, in: table, of: patients).mapValues(\.id)
    }

    /// As `resolve`, telling which keys are stored.
    func places(
        _ wanted: [[SQLValue]], in table: KeyedTable, of patients: Set<Int64>? = nil
    ) async throws -> [[SQLValue]: Place] {
        var settled: [[SQLValue]: Place] = [:]
        var taken: Set<Int64> = []
        var open = Array(Set(wanted))
        var attempt = 0
        while !open.isEmpty {
            let candidates = open.map { ($0, table.contentKey($0).id(attempt: attempt)) }
            let holders = try await holders(of: candidates.map(\.1), in: table, patients: patients)
            for (key, id) in candidates where !taken.contains(id) && (holders[id] ?? key) == key {
                settled[key] = Place(id: id, isStored: holders[id] != nil)
                taken.insert(id)
            }
            open.removeAll { settled[$0] != nil }
            attempt += 1
        }
        return settled
    }

    func resolve(
        _ natural: [SQLValue], in table: KeyedTable, of patient: Int64? = nil
    ) async throws -> Int64 {
        guard let id = try await resolve([natural], in: table, of: patient.map { [$0] })[natural] else {
            preconditionFailure("a key that was asked for is settled")
        }
        return id
    }

    /// The natural keys of the rows that have one of these ids.
    private func holders(
        of ids: [Int64], in table: KeyedTable, patients: Set<Int64>?
    ) async throws -> [Int64: [SQLValue]] {
        let scope: SQL =
            if let patients, connection.engine == .postgresql { "patient_id IN \(list: patients.sorted()) AND " } else {
                ""
            }
        var found: [Int64: [SQLValue]] = [:]
        for start in stride(from: 0, to: ids.count, by: 500) {
            let page = Array(ids[start..<min(start + 500, ids.count)])
            let columns = ([table.idColumn] + table.naturalColumns).joined(separator: ", ")
            let rows = try await connection.rows(
                """
                SELECT \(raw: columns) FROM \(identifier: table.rawValue)
                WHERE \(sql: scope)\(identifier: table.idColumn) IN \(list: page)
                """)
            for row in rows.rows {
                if case .integer(let id) = row[0] { found[id] = Array(row.dropFirst()) }
            }
        }
        return found
    }
}
