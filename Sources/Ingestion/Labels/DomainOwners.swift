internal import Domains
internal import SQLInterface
internal import Warehouse

/// Which vocabulary each domain belongs to: the first that registered it in this warehouse and still defines it.
///
/// A name stands for one domain. Another vocabulary may define it too, in the same way.
struct DomainOwners: Sendable {
    private let vocabularies: [String: Vocabulary]
    /// Vocabulary → domain → rules.
    private let rulesets: [String: [String: Ruleset]]
    /// Domains that the warehouse has, with the vocabulary that they belong to; `nil` where none defines them any more.
    private let owners: [String: String?]

    /// - Parameters:
    ///   - names: Vocabularies that are asked about, by the names of their files.
    ///   - connection: `nil` where there is no warehouse yet.
    ///
    /// **Throws** `vocabulary` and `DomainError` for a file that cannot be used.
    init(_ names: [String], in library: VocabularyLibrary, on connection: (any WarehouseConnection)?) async throws {
        var registrants: [String: [String]] = [:]
        if let connection { registrants = try await Self.registrants(on: connection) }
        var vocabularies: [String: Vocabulary] = [:]
        var rulesets: [String: [String: Ruleset]] = [:]
        for name in Set(library.names()).intersection(Set(names).union(registrants.values.joined())) {
            let vocabulary = try library.vocabulary(named: name)
            vocabularies[name] = vocabulary
            for ruleset in try vocabulary.rulesets() { rulesets[name, default: [:]][ruleset.domain.name] = ruleset }
        }
        var owners: [String: String?] = [:]
        for (domain, names) in registrants {
            owners.updateValue(names.first { rulesets[$0]?[domain] != nil }, forKey: domain)
        }
        self.vocabularies = vocabularies
        self.rulesets = rulesets
        self.owners = owners
    }

    /// The vocabularies that registered each domain, the first of them first.
    private static func registrants(on connection: any WarehouseConnection) async throws -> [String: [String]] {
        let rows = try await connection.rows(
            """
            SELECT label_domain.name, label_ruleset.source_file
            FROM label_ruleset
            JOIN label_domain ON label_domain.label_domain_id = label_ruleset.label_domain_id
            ORDER BY label_ruleset.created_at, label_ruleset.label_ruleset_id
            """)
        var registrants: [String: [String]] = [:]
        for row in rows {
            let file: String = try row.get("source_file")
            let name = file.hasSuffix(".yaml") ? String(file.dropLast(5)) : file
            let domain: String = try row.get("name")
            registrants[domain, default: []].append(name)
        }
        return registrants
    }

    /// Whether a vocabulary has to do with what is stored: a domain of the warehouse belongs to it, or headers feed it.
    func concerns(_ name: String) -> Bool {
        vocabularies[name]?.domains.contains { domain in
            !domain.attributes.isEmpty || owners[domain.name] != nil && belongs(domain.name, to: name)
        } ?? false
    }

    /// The domains of a vocabulary that are its own.
    func own(_ name: String) -> [Ruleset] {
        let domains = vocabularies[name]?.domains ?? []
        return domains.filter { belongs($0.name, to: name) }.compactMap { rulesets[name]?[$0.name] }
    }

    private func belongs(_ domain: String, to name: String) -> Bool {
        guard let owner = owners[domain] ?? nil else { return true }
        return owner == name
    }

    /// **Throws** `vocabulary` for the first that defines a domain otherwise than the one that it belongs to, or than
    /// another of `names`.
    func check(_ names: some Sequence<String>) throws {
        var claims = owners.compactMapValues { $0 }
        for name in names.sorted() {
            for (domain, ruleset) in (rulesets[name] ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard let owner = claims[domain] else {
                    claims[domain] = name
                    continue
                }
                guard owner != name, let other = rulesets[owner]?[domain], !ruleset.isDefined(as: other) else {
                    continue
                }
                throw IngestionError(
                    code: .vocabulary, subject: name + ".yaml",
                    reason: "it defines the domain \(domain) otherwise than \(owner).yaml does, and in a warehouse a "
                        + "name stands for one domain; rename it in \(name).yaml")
            }
        }
    }
}

extension Ruleset {
    /// The same values and terms, by the same rules, in the same order.
    fileprivate func isDefined(as other: Ruleset) -> Bool {
        canonicalJSON == other.canonicalJSON && ordinals == other.ordinals
    }

    private var ordinals: [String: Int] {
        Dictionary(
            domain.terms.compactMap { term in term.ordinal.map { (term.name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}
