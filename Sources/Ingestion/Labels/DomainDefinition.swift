internal import CanonicalJSON
internal import Domains
internal import SQLInterface
internal import Warehouse

/// What the warehouse keeps of a domain beside its rules: kind, unit and range of its values, family, level, and the
/// order of its terms.
///
/// It belongs to the rules that count, so that it follows the vocabulary file when these do, with `domains clean`.
struct DomainDefinition: Sendable {
    /// As the vocabulary file has it.
    let domain: LabelDomain
    let domainID: Int64
    let connection: any WarehouseConnection

    /// A part that the file has otherwise than the warehouse.
    struct Difference: Sendable, CustomStringConvertible {
        let part: String
        let before: String?
        let after: String?
        /// It says how values are read, and not only where the domain belongs.
        let isOfValues: Bool

        var description: String { "\(part) \(before ?? "none") → \(after ?? "none")" }
    }

    /// Texts for people are left out.
    func differences() async throws -> [Difference] {
        let rows = try await connection.rows(
            """
            SELECT label_domain.value_kind, label_domain.unit, label_domain.minimum, label_domain.maximum,
                label_domain.family, label_domain.level, label_term.name AS term_name, label_term.ordinal
            FROM label_domain
            LEFT JOIN label_term ON label_term.label_domain_id = label_domain.label_domain_id
            WHERE label_domain.label_domain_id = \(domainID)
            ORDER BY label_term.name
            """)
        guard let row = rows.first else { return [] }
        let range = Self.text(try row.get("minimum"), try row.get("maximum"))
        var found = [
            Difference(
                part: "values", before: try row.get("value_kind"), after: domain.valueKind.rawValue, isOfValues: true),
            Difference(part: "unit", before: try row.get("unit"), after: domain.unit, isOfValues: true),
            Difference(
                part: "range", before: range, after: Self.text(domain.range?.minimum, domain.range?.maximum),
                isOfValues: true),
            Difference(part: "family", before: try row.get("family"), after: domain.family, isOfValues: false),
            Difference(
                part: "level", before: try row.get("level"), after: domain.level?.rawValue, isOfValues: false),
        ]
        for term in rows {
            guard let name: String = try term.get("term_name", as: String?.self) else { continue }
            let before: Int? = try term.get("ordinal")
            found.append(
                Difference(
                    part: "ordinal of \(name)", before: before.map { String($0) },
                    after: ordinal(of: name).map { String($0) }, isOfValues: true))
        }
        return found.filter { $0.before != $0.after }
    }

    /// Brings the warehouse to what the file says. Terms that the file has no longer stay for earlier values, without
    /// a rank.
    func update() async throws {
        try await connection.execute(
            """
            UPDATE label_domain SET family = \(domain.family), value_kind = \(domain.valueKind.rawValue),
                unit = \(domain.unit), minimum = \(domain.range?.minimum), maximum = \(domain.range?.maximum),
                level = \(domain.level?.rawValue), description = \(domain.description ?? "")
            WHERE label_domain_id = \(domainID)
            """)
        let rows = try await connection.rows(
            "SELECT label_term_id, name FROM label_term WHERE label_domain_id = \(domainID)")
        for row in rows {
            let (id, name): (Int64, String) = (try row.get("label_term_id"), try row.get("name"))
            let term = domain.terms.first { $0.name == name }
            try await connection.execute(
                """
                UPDATE label_term SET ordinal = \(term?.ordinal), description = \(term?.description ?? "")
                WHERE label_term_id = \(id)
                """)
        }
    }

    private func ordinal(of term: String) -> Int? { domain.terms.first { $0.name == term }?.ordinal }

    private static func text(_ minimum: Double?, _ maximum: Double?) -> String? {
        guard let minimum, let maximum else { return nil }
        return "\(JSONValue.number(minimum).text) to \(JSONValue.number(maximum).text)"
    }
}
