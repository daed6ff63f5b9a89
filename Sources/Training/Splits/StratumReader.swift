internal import SQLInterface
internal import Warehouse

/// What the labels say of each patient, as the name of a stratum.
///
/// Of a domain with ordered terms it is the term of the highest ordinal that any clean label of the patient, of any
/// level, has (present beats absent, grade 4 beats grade 3); of one without order, all terms joined by `+`. Of a family
/// it is the domains of it that are above their lowest ordinal, joined by `+`, or `none`. Without a clean label it is
/// `(no value)`. Of a unit it is what its patients say together.
struct StratumReader: Sendable {
    static let noValue = "(no value)"
    private static let none = "none"

    /// A term, or a domain of a family, that a patient has; the greatest rank counts alone.
    private struct Answer {
        let name: String
        /// `nil` where terms have no order.
        let rank: Int?
    }

    private let answers: [Int64: [Answer]]
    let isFamily: Bool
    /// `nil` for a family.
    let domainID: Int64?

    /// **Throws** `notFound` for a name that is neither domain nor family, `badOption` for a domain without terms.
    init(_ name: String, on connection: any WarehouseConnection) async throws {
        let domains = try await connection.rows("SELECT label_domain_id, name, family, value_kind FROM label_domain")
        let domain = try domains.first { try $0.get("name", as: String.self) == name }
        if let domain {
            guard try domain.get("value_kind", as: String.self) == "term" else {
                throw TrainingError(
                    .badOption, "--stratify \(name)", "it is answered by numbers or text, and strata need terms")
            }
        } else if try !domains.contains(where: { try $0.get("family", as: String?.self) == name }) {
            throw try Self.unknown(name, domains)
        }
        domainID = try domain?.get("label_domain_id")
        isFamily = domain == nil
        answers = try await Self.read(name, isFamily: isFamily, on: connection)
    }

    func stratum(of unit: SplitUnit) -> String {
        let given = unit.patients.flatMap { answers[$0] ?? [] }
        guard !given.isEmpty else { return Self.noValue }
        if isFamily {
            let positive = Set(given.filter { ($0.rank ?? 0) > 0 }.map(\.name))
            return positive.isEmpty ? Self.none : positive.sorted(by: String.precedesBytewise).joined(separator: "+")
        }
        if let highest = given.filter({ $0.rank != nil }).max(by: { ($0.rank ?? 0) < ($1.rank ?? 0) }) {
            return highest.name
        }
        return Set(given.map(\.name)).sorted(by: String.precedesBytewise).joined(separator: "+")
    }

    private static func read(
        _ name: String, isFamily: Bool, on connection: any WarehouseConnection
    ) async throws -> [Int64: [Answer]] {
        let answer: SQL = isFamily ? "domain_name" : "term_name"
        let condition: SQL = isFamily ? "family = \(name)" : "domain_name = \(name)"
        let rows = try await connection.rows(
            """
            SELECT patient_id, \(sql: answer) AS answer, max(term_ordinal) AS term_ordinal FROM label_current
            WHERE \(sql: condition) AND status = 'clean' AND term_name IS NOT NULL
            GROUP BY patient_id, \(sql: answer)
            """)
        var answers: [Int64: [Answer]] = [:]
        for row in rows {
            answers[try row.get("patient_id"), default: []].append(
                Answer(name: try row.get("answer"), rank: try row.get("term_ordinal", as: Int?.self)))
        }
        return answers
    }

    private static func unknown(_ name: String, _ domains: RowSet) throws -> TrainingError {
        let names = try domains.map { try $0.get("name", as: String.self) }
        let families = try domains.compactMap { try $0.get("family", as: String?.self) }
        let all = Set(names + families).sorted()
        let advice =
            all.isEmpty
            ? "there are no labels yet"
            : SQLLibrary.nearest(to: name, among: all).map { "did you mean \($0)?" }
                ?? "slicehouse domains lists what there is"
        return TrainingError(
            .notFound, "--stratify \(name)", "there is no domain or family of domains of this name; \(advice)")
    }
}

extension String {
    /// Order of the bytes in UTF-8, as in both engines and as Python sorts code points.
    static func precedesBytewise(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
