package import CanonicalJSON

/// How much there is of each class: samples, of masks voxels.
package struct ClassCounts: Sendable, Hashable {
    /// By class, where the target is one question.
    package var classes: [String: Int]
    /// By domain and class, where it is a vector of labels.
    package var domains: [String: [String: Int]]

    package init(classes: [String: Int] = [:], domains: [String: [String: Int]] = [:]) {
        self.classes = classes
        self.domains = domains
    }

    package init(json: JSONValue) {
        classes = json["classes"].map(Self.counts) ?? [:]
        domains = (json["domains"]?.object ?? [:]).mapValues(Self.counts)
    }

    package var json: JSONValue { members { .integer($0.count) } }

    /// The same with weights: `count` and `weight` of each class.
    package func weighed(_ weighting: ClassWeighting) -> [String: JSONValue] {
        members { entry in
            let weight = weighting.weight(count: entry.count, of: entry.total, classes: entry.classes)
            return ["count": .integer(entry.count), "weight": weight.map(JSONValue.number) ?? .null]
        }.object ?? [:]
    }

    package static func + (left: ClassCounts, right: ClassCounts) -> ClassCounts {
        ClassCounts(
            classes: left.classes.merging(right.classes, uniquingKeysWith: +),
            domains: left.domains.merging(right.domains) { $0.merging($1, uniquingKeysWith: +) })
    }

    private struct Entry {
        let count: Int
        let total: Int
        let classes: Int
    }

    private func members(_ value: (Entry) -> JSONValue) -> JSONValue {
        func entries(_ counts: [String: Int]) -> JSONValue {
            let total = counts.values.reduce(0, +)
            return .object(
                counts.mapValues { value(Entry(count: $0, total: total, classes: counts.count)) })
        }
        guard domains.isEmpty else { return ["domains": .object(domains.mapValues { entries($0) })] }
        return ["classes": entries(classes)]
    }

    private static func counts(_ json: JSONValue) -> [String: Int] {
        (json.object ?? [:]).compactMapValues { $0.number.map { Int($0) } }
    }
}
