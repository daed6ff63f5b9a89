extension SampleRecipe {
    /// What the steps make of the lowest values, which are those of air in CT: the `fill` of an augmentation that does
    /// not show. Nil where no step cuts values off, the sample decides, or the channels have several.
    package var valueOfAir: Double? {
        // Of each channel. A step that cuts values off makes them finite, and those behind it change what that left.
        var air = [-Double.infinity]
        for stage in SampleStage.compile(steps) {
            switch stage {
            case .map(let chains): air = air.flatMap { value in chains.map { chain in chain(value) } }
            case .standardize: return nil
            case .crop, .cropBlackBorders, .resize, .resample: break
            }
        }
        guard let first = air.first, first.isFinite, air.allSatisfy({ isAlike($0, first) }) else { return nil }
        return first
    }

    /// The ``valueOfAir`` in the digits of a float32, where the augmentation brings in another value. Nil where it
    /// brings in that, or none.
    package var airInsteadOfFill: Double? {
        guard let augment, augment.bringsVoxelsIn, let air = valueOfAir, !isAlike(augment.fill, air) else { return nil }
        return Double(Float(air).description)
    }

    /// Whether values are one to whoever writes them: to a thousandth, of integers as they come out.
    private func isAlike(_ left: Double, _ right: Double) -> Bool {
        let (one, other) = (Float(left), Float(right))
        switch dtype {
        case .uint8: return SampleEncoding.byte(one) == SampleEncoding.byte(other)
        case .int16: return SampleEncoding.int16(one) == SampleEncoding.int16(other)
        case .float16, .float32: return abs(one - other) <= 0.001 * max(1, abs(other))
        }
    }
}

extension SampleAugmentation {
    /// Whether voxels come in from outside of a sample, which ``fill`` is for.
    package var bringsVoxelsIn: Bool { rotationDegrees != 0...0 || shift != 0...0 || scale.lowerBound < 1 }
}
