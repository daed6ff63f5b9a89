/// A named set of label domains, as one YAML file in `etl/vocabularies` describes it.
///
/// The module that reads YAML decodes this type; unknown keys are errors. The file:
///
///     vocabulary: ct-ich            # name
///     version: "1"                  # text, for people; the identity of rules is their content
///     description: …                # optional
///     keys:                         # optional: columns that say what a row is about, not what is true of it
///       patient: [PatientNumber, Patient Number]
///     domains:
///       - name: fracture
///         family: …                 # optional
///         levels: [patient, slice]  # patient, study, series, slice, annotation
///         values: term              # term, number or text
///         unit: years               # optional, numbers only
///         range: {minimum: 0, maximum: 120}
///         description: …
///         terms:
///           - {name: absent, ordinal: 0, aliases: ["0", "no"], description: …}
///         rules: [trim, case_fold, {blank: absent}, alias]      # see `CleaningRule`
///         default: quarantine       # or drop, or {term: other}
///         columns: [Fracture_Yes_No]
///         attributes: [PatientSex]  # DICOM keywords, the first with a value wins
package struct Vocabulary: Sendable, Equatable {
    package let name: String
    package let version: String
    package let description: String?
    /// For each role (`patient`, `slice`, …) the names its column goes by.
    package let keys: [String: [String]]
    package let domains: [LabelDomain]

    package init(
        name: String, version: String, description: String? = nil, keys: [String: [String]] = [:],
        domains: [LabelDomain]
    ) {
        self.name = name
        self.version = version
        self.description = description
        self.keys = keys
        self.domains = domains
    }

    package func domain(named name: String) -> LabelDomain? { domains.first { $0.name == name } }

    /// The domain that a table column feeds, `nil` where none claims it.
    ///
    /// Names are compared trimmed, with runs of white space (newlines too) as one space, without regard to case.
    package func domain(forColumn column: String, level: LabelLevel) -> LabelDomain? {
        let wanted = column.columnKey
        return domains.first { domain in
            domain.levels.contains(level) && domain.columns.contains { $0.columnKey == wanted }
        }
    }

    /// Names of the columns that feed a domain at a level, in the order of the file.
    package func columns(ofLevel level: LabelLevel) -> [String] {
        domains.filter { $0.levels.contains(level) }.flatMap(\.columns)
    }

    /// The role of a key column, such as `patient` for `Patient Number`, compared like `domain(forColumn:level:)`.
    package func keyRole(forColumn column: String) -> String? {
        let wanted = column.columnKey
        return keys.first { $0.value.contains { $0.columnKey == wanted } }?.key
    }
}

extension Vocabulary {
    /// The rulesets of all domains, in the order of the file.
    ///
    /// **Throws** `ambiguous` where two domains share a name, or a column at one level, or two key roles a column;
    /// `invalidDomain` and `invalidRule` as `Ruleset.init` does.
    package func rulesets() throws(DomainError) -> [Ruleset] {
        try checkNames()
        try checkColumns()
        var rulesets: [Ruleset] = []
        for domain in domains { rulesets.append(try Ruleset(domain, vocabulary: name)) }
        return rulesets
    }

    private func checkNames() throws(DomainError) {
        var seen: Set<String> = []
        for domain in domains where !seen.insert(domain.name).inserted {
            throw .ambiguous(name, "the domain \(domain.name) is defined twice; rename or remove one")
        }
    }

    private func checkColumns() throws(DomainError) {
        var owner: [String: String] = [:]
        for (role, columns) in keys.sorted(by: { $0.key < $1.key }) {
            for column in columns {
                try claim(column.columnKey, for: "the key \(role)", in: &owner)
            }
        }
        let keyColumns = owner
        for level in LabelLevel.allCases {
            owner = keyColumns
            for domain in domains where domain.levels.contains(level) {
                for column in domain.columns {
                    try claim(column.columnKey, for: "the domain \(domain.name)", in: &owner)
                }
            }
        }
    }

    private func claim(_ column: String, for claimant: String, in owner: inout [String: String]) throws(DomainError) {
        if let other = owner.updateValue(claimant, forKey: column), other != claimant {
            throw .ambiguous(name, "the column '\(column)' feeds both \(other) and \(claimant); keep it in one")
        }
    }
}

extension Vocabulary: Decodable {
    private enum Key: String, CodingKey, CaseIterable { case vocabulary, version, description, keys, domains }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        self.init(
            name: try container.decode(String.self, forKey: .vocabulary),
            version: try container.decode(String.self, forKey: .version),
            description: try container.decodeIfPresent(String.self, forKey: .description),
            keys: try container.decodeIfPresent([String: [String]].self, forKey: .keys) ?? [:],
            domains: try container.decode([LabelDomain].self, forKey: .domains))
    }
}

extension DomainError {
    fileprivate static func ambiguous(_ vocabulary: String, _ reason: String) -> DomainError {
        DomainError(code: .ambiguous, subject: vocabulary, reason: reason)
    }
}

extension String {
    /// The form in which column names are compared.
    fileprivate var columnKey: String { trimmed().collapsingSpace().caseFolded() }
}
