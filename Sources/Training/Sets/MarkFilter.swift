package import CanonicalJSON
internal import SQLInterface

/// Which annotations count, by what is marked, by whom, in which shape and where it was read.
package struct MarkFilter: Sendable, Hashable {
    /// Property → accepted values; a property that is not named accepts all.
    package let accepted: [String: [String]]

    package static let properties = ["target", "reader", "kind", "source", "term"]

    package init(_ accepted: [String: [String]] = [:]) { self.accepted = accepted.mapValues { $0.sorted() } }

    /// Reads `target=nodule,reader=consensus`; a property named again accepts a further value.
    ///
    /// **Throws** `badOption` for an unknown property.
    package init(parsing text: String) throws(TrainingError) {
        var accepted: [String: [String]] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2, Self.properties.contains(sides[0]) else {
                throw TrainingError(
                    .badOption, "--marks \(part)",
                    "write property=value, the property being one of \(Self.properties.joined(separator: ", "))")
            }
            accepted[sides[0], default: []].append(sides[1])
        }
        self.init(accepted)
    }

    init(json: JSONValue) {
        var accepted: [String: [String]] = [:]
        for property in Self.properties {
            accepted[property] = json[property]?.array.map { $0.compactMap(\.string) }
        }
        self.init(accepted)
    }

    package var json: JSONValue { .object(accepted.mapValues(JSONValue.strings)) }

    /// Whether it accepts a mark of this kind, of which neither a source nor a term is known.
    func accepts(target: String?, reader: String?, kind: String?) -> Bool {
        let mark = ["target": target, "reader": reader, "kind": kind]
        return accepted.allSatisfy { property, values in
            guard let value = mark[property] ?? nil else { return false }
            return values.contains(value)
        }
    }

    func accepting(_ property: String, _ values: [String]) -> MarkFilter {
        MarkFilter(accepted.merging([property: values]) { _, new in new })
    }

    /// Joins `annotation` with what the condition needs.
    static let joins = """
        LEFT JOIN reader ON reader.reader_id = annotation.reader_id
        LEFT JOIN label_source ON label_source.label_source_id = annotation.label_source_id
        LEFT JOIN label_term ON label_term.label_term_id = annotation.label_term_id
        """

    /// What holds for an accepted row of `annotation`, as text with literals: it is stored with the query that it is
    /// part of. Marks of superseded sources never count.
    var condition: String {
        let columns = [
            "target": "annotation.target", "reader": "reader.reader_key", "kind": "annotation.kind",
            "source": "label_source.name", "term": "label_term.name",
        ]
        let parts = Self.properties.compactMap { property -> String? in
            guard let values = accepted[property], let column = columns[property] else { return nil }
            return " AND \(column) IN (\(values.map(\.sqlLiteral).joined(separator: ", ")))"
        }
        return "(label_source.label_source_id IS NULL OR label_source.is_active)" + parts.joined()
    }
}
