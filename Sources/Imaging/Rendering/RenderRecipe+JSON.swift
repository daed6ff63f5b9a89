package import CanonicalJSON

extension RenderRecipe {
    /// The recipe as it is stored and hashed. A release that renders in another way must change `format` or a member.
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "format": "slicehouse-render-1", "recipe": .string(name), "bits": 8, "values": "modality",
            "rounding": .string(WindowLevel.Rounding.halfToEven.rawValue), "monochrome1": "inverted",
        ]
        switch self {
        case .window(let window):
            members["window"] = window?.json ?? "header"
            if window == nil { members["padding"] = "excluded" }
        case .percentile(let lower, let upper, let scope):
            members["percentiles"] = [.number(lower), .number(upper)]
            members["scope"] = .string(scope.rawValue)
            members["padding"] = "excluded"
        case .minmax(let scope):
            members["scope"] = .string(scope.rawValue)
            members["padding"] = "excluded"
        case .minmax0:
            members["values"] = "stored"
            members["rounding"] = .string(WindowLevel.Rounding.truncate.rawValue)
            members["monochrome1"] = "kept"
        case .lossless16:
            members["bits"] = 16
            members["values"] = "stored"
            members["rounding"] = "none"
            members["monochrome1"] = "kept"
        }
        return .object(members)
    }

    /// Canonical JSON (RFC 8785); its SHA-256 is the identity of the recipe.
    package var canonicalJSON: String { json.text }
}

extension RenderRecipe.Window {
    fileprivate var json: JSONValue {
        [
            "center": .number(level.center), "width": .number(level.width),
            "function": .string(function?.rawValue ?? "header"),
        ]
    }
}
