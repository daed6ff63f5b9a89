internal import Crypto
internal import Domains
internal import SQLInterface
internal import Warehouse

/// A domain as the warehouse knows it: ids, and the rules that count now.
struct RegisteredDomain: Sendable {
    let id: Int64
    let rulesetID: Int64
    let ruleset: Ruleset
    let termIDs: [String: Int64]
    /// The vocabulary file has other rules, or another order of terms, than count; `domains clean` would apply them.
    var isOutdated: Bool
}

/// Writes vocabularies into the warehouse. Rules are versions: a changed file adds a ruleset beside the old one, which
/// goes on counting until somebody applies the new one.
struct VocabularyRegistry: Sendable {
    let connection: any WarehouseConnection
    let clock: @Sendable () -> SQLTimestamp

    func register(_ vocabulary: Vocabulary, fileName: String) async throws -> [String: RegisteredDomain] {
        try await register(try vocabulary.rulesets(), version: vocabulary.version, fileName: fileName)
    }

    func register(
        _ rulesets: [Ruleset], version: String, fileName: String
    ) async throws -> [String: RegisteredDomain] {
        var registered: [String: RegisteredDomain] = [:]
        for ruleset in rulesets {
            registered[ruleset.domain.name] = try await register(ruleset, version: version, fileName: fileName)
        }
        return registered
    }

    private func register(_ ruleset: Ruleset, version: String, fileName: String) async throws -> RegisteredDomain {
        let resolver = KeyResolver(connection: connection)
        let domain = ruleset.domain
        let domainID = try await resolver.resolve([.text(domain.name)], in: .labelDomain)
        let digest = Array(SHA256.hash(data: Array(ruleset.canonicalJSON.utf8)))
        let rulesetID = try await resolver.resolve([.integer(domainID), .blob(digest)], in: .labelRuleset)
        try await insert(domain, id: domainID, rulesetID: rulesetID)
        let terms = try await insertTerms(of: domain, domainID: domainID)
        if try await insertRuleset(ruleset, id: rulesetID, domainID: domainID, digest, version, fileName) {
            try await insertRules(of: ruleset, rulesetID: rulesetID, terms: terms)
        }
        var registered = try await DomainCatalogue(connection: connection).domain(
            id: domainID, fileRulesetID: rulesetID)
        let definition = DomainDefinition(domain: domain, domainID: domainID, connection: connection)
        if try await definition.differences().contains(where: \.isOfValues) { registered.isOutdated = true }
        return registered
    }

    /// Makes a registered ruleset the one that counts; values are derived by the caller.
    func adopt(_ ruleset: Ruleset, of domain: RegisteredDomain) async throws -> RegisteredDomain {
        let digest = Array(SHA256.hash(data: Array(ruleset.canonicalJSON.utf8)))
        let id = try await KeyResolver(connection: connection).resolve(
            [.integer(domain.id), .blob(digest)], in: .labelRuleset)
        try await connection.execute(
            "UPDATE label_domain SET current_ruleset_id = \(id) WHERE label_domain_id = \(domain.id)")
        return RegisteredDomain(
            id: domain.id, rulesetID: id, ruleset: ruleset, termIDs: domain.termIDs, isOutdated: false)
    }

    private func insert(_ domain: LabelDomain, id: Int64, rulesetID: Int64) async throws {
        try await connection.execute(
            """
            INSERT INTO label_domain (label_domain_id, name, family, value_kind, unit, minimum, maximum, level,
                current_ruleset_id, description)
            VALUES (\(id), \(domain.name), \(domain.family), \(domain.valueKind.rawValue), \(domain.unit),
                \(domain.range?.minimum), \(domain.range?.maximum), \(domain.level?.rawValue), \(rulesetID),
                \(domain.description ?? "")) ON CONFLICT DO NOTHING
            """)
    }

    private func insertTerms(of domain: LabelDomain, domainID: Int64) async throws -> [String: Int64] {
        let resolver = KeyResolver(connection: connection)
        let keys = domain.terms.map { [SQLValue.integer(domainID), .text($0.name)] }
        let ids = try await resolver.resolve(keys, in: .labelTerm)
        for (term, key) in zip(domain.terms, keys) {
            try await connection.execute(
                """
                INSERT INTO label_term (label_term_id, label_domain_id, name, ordinal, description)
                VALUES (\(ids[key]), \(domainID), \(term.name), \(term.ordinal), \(term.description ?? ""))
                ON CONFLICT DO NOTHING
                """)
        }
        return Dictionary(
            zip(domain.terms.map(\.name), keys.compactMap { ids[$0] }), uniquingKeysWith: { first, _ in first })
    }

    /// True when the ruleset is new.
    private func insertRuleset(
        _ ruleset: Ruleset, id: Int64, domainID: Int64, _ digest: [UInt8], _ version: String, _ fileName: String
    ) async throws -> Bool {
        let added = try await connection.execute(
            """
            INSERT INTO label_ruleset (label_ruleset_id, label_domain_id, version, sha256, canonical_json, source_file,
                created_at)
            VALUES (\(id), \(domainID), \(version), \(digest), \(ruleset.canonicalJSON), \(fileName), \(clock()))
            ON CONFLICT DO NOTHING
            """)
        return added > 0
    }

    private func insertRules(of ruleset: Ruleset, rulesetID: Int64, terms: [String: Int64]) async throws {
        let rows = ruleset.descriptions.map { rule in
            [
                .integer(rulesetID), .integer(Int64(rule.index)), .text(rule.kind), SQLValue(rule.pattern),
                SQLValue(rule.term.flatMap { terms[$0] }), .text(rule.arguments),
            ] as [SQLValue]
        }
        try await connection.load(
            table: "label_rule",
            columns: ["label_ruleset_id", "rule_index", "kind", "pattern", "label_term_id", "parameters"], rows: rows)
    }
}
