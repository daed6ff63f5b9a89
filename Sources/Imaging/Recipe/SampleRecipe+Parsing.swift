package import CanonicalJSON

extension SampleRecipe {
    static let format = "slicehouse-sample-1"

    /// Reads a recipe; what is absent gets its default.
    ///
    /// **Throws** `invalidRecipe` for text that is no JSON, unknown members and values out of range, each by name.
    package init(parsing text: String) throws(ImagingError) {
        let value: JSONValue
        do { value = try JSONValue(parsing: text) } catch {
            throw ImagingError(
                code: .invalidRecipe, subject: "sample recipe",
                reason: "its text is no JSON (byte \(error.byteOffset))",
                underlying: error)
        }
        try self.init(json: value)
    }

    package init(json: JSONValue) throws(ImagingError) {
        var members = try RecipeMembers(json, place: "the recipe")
        if let format = members.take("format"), format.string != Self.format {
            throw .invalidRecipe(reason: "its format is not \(Self.format)")
        }
        let dtype = try members.name("dtype", of: DType.self) ?? .float32
        let layout = try members.name("layout", of: Layout.self) ?? .nchw
        let values = try members.name("values", of: Values.self) ?? .rescaled
        let steps = members.take("steps") ?? .array([])
        let mask = try Mask(json: members.take("mask") ?? .object([:]))
        let augment = try members.take("augment").map { json throws(ImagingError) in
            try SampleAugmentation(json: json)
        }
        try members.finish()
        guard let list = steps.array else { throw .invalidRecipe(reason: "steps must be a list") }
        var parsed: [SampleStep] = []
        for (index, step) in list.enumerated() {
            parsed.append(try SampleStep(json: step, number: index + 1, dtype: dtype))
        }
        try self.init(values: values, steps: parsed, dtype: dtype, layout: layout, mask: mask, augment: augment)
    }
}

extension SampleRecipe.Mask {
    fileprivate init(json: JSONValue) throws(ImagingError) {
        var members = try RecipeMembers(json, place: "mask")
        dtype = try members.name("dtype", of: DType.self) ?? .uint8
        let number = try members.number("value") ?? 1
        guard (1...255).contains(number), number == number.rounded() else {
            throw members.wrong("value", "a whole number from 1 to 255")
        }
        value = Int(number)
        let coverage = try members.number("coverage")
        let rule = members.take("rule")?.string ?? "nearest"
        switch (rule, coverage) {
        case ("nearest", nil): self.rule = .nearest
        case ("coverage", let share):
            let share = share ?? 0.5
            guard share > 0, share <= 1 else { throw members.wrong("coverage", "above 0 and at most 1") }
            self.rule = .coverage(share)
        default: throw members.wrong("rule", "nearest, or coverage with coverage above 0 and at most 1")
        }
        try members.finish()
    }
}

extension SampleStep {
    fileprivate init(json: JSONValue, number: Int, dtype: SampleRecipe.DType) throws(ImagingError) {
        var members = try RecipeMembers(json, place: "step \(number)")
        guard let name = members.take("step")?.string, Self.names.contains(name) else {
            throw .invalidRecipe(
                reason: "step \(number) must name what it does: step is one of \(Self.names.joined(separator: ", "))")
        }
        self = try Self.read(name, &members, dtype)
        try members.finish()
    }

    private static func read(
        _ name: String, _ members: inout RecipeMembers, _ dtype: SampleRecipe.DType
    ) throws(ImagingError) -> SampleStep {
        switch name {
        case "window": return try window(&members, dtype)
        case "clip":
            return .clip(try members.required("range") { members, key throws(ImagingError) in try members.range(key) })
        case "scale":
            let from = try members.required("from") { members, key throws(ImagingError) in try members.range(key) }
            return .scale(from: from, to: try target(&members, dtype))
        case "standardize":
            let mean = try statistic("mean", &members)
            let deviation = try statistic("deviation", &members)
            guard deviation ?? 1 > 0 else { throw members.wrong("deviation", "positive") }
            return .standardize(mean: mean, deviation: deviation)
        case "crop_black_borders": return .cropBlackBorders(threshold: try members.number("threshold") ?? 10)
        case "crop":
            let shape = try shape(&members)
            return .crop(shape, fill: try members.number("fill"))
        case "resize": return .resize(try shape(&members), kernel: try kernel(&members))
        default:
            let sides = try members.required("spacing_mm") { members, key throws(ImagingError) in
                try members.sides(key)
            }
            let spacing = Spacing(
                slices: sides.count == 3 ? sides[0] : nil, rows: sides[sides.count - 2],
                columns: sides[sides.count - 1])
            return .resample(spacing, kernel: try kernel(&members))
        }
    }

