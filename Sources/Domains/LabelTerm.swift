/// One answer that a domain of terms allows, such as `present`, with the other spellings people use for it.
package struct LabelTerm: Sendable, Equatable {
    /// The name in SQL and in results: letters, digits and underscores.
    package let name: String
    /// The rank of the term where terms have an order (grades, severities); `nil` where they have none.
    package let ordinal: Int?
    package let description: String?
    /// Spellings as they appear in data. They pass through the rewriting rules before they are compared.
    package let aliases: [String]

    package init(name: String, ordinal: Int? = nil, description: String? = nil, aliases: [String] = []) {
        self.name = name
        self.ordinal = ordinal
        self.description = description
        self.aliases = aliases
    }
}

extension LabelTerm: Decodable {
    private enum Key: String, CodingKey, CaseIterable { case name, ordinal, description, aliases }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            ordinal: try container.decodeIfPresent(Int.self, forKey: .ordinal),
            description: try container.decodeIfPresent(String.self, forKey: .description),
            aliases: try container.decodeIfPresent([String].self, forKey: .aliases) ?? [])
    }
}
