package import CanonicalJSON

extension SampleRecipe {
    /// The recipe as it is stored and hashed, every default written out. A release that makes other bytes of the same
    /// recipe must change `format`.
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "format": .string(Self.format), "values": .string(values.rawValue), "steps": .array(steps.map(\.json)),
            "dtype": .string(dtype.rawValue), "layout": .string(layout.rawValue), "mask": mask.json,
        ]
        if let augment { members["augment"] = augment.json }
        return .object(members)
    }

    /// Canonical JSON (RFC 8785); its SHA-256 is the identity of the recipe.
    package var canonicalJSON: String { json.text }
}

extension SampleRecipe.Mask {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["dtype": .string(dtype.rawValue), "value": .integer(value)]
        switch rule {
        case .nearest: members["rule"] = "nearest"
        case .coverage(let share):
            members["rule"] = "coverage"
            members["coverage"] = .number(share)
        }
        return .object(members)
    }
}

extension SampleStep {
    fileprivate var json: JSONValue {
        var members = members
        members["step"] = .string(name)
        return .object(members)
    }

    private var members: [String: JSONValue] {
        switch self {
        case .window(let windows, let function, let to):
            [
                "windows": .array(windows.map { ["center": .number($0.center), "width": .number($0.width)] }),
                "function": .string(function.rawValue), "to": to.json,
            ]
        case .clip(let range): ["range": range.json]
        case .scale(let from, let to): ["from": from.json, "to": to.json]
        case .standardize(let mean, let deviation):
            [
                "mean": mean.map(JSONValue.number) ?? "sample",
                "deviation": deviation.map(JSONValue.number) ?? "sample",
            ]
        case .crop(let shape, let fill): ["shape": shape.json, "fill": fill.map(JSONValue.number) ?? .null]
        case .cropBlackBorders(let threshold): ["threshold": .number(threshold)]
        case .resize(let shape, let kernel): ["shape": shape.json, "kernel": .string(kernel.rawValue)]
        case .resample(let spacing, let kernel): ["spacing_mm": spacing.json, "kernel": .string(kernel.rawValue)]
        }
    }
}

extension SampleStep.Shape {
    fileprivate var json: JSONValue {
        .array(([slices] + [rows, columns]).compactMap { $0.map(JSONValue.integer) })
    }
}

extension SampleStep.Spacing {
    fileprivate var json: JSONValue {
        .array(([slices] + [rows, columns]).compactMap { $0.map(JSONValue.number) })
    }
}

extension SampleRecipe.Target {
    fileprivate var json: JSONValue { [.number(first), .number(last)] }
}

extension ClosedRange<Double> {
    fileprivate var json: JSONValue { [.number(lowerBound), .number(upperBound)] }
}

extension SampleAugmentation {
    fileprivate var json: JSONValue {
        [
            "flip_slices": .number(flipSlices), "flip_rows": .number(flipRows), "flip_columns": .number(flipColumns),
            "rotation_degrees": rotationDegrees.json, "scale": scale.json, "shift": shift.json, "noise": noise.json,
            "fill": .number(fill),
        ]
    }
}
