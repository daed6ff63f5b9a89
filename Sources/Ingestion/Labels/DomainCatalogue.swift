internal import Domains
internal import SQLInterface
internal import Tables
internal import Warehouse

/// Reads domains back from the warehouse, with the rules that count now.
struct DomainCatalogue: Sendable {
    let connection: any WarehouseConnection

    func domains(named names: Set<String>) async throws -> [String: RegisteredDomain] {
        var found: [String: RegisteredDomain] = [:]
        let rows = try await connection.rows(
            "SELECT name, label_domain_id FROM label_domain WHERE name IN \(list: names.sorted())")
        for row in rows {
            found[try row.get("name")] = try await domain(id: try row.get("label_domain_id"), fileRulesetID: nil)
        }
        return found
    }

    /// - Parameter fileRulesetID: the ruleset of the vocabulary file; another one may be the current one.
    func domain(id domainID: Int64, fileRulesetID: Int64?) async throws -> RegisteredDomain {
        let rows = try await connection.rows(
            """
            SELECT label_ruleset.label_ruleset_id, label_ruleset.canonical_json
            FROM label_domain JOIN label_ruleset
                ON label_ruleset.label_ruleset_id = label_domain.current_ruleset_id
            WHERE label_domain.label_domain_id = \(domainID)
            """)
        let terms = try await connection.rows(
            "SELECT name, label_term_id FROM label_term WHERE label_domain_id = \(domainID)")
        var termIDs: [String: Int64] = [:]
        for row in terms { termIDs[try row.get("name")] = try row.get("label_term_id") }
        let id: Int64 = try rows[0].get("label_ruleset_id")
        let text: String = try rows[0].get("canonical_json")
        let stored = try YAMLDocument.decode(StoredRuleset.self, from: text)
        return RegisteredDomain(
            id: domainID, rulesetID: id, ruleset: try stored.ruleset(source: "warehouse"), termIDs: termIDs,
            isOutdated: fileRulesetID.map { $0 != id } ?? false)
    }
}