    private static func window(
        _ members: inout RecipeMembers, _ dtype: SampleRecipe.DType
    ) throws(ImagingError) -> SampleStep {
        guard let list = members.take("windows")?.array, !list.isEmpty else {
            throw members.wrong("windows", "a list of at least one {\"center\": …, \"width\": …}")
        }
        let function = try members.name("function", of: WindowLevel.Function.self) ?? .linearExact
        guard function != .sigmoid else { throw members.wrong("function", "LINEAR_EXACT or LINEAR") }
        var windows: [WindowLevel] = []
        for json in list {
            var window = try RecipeMembers(json, place: "a window of \(members.place)")
            let center = try window.required("center") { m, key throws(ImagingError) in try m.number(key) }
            let width = try window.required("width") { m, key throws(ImagingError) in try m.number(key) }
            guard width > (function == .linear ? 1 : 0) else {
                throw window.wrong("width", function == .linear ? "greater than 1" : "positive")
            }
            try window.finish()
            windows.append(try WindowLevel(center: center, width: width))
        }
        return .window(windows, function: function, to: try target(&members, dtype))
    }

    /// 0 to 1 for floats, the whole range of eight bits for integers.
    private static func target(
        _ members: inout RecipeMembers, _ dtype: SampleRecipe.DType
    ) throws(ImagingError) -> SampleRecipe.Target {
        let isInteger = dtype == .uint8 || dtype == .int16
        let (first, last) = try members.pair("to") ?? (0, isInteger ? 255 : 1)
        return SampleRecipe.Target(first: first, last: last)
    }

    /// A number, or nil for the statistic of the sample (`"sample"`, which is the default).
    private static func statistic(_ key: String, _ members: inout RecipeMembers) throws(ImagingError) -> Double? {
        switch members.take(key) {
        case nil, .string("sample"): return nil
        case .number(let number): return number
        default: throw members.wrong(key, "a number or \"sample\"")
        }
    }

    private static func kernel(_ members: inout RecipeMembers) throws(ImagingError) -> ResampleKernel {
        try members.name("kernel", of: ResampleKernel.self) ?? .bilinear
    }

    private static func shape(_ members: inout RecipeMembers) throws(ImagingError) -> Shape {
        let sides = try members.required("shape") { members, key throws(ImagingError) in try members.sides(key) }
        guard sides.allSatisfy({ $0 == $0.rounded() && $0 <= Double(longestSide) }) else {
            throw members.wrong("shape", "whole numbers up to \(longestSide)")
        }
        let whole = sides.map { Int($0) }
        return Shape(
            slices: whole.count == 3 ? whole[0] : nil, rows: whole[whole.count - 2], columns: whole[whole.count - 1])
    }
}

extension SampleAugmentation {
    fileprivate init(json: JSONValue) throws(ImagingError) {
        var members = try RecipeMembers(json, place: "augment")
        flipSlices = try Self.probability("flip_slices", &members)
        flipRows = try Self.probability("flip_rows", &members)
        flipColumns = try Self.probability("flip_columns", &members)
        rotationDegrees = try members.spread("rotation_degrees", mirrored: true) ?? 0...0
        scale = try members.spread("scale") ?? 1...1
        guard scale.lowerBound > 0 else { throw members.wrong("scale", "positive") }
        shift = try members.spread("shift", mirrored: true) ?? 0...0
        noise = try members.spread("noise") ?? 0...0
        guard noise.lowerBound >= 0 else { throw members.wrong("noise", "two standard deviations, none negative") }
        fill = try members.number("fill") ?? 0
        try members.finish()
    }

    private static func probability(_ key: String, _ members: inout RecipeMembers) throws(ImagingError) -> Double {
        let number = try members.number(key) ?? 0
        guard (0...1).contains(number) else { throw members.wrong(key, "a probability from 0 to 1") }
        return number
    }
}
