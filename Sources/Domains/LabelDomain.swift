/// What a label can be about, from the whole patient down to one marked object.
package enum LabelLevel: String, Sendable, Equatable, CaseIterable, Codable {
    case patient, study, series, slice, annotation
}

/// The kind of value a domain holds after cleaning.
package enum ValueKind: String, Sendable, Equatable, CaseIterable, Codable {
    case term, number, text
}

/// The closed interval that the numbers of a domain must lie in, in the unit of the domain.
package struct ValueRange: Sendable, Equatable {
    package let minimum: Double
    package let maximum: Double

    package init(minimum: Double, maximum: Double) {
        self.minimum = minimum
        self.maximum = maximum
    }

    package func contains(_ number: Double) -> Bool { number >= minimum && number <= maximum }
}

/// What becomes of a value that no rule recognised.
package enum UnmatchedAction: Sendable, Equatable {
    /// A person has to look: the value is listed by `slicehouse domains` until a rule covers it.
    case quarantine
    /// No value is derived; the raw text is kept.
    case drop
    /// A catch-all term such as `other`.
    case term(String)

    var term: String? { if case .term(let name) = self { name } else { nil } }
}

/// One question that labels answer, with its allowed answers and the rules that read what people wrote.
///
/// Rules are applied in the order of the file to one raw value at a time; see `CleaningRule` for what each does.
package struct LabelDomain: Sendable, Equatable {
    package let name: String
    /// Domains that belong together, such as the five haemorrhage types.
    package let family: String?
    /// The levels at which the domain may be asserted, at least one.
    package let levels: [LabelLevel]
    package let valueKind: ValueKind
    /// The unit of numbers, such as `years`.
    package let unit: String?
    package let range: ValueRange?
    package let description: String?
    package let terms: [LabelTerm]
    package let rules: [CleaningRule]
    package let unmatched: UnmatchedAction
    /// Names of table columns that feed the domain; compare them through `Vocabulary.domain(forColumn:level:)`.
    package let columns: [String]
    /// DICOM attributes that feed the domain: keywords, tags, paths, private ones by creator. The first with a value wins.
    package let attributes: [String]

    package init(
        name: String, family: String? = nil, levels: [LabelLevel], valueKind: ValueKind, unit: String? = nil,
        range: ValueRange? = nil, description: String? = nil, terms: [LabelTerm] = [], rules: [CleaningRule],
        unmatched: UnmatchedAction = .quarantine, columns: [String] = [], attributes: [String] = []
    ) {
        self.name = name
        self.family = family
        self.levels = levels
        self.valueKind = valueKind
        self.unit = unit
        self.range = range
        self.description = description
        self.terms = terms
        self.rules = rules
        self.unmatched = unmatched
        self.columns = columns
        self.attributes = attributes
    }

    /// The only level of the domain; `nil` where it is used at several.
    package var level: LabelLevel? { levels.count == 1 ? levels.first : nil }

    /// The raw value of a header for this domain, and the attribute it comes from: the first that is not blank.
    ///
    /// Where all that exist are blank, the first of those; `nil` where none exists, so that absent and empty differ.
    package func coalesced(
        _ value: (_ attribute: String) throws -> String?
    ) rethrows -> (attribute: String, raw: String)? {
        var blank: (attribute: String, raw: String)?
        for attribute in attributes {
            guard let raw = try value(attribute) else { continue }
            if !raw.isBlank { return (attribute, raw) }
            blank = blank ?? (attribute, raw)
        }
        return blank
    }
}

extension LabelDomain: Decodable {
    private enum Key: String, CodingKey, CaseIterable {
        case name, family, levels, values, unit, range, description, terms, rules, columns, attributes
        case unmatched = "default"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            family: try container.decodeIfPresent(String.self, forKey: .family),
            levels: try container.decode([LabelLevel].self, forKey: .levels),
            valueKind: try container.decode(ValueKind.self, forKey: .values),
            unit: try container.decodeIfPresent(String.self, forKey: .unit),
            range: try container.decodeIfPresent(ValueRange.self, forKey: .range),
            description: try container.decodeIfPresent(String.self, forKey: .description),
            terms: try container.decodeIfPresent([LabelTerm].self, forKey: .terms) ?? [],
            rules: try container.decode([CleaningRule].self, forKey: .rules),
            unmatched: try container.decodeIfPresent(UnmatchedAction.self, forKey: .unmatched) ?? .quarantine,
            columns: try container.decodeIfPresent([String].self, forKey: .columns) ?? [],
            attributes: try container.decodeIfPresent([String].self, forKey: .attributes) ?? [])
    }
}

extension ValueRange: Decodable {
    private enum Key: String, CodingKey, CaseIterable { case minimum, maximum }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        self.init(
            minimum: try container.decode(Double.self, forKey: .minimum),
            maximum: try container.decode(Double.self, forKey: .maximum))
    }
}

extension UnmatchedAction: Decodable {
    private enum Key: String, CodingKey, CaseIterable { case term }

    package init(from decoder: any Decoder) throws {
        guard let word = try? decoder.singleValueContainer().decode(String.self) else {
            self = .term(try decoder.strictContainer(keyedBy: Key.self).decode(String.self, forKey: .term))
            return
        }
        switch word {
        case "quarantine": self = .quarantine
        case "drop": self = .drop
        default: throw decoder.invalid("the default is '\(word)'; write quarantine, drop or {term: NAME}")
        }
    }
}
