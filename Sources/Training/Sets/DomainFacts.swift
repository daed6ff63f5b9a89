internal import Imaging
internal import SQLInterface
internal import Warehouse

/// What the warehouse knows of the domains of a training set: level of their labels, version of their rules.
struct DomainFacts: Sendable {
    private(set) var levels: [String: String] = [:]
    private(set) var rulesets: [String: String] = [:]

    /// - Parameter level: Wanted for all; nil for the nearest level that a domain has clean values at.
    /// **Throws** `notFound` for an unknown domain or one without values, `badOption` for one that does not fit the target.
    init(
        _ domains: [String], form: SampleForm, target: TargetForm, level: String?, splitID: Int64,
        on connection: any WarehouseConnection
    ) async throws {
        for domain in domains {
            let kind = try await register(domain, on: connection)
            if target.domains.contains(domain) {
                try await Self.check(domain, kind: kind, target: target, on: connection)
            }
            levels[domain] = try await Self.level(
                of: domain, form: form, wanted: level, splitID: splitID, on: connection)
        }
    }

    private mutating func register(_ domain: String, on connection: any WarehouseConnection) async throws -> String {
        let rows = try await connection.rows(
            """
            SELECT label_domain.value_kind, label_ruleset.version FROM label_domain
            LEFT JOIN label_ruleset ON label_ruleset.label_ruleset_id = label_domain.current_ruleset_id
            WHERE label_domain.name = \(domain)
            """)
        guard let row = rows.first else {
            let names = try await connection.rows("SELECT name FROM label_domain ORDER BY name").map {
                try $0.get(at: 0, as: String.self)
            }
            let advice =
                names.isEmpty
                ? "there are no labels yet"
                : SQLLibrary.nearest(to: domain, among: names).map { "did you mean \($0)?" }
                    ?? "slicehouse domains lists what there is"
            throw TrainingError(.notFound, "--domain \(domain)", "there is no domain of this name; \(advice)")
        }
        rulesets[domain] = try row.get(at: 1, as: String?.self)
        return try row.get(at: 0)
    }

    private static func check(
        _ domain: String, kind: String, target: TargetForm, on connection: any WarehouseConnection
    ) async throws {
        let ordinals = try await connection.rows(
            """
            SELECT DISTINCT label_term.ordinal FROM label_term
            JOIN label_domain ON label_domain.label_domain_id = label_term.label_domain_id
            WHERE label_domain.name = \(domain) AND label_term.ordinal IS NOT NULL
            """
        ).map { try $0.get(at: 0, as: Int.self) }
        switch target {
        case .labels where kind != "term" || Set(ordinals) != [0, 1]:
            throw TrainingError(
                .badOption, "--domain \(domain)",
                "labels are 0 or 1, and its terms are not of these ordinals; --target grade takes any ordinals")
        case .grade where kind == "text" || (kind == "term" && ordinals.count < 2):
            throw TrainingError(
                .badOption, "--domain \(domain)", "a grade is a number, and its answers have no order")
        default: break
        }
    }

    private static func level(
        of domain: String, form: SampleForm, wanted: String?, splitID: Int64, on connection: any WarehouseConnection
    ) async throws -> String {
        let present = try await connection.rows(
            """
            SELECT DISTINCT label_current.level FROM label_current
            JOIN split_assignment
                ON split_assignment.patient_id = label_current.patient_id AND split_assignment.split_id = \(splitID)
            WHERE label_current.domain_name = \(domain) AND label_current.status = 'clean'
            """
        ).map { try $0.get(at: 0, as: String.self) }
        if let level = form.labelLevels.first(where: { present.contains($0) && (wanted == nil || wanted == $0) }) {
            return level
        }
        throw TrainingError(
            .notFound, "--domain \(domain)",
            present.isEmpty
                ? "no patient of the split has a clean value of it"
                : "its values are at level \(present.sorted().joined(separator: ", ")), and a sample of kind "
                    + "\(form.kind) takes \((wanted.map { [$0] } ?? form.labelLevels).joined(separator: ", "))")
    }
}
