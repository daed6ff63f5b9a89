internal import CanonicalJSON

/// How the folds of a split come about.
package enum SplitMethod: Sendable, Hashable {
    /// A function of seed and unit key.
    case hash
    /// Counted out, within the strata of a domain or family of domains where one is named.
    case balanced(stratifiedBy: String?)
    /// The folds that the publishers gave, some of them put together where `groups` says so.
    case official(split: String, groups: [Group])
    /// The first rows of a table of labels against the rest, as older systems split.
    case firstRows(count: Int, source: String)

    /// A fold that is made of published ones.
    package struct Group: Sendable, Hashable {
        package let fold: String
        package let parts: [String]
    }

    /// As `split.method` has it.
    package var name: String {
        switch self {
        case .hash: "hash"
        case .balanced: "balanced"
        case .official: "official"
        case .firstRows: "first_rows"
        }
    }

    /// What `split.parameters` says of it beside the name.
    var json: [String: JSONValue] {
        switch self {
        case .hash, .balanced(nil): return [:]
        case .balanced(let domain?): return ["stratify": .string(domain)]
        case .official(let split, let groups):
            let folds = groups.map { ($0.fold, JSONValue.strings($0.parts)) }
            return [
                "official": ["split": .string(split), "folds": .object(Dictionary(uniqueKeysWithValues: folds))]
            ]
        case .firstRows(let count, let source):
            return ["first_rows": ["rows": .integer(count), "source": .string(source)]]
        }
    }

    init?(name: String, parameters: JSONValue) {
        switch name {
        case "hash": self = .hash
        case "balanced": self = .balanced(stratifiedBy: parameters["stratify"]?.string)
        case "official":
            guard let split = parameters["official"]?["split"]?.string,
                case .object(let folds)? = parameters["official"]?["folds"]
            else { return nil }
            self = .official(
                split: split,
                groups: folds.sorted { $0.key < $1.key }.map { fold, parts in
                    Group(fold: fold, parts: (parts.array ?? []).compactMap(\.string))
                })
        case "first_rows":
            guard let count = parameters["first_rows"]?["rows"]?.number,
                let source = parameters["first_rows"]?["source"]?.string
            else { return nil }
            self = .firstRows(count: Int(count), source: source)
        default: return nil
        }
    }
}
