internal import CanonicalJSON

/// What a model learns from a sample.
package enum TargetForm: Sendable, Hashable {
    case none
    /// The union of the accepted masks on the slices of the sample, or on its middle one: see ``MarkConvention``.
    case mask(MarkFilter)
    /// 0, 1 or nothing for each domain.
    case labels([String])
    /// One number: the ordinal of a term, or the value in a domain of numbers.
    case grade(String)
    /// Accepted objects with a diameter, in voxels of what the recipe makes.
    case spheres(MarkFilter)

    /// As `training_set.target_kind` has it.
    package var kind: String {
        switch self {
        case .none: "none"
        case .mask: "mask"
        case .labels: "labels"
        case .grade: "grade"
        case .spheres: "spheres"
        }
    }

    package var domains: [String] {
        switch self {
        case .none, .mask, .spheres: []
        case .labels(let domains): domains
        case .grade(let domain): [domain]
        }
    }

    var marks: MarkFilter? {
        switch self {
        case .mask(let filter), .spheres(let filter): filter
        case .none, .labels, .grade: nil
        }
    }

    func with(marks: MarkFilter) -> TargetForm {
        switch self {
        case .mask: .mask(marks)
        case .spheres: .spheres(marks)
        default: self
        }
    }

    init?(kind: String, json: JSONValue) {
        let domains = (json["domains"]?.array ?? []).compactMap(\.string)
        let marks = MarkFilter(json: json["marks"] ?? .object([:]))
        switch kind {
        case "none": self = .none
        case "mask": self = .mask(marks)
        case "labels": self = .labels(domains)
        case "grade":
            guard let domain = domains.first else { return nil }
            self = .grade(domain)
        case "spheres": self = .spheres(marks)
        default: return nil
        }
    }
}

/// What becomes of a sample that lacks a value.
package enum MissingRule: String, Sendable, CaseIterable {
    /// It is left out.
    case drop
    /// The value is null, and the sample stays.
    case null
}

/// What becomes of a value that several readers or sources give differently.
package enum ConflictRule: String, Sendable, CaseIterable {
    /// The sample is left out.
    case drop
    /// The greatest ordinal or number counts: present beats absent.
    case max
    /// There is no value, and the rule for missing ones decides.
    case null
}
