/// The steps of a recipe as the renderer runs them: neighbouring value steps are one stage.
enum SampleStage: Sendable, Equatable {
    /// One chain per new channel of each old one.
    case map([[ValueMap]])
    case standardize(mean: Double?, deviation: Double?)
    case crop(SampleStep.Shape, fill: Double?)
    case cropBlackBorders(threshold: Double)
    case resize(SampleStep.Shape, ResampleKernel)
    case resample(SampleStep.Spacing, ResampleKernel)

    static func compile(_ steps: [SampleStep]) -> [SampleStage] {
        var stages: [SampleStage] = []
        for step in steps {
            guard step.isPointwise else {
                stages.append(geometric(step))
                continue
            }
            let chains: [[ValueMap]]
            if case .map(let known) = stages.last {
                stages.removeLast()
                chains = known
            } else {
                chains = [[]]
            }
            // A recipe has one window step, so that chains multiply once.
            stages.append(.map(chains.flatMap { chain in maps(step).map { chain + [$0] } }))
        }
        return stages
    }

    private static func maps(_ step: SampleStep) -> [ValueMap] {
        switch step {
        case .window(let windows, let function, let to): windows.map { .window($0, function, to: to) }
        case .clip(let range): [.clip(range)]
        case .scale(let from, let to): [.scale(from: from, to: to)]
        case .standardize(let mean?, let deviation?): [.standardize(mean: mean, deviation: deviation)]
        default: preconditionFailure("only steps on single values are maps")
        }
    }

    private static func geometric(_ step: SampleStep) -> SampleStage {
        switch step {
        case .standardize(let mean, let deviation): .standardize(mean: mean, deviation: deviation)
        case .crop(let shape, let fill): .crop(shape, fill: fill)
        case .cropBlackBorders(let threshold): .cropBlackBorders(threshold: threshold)
        case .resize(let shape, let kernel): .resize(shape, kernel)
        case .resample(let spacing, let kernel): .resample(spacing, kernel)
        case .window, .clip, .scale: preconditionFailure("steps on single values are maps")
        }
    }

    /// The stages without those that change nothing of this extent, such as a resize to the size that is there.
    ///
    /// **Throws** as ``StageExtent/after(_:)``.
    static func pruned(_ stages: [SampleStage], for extent: StageExtent) throws(ImagingError) -> [SampleStage] {
        var kept: [SampleStage] = []
        var extent = extent
        // Behind cropped borders the size is not known before the values are.
        var isKnown = true
        for stage in stages {
            let next = try extent.after(stage)
            if stage.isChangeOfSize {
                if isKnown, next == extent { continue }
                isKnown = true
            }
            if case .cropBlackBorders = stage { isKnown = false }
            if case .map(let first) = kept.last, case .map(let second) = stage {
                kept[kept.count - 1] = .map(first.flatMap { chain in second.map { chain + $0 } })
            } else {
                kept.append(stage)
            }
            extent = next
        }
        return kept
    }

    private var isChangeOfSize: Bool {
        switch self {
        case .crop, .resize, .resample: true
        case .map, .standardize, .cropBlackBorders: false
        }
    }

    /// Channels that one becomes.
    var branches: Int {
        if case .map(let chains) = self { chains.count } else { 1 }
    }
}

/// Slices, rows and columns on their way through the stages.
struct StageExtent: Equatable {
    var slices: Int
    var rows: Int
    var columns: Int
    var spacing: SIMD3<Double>?

    /// What the stage leaves. Cropped borders depend on the values; their extent stands for any.
    ///
    /// **Throws** `invalidRecipe` where the sample is too small or has no spacing.
    func after(_ stage: SampleStage) throws(ImagingError) -> StageExtent {
        var next = self
        switch stage {
        case .map, .standardize, .cropBlackBorders: break
        case .crop(let shape, let fill):
            let slices = shape.slices ?? self.slices
            guard fill != nil || (shape.rows <= rows && shape.columns <= columns && slices <= self.slices) else {
                throw .invalidRecipe(
                    reason: "crop wants \(slices) x \(shape.rows) x \(shape.columns) voxels of a sample of "
                        + "\(self.slices) x \(rows) x \(columns); give it a fill value to pad smaller ones")
            }
            (next.slices, next.rows, next.columns) = (slices, shape.rows, shape.columns)
        case .resize(let shape, _):
            (next.slices, next.rows, next.columns) = (shape.slices ?? slices, shape.rows, shape.columns)
        case .resample(let wanted, _):
            guard let spacing, spacing.y > 0, spacing.x > 0 || wanted.slices == nil else {
                throw .invalidRecipe(
                    reason: "resample needs the spacing of the series, which is not known; use resize instead")
            }
            if let depth = wanted.slices { next.slices = try Self.resampled(slices, from: spacing.x, to: depth) }
            next.rows = try Self.resampled(rows, from: spacing.y, to: wanted.rows)
            next.columns = try Self.resampled(columns, from: spacing.z, to: wanted.columns)
        }
        if let spacing {
            let old = SIMD3(Double(slices), Double(rows), Double(columns))
            let new = SIMD3(Double(next.slices), Double(next.rows), Double(next.columns))
            if case .crop = stage { return next }
            next.spacing = spacing * old / new
        }
        return next
    }

    /// Headers and recipes may give any positive number.
    private static func resampled(_ count: Int, from old: Double, to new: Double) throws(ImagingError) -> Int {
        let side = (Double(count) * old / new).rounded(.toNearestOrEven)
        guard side <= Double(SampleStep.longestSide) else {
            throw .invalidRecipe(
                reason: "resample from \(old) to \(new) mm would make more than \(SampleStep.longestSide) voxels of "
                    + "\(count); look at the spacing of the series, or use resize instead")
        }
        return max(1, Int(side))
    }
}
