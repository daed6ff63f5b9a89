internal import Domains
internal import Foundation
internal import SQLInterface
package import Warehouse

/// Applies changed vocabularies to labels that are stored: new values beside the old ones, then the new ruleset counts.
package struct Recleaning: Sendable {
    private let warehouse: Warehouse

    package init(warehouse: Warehouse) {
        self.warehouse = warehouse
    }

    /// What changes in one domain.
    package struct Change: Sendable, CustomStringConvertible {
        package let domain: String
        package let description: String
    }

    /// What would change, value by value; nothing is written.
    package func preview(vocabulary: String?) async throws -> [Change] {
        try await warehouse.withConnection { connection in
            var changes: [Change] = []
            let concerned = try await owned(vocabulary, on: connection)
            for ruleset in concerned.flatMap(\.rulesets) {
                changes += try await preview(ruleset, on: connection)
            }
            for item in concerned {
                changes += try await headerChanges(item.vocabulary, isPreview: true, on: connection)
            }
            return changes
        }
    }

    /// Writes the values of every ruleset that differs from the current one and makes it the current one, with the
    /// unit, the range and whatever else the vocabulary says of the domain.
    package func apply(vocabulary: String?) async throws -> [Change] {
        var changes: [Change] = []
        let concerned = try await warehouse.withConnection { connection in
            try await owned(vocabulary, on: connection)
        }
        for item in concerned {
            changes += try await warehouse.withConnection(.write) { connection in
                try await connection.transaction { try await apply(item, on: connection) }
                    + headerChanges(item.vocabulary, isPreview: false, on: connection)
            }
        }
        if !changes.isEmpty { try await refreshFindings() }
        return changes
    }

    /// Values that were not understood may be now, answers that agreed may not, and the other way round.
    private func refreshFindings() async throws {
        try await warehouse.withConnection(.write) { connection in
            let checks = try await CrossChecks(
                afterRunsOf: warehouse, observer: SilentObserver(), on: connection)
            try await checks.refreshLabels(on: connection)
        }
    }

    // MARK: Preview

    private func preview(_ ruleset: Ruleset, on connection: any WarehouseConnection) async throws -> [Change] {
        let current = try await DomainCatalogue(connection: connection).domains(named: [ruleset.domain.name])
        guard let domain = current[ruleset.domain.name] else { return [] }
        let definition = DomainDefinition(domain: ruleset.domain, domainID: domain.id, connection: connection)
        let redefined = try await redefinition(definition)
        guard domain.ruleset.canonicalJSON != ruleset.canonicalJSON else { return redefined }
        return try await redefined + valueChanges(of: domain, to: ruleset, isPreview: true, on: connection)
    }

    /// Value by value, what a ruleset makes of the labels of a domain otherwise than the one that counts. Values that
    /// it gave them before, when it counted, are changes like others.
    private func valueChanges(
        of domain: RegisteredDomain, to ruleset: Ruleset, isPreview: Bool, on connection: any WarehouseConnection
    ) async throws -> [Change] {
        let rows = try await connection.rows(
            """
            SELECT raw_value, count(*) AS label_count FROM label WHERE label_domain_id = \(domain.id)
            GROUP BY raw_value ORDER BY raw_value
            """)
        let values = try rows.map {
            (raw: try $0.get("raw_value", as: String?.self), count: try $0.get("label_count", as: Int.self))
        }
        let comparison = RulesetComparison(from: domain.ruleset, to: ruleset, values: values)
        let name = ruleset.domain.name
        let summary = Change(
            domain: name,
            description: "\(name): \(comparison.changedCount) labels \(isPreview ? "change" : "changed"), "
                + "\(comparison.unchangedCount) stay as they are")
        let changes = comparison.changes.map { change in
            Change(
                domain: name,
                description:
                    "  \"\(change.raw ?? "")\" × \(change.count): \(text(change.before)) → \(text(change.after))")
        }
        return [summary] + changes
    }

    /// What the vocabulary says of a domain otherwise than the warehouse, beside its rules.
    private func redefinition(_ definition: DomainDefinition) async throws -> [Change] {
        let differences = try await definition.differences()
        guard !differences.isEmpty else { return [] }
        let name = definition.domain.name
        return [
            Change(domain: name, description: "\(name): \(differences.map(\.description).joined(separator: ", "))")
        ]
    }

    private func text(_ result: CleanResult?) -> String {
        guard let result else { return "nothing" }
        guard !result.values.isEmpty else { return result.status.rawValue }
        return result.values.map { value in
            switch value.content {
            case .term(let name): name
            case .number(let number): "\(number)"
            case .text(let text): text
            }
        }.joined(separator: " + ")
    }

    // MARK: Headers

    /// Labels that the attributes of a vocabulary give, brought to what the stored headers say.
    private func headerChanges(
        _ name: String, isPreview: Bool, on connection: any WarehouseConnection
    ) async throws -> [Change] {
        let changes = try await HeaderLabels(connection: connection, clock: { .now() }).refresh(
            try library.vocabulary(named: name), fileName: name + ".yaml", isPreview: isPreview)
        return Set(changes.added.keys).union(changes.removed.keys).sorted().map { domain in
            Change(
                domain: domain,
                description: "\(domain): \(changes.added[domain] ?? 0) labels from headers "
                    + "\(isPreview ? "to add" : "added"), \(changes.removed[domain] ?? 0) "
                    + "\(isPreview ? "to remove" : "removed")")
        }
    }

    // MARK: Applying

    private func apply(_ owned: Owned, on connection: any WarehouseConnection) async throws -> [Change] {
        let names = Set(owned.rulesets.map(\.domain.name))
        // A vocabulary that no label was ever cleaned by is not the warehouse's business.
        guard try await !DomainCatalogue(connection: connection).domains(named: names).isEmpty else { return [] }
        let registry = VocabularyRegistry(connection: connection, clock: { .now() })
        let before = try await registry.register(
            owned.rulesets, version: owned.version, fileName: owned.vocabulary + ".yaml")
        var changes: [Change] = []
        for ruleset in owned.rulesets {
            guard let domain = before[ruleset.domain.name] else { continue }
            let definition = DomainDefinition(domain: ruleset.domain, domainID: domain.id, connection: connection)
            changes += try await redefinition(definition)
            try await definition.update()
            guard domain.ruleset.canonicalJSON != ruleset.canonicalJSON else { continue }
            changes += try await valueChanges(of: domain, to: ruleset, isPreview: false, on: connection)
            try await derive(try await registry.adopt(ruleset, of: domain), on: connection)
        }
        return changes
    }

    /// Values of all labels of a domain under its new ruleset, unless they were derived before.
    private func derive(_ domain: RegisteredDomain, on connection: any WarehouseConnection) async throws {
        let labels = try await connection.rows(
            """
            SELECT patient_id, label_source_id, label_id, raw_value FROM label
            WHERE label_domain_id = \(domain.id) AND NOT EXISTS (
                SELECT 1 FROM label_value WHERE label_value.patient_id = label.patient_id
                    AND label_value.label_source_id = label.label_source_id
                    AND label_value.label_id = label.label_id AND label_ruleset_id = \(domain.rulesetID))
            """)
        var cleaner = Cleaner(domain.ruleset)
        var rows: [[SQLValue]] = []
        for label in labels {
            rows += ValueRows(cleaner.clean(try label.get("raw_value", as: String.self)), domain: domain).rows(
                patientID: try label.get("patient_id"), sourceID: try label.get("label_source_id"),
                labelID: try label.get("label_id"))
        }
        try await connection.load(table: "label_value", columns: ValueRows.columns, rows: rows)
    }

    // MARK: Vocabularies

    private var library: VocabularyLibrary { VocabularyLibrary(root: warehouse.sqlLibrary.home) }

    private func names(_ vocabulary: String?) throws -> [String] {
        let known = library.names()
        guard let vocabulary else { return known }
        guard known.contains(vocabulary) else {
            throw IngestionError(
                code: .vocabulary, subject: vocabulary,
                reason: "there is no such vocabulary; known are \(known.joined(separator: ", "))")
        }
        return [vocabulary]
    }

    /// The rules of a vocabulary for the domains that belong to it.
    private struct Owned: Sendable {
        let vocabulary: String
        let version: String
        let rulesets: [Ruleset]
    }

    /// The vocabularies that have to do with what is stored.
    ///
    /// **Throws** `vocabulary` where two of them define one domain in two ways.
    private func owned(_ vocabulary: String?, on connection: any WarehouseConnection) async throws -> [Owned] {
        let known = try names(vocabulary)
        let owners = try await DomainOwners(known, in: library, on: connection)
        let concerned = vocabulary == nil ? known.filter(owners.concerns) : known
        try owners.check(concerned)
        return try concerned.map { name in
            Owned(
                vocabulary: name, version: try library.vocabulary(named: name).version, rulesets: owners.own(name))
        }
    }
}
