extension SampleRecipe {
    /// What the steps make of the lowest values, which are those of air in CT: the `fill` of an augmentation that does
    /// not show. Nil where no step cuts values off, or the sample decides.
    package var valueOfAir: Double? {
        var air: Double?
        for step in steps {
            switch step {
            case .window(_, _, let target): air = target.first
            case .clip(let range): air = min(max(air ?? range.lowerBound, range.lowerBound), range.upperBound)
            case .scale(let from, let target):
                let slope = (target.last - target.first) / (from.upperBound - from.lowerBound)
                air = air.map { target.first + ($0 - from.lowerBound) * slope }
            case .standardize(let mean, let deviation):
                guard let mean, let deviation else { return nil }
                air = air.map { ($0 - mean) / deviation }
            case .crop, .cropBlackBorders, .resize, .resample: break
            }
        }
        return air
    }
}

extension SampleAugmentation {
    /// Whether voxels come in from outside of a sample, which ``fill`` is for.
    package var bringsVoxelsIn: Bool { rotationDegrees != 0...0 || shift != 0...0 || scale.lowerBound < 1 }
}
