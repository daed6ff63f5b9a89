/// Derives binary masks from the grey frames of one source (a mask volume or picture).
///
/// Constructed once per source, because the middle of a single frame's range says nothing: a frame without a lesion is
/// constant. Values are rescaled first (a CT-ICH mask is stored as 16-bit extremes that scale to about 0 and 255).
package struct MaskThreshold: Sendable, Equatable {
    package let rule: MaskRule
    package let rescale: Rescale?
    /// Smallest and largest rescaled value of the source.
    package let range: ClosedRange<Double>

    /// - Parameter frames: the statistics of **all** frames of the source, in stored values.
    ///
    /// **Throws** `invalidMask` when there is no frame or no finite value.
    package init(rule: MaskRule, frames: [PixelStatistics], rescale: Rescale?) throws(ImagingError) {
        let line = rescale ?? .identity
        let ends = frames.flatMap { [line.value(ofStored: $0.minimum), line.value(ofStored: $0.maximum)] }
            .filter(\.isFinite)
        guard let minimum = ends.min(), let maximum = ends.max() else {
            throw .invalidMask(reason: "the source of the mask holds no finite value")
        }
        self.rule = rule
        self.rescale = rescale
        range = minimum...maximum
    }

    /// The source has one level only, so `midRange` derives an empty mask.
    package var isConstant: Bool { range.lowerBound == range.upperBound }

    /// What one frame gives.
    package struct Derivation: Sendable, Equatable {
        package let mask: RunLengthMask
        /// Different grey levels in the frame; 1 or 2 in a clean mask.
        package let distinctLevelCount: Int
        /// Pixels more than a tenth of the range away from both ends: not noise around two levels, but a third one.
        package let intermediateCount: Int
    }

    /// Derives the mask of one frame.
    ///
    /// **Throws** `invalidMask` for a frame of several samples per pixel: which one is the mask is not ours to guess.
    package func derive(from buffer: PixelBuffer) throws(ImagingError) -> Derivation {
        guard buffer.samplesPerPixel == 1 else {
            throw .invalidMask(reason: "its source has \(buffer.samplesPerPixel) samples per pixel, not one")
        }
        let raster = buffer.mapSamples(MaskTransfer(threshold: self))
        let levels = buffer.distinctSamples()
        let intermediate = buffer.mapSamples(IntermediateTransfer(threshold: self))
        return Derivation(
            mask: try RunLengthMask(mask: raster, rows: buffer.rows, columns: buffer.columns),
            distinctLevelCount: levels,
            intermediateCount: intermediate.reduce(into: 0) { $0 += Int($1) })
    }

    /// A pixel is marked where its rescaled value exceeds this; 0 for rules that compare with other values.
    package var limit: Double {
        switch rule {
        case .midRange: range.lowerBound + (range.upperBound - range.lowerBound) / 2
        case .above(let limit): limit
        case .nonZero, .values: 0
        }
    }

    fileprivate func value(ofStored stored: Double) -> Double {
        (rescale ?? .identity).value(ofStored: stored)
    }

    /// Whether a stored value is one of these, but for the rounding of the line; never so wide that two labels meet.
    fileprivate func isOne(of values: [Double], stored: Double) -> Bool {
        let line = rescale ?? .identity
        let (value, rounding) = (line.value(ofStored: stored), min(line.rounding(ofStored: stored), 0x1p-6))
        return values.contains { abs(value - $0) <= rounding }
    }

    /// The rule lists what is marked.
    package var isList: Bool { if case .values = rule { true } else { false } }

    /// The rescaled value, where the rule says by a list what is marked and this is neither in it nor the background 0;
    /// `nil` for other rules.
    package func unlisted(stored: Double) -> Double? {
        guard case .values(let values) = rule, !stored.isNaN, !isOne(of: values + [0], stored: stored) else {
            return nil
        }
        return value(ofStored: stored)
    }
}

/// 1 where the pixel is set. NaN never is.
private struct MaskTransfer: SampleTransfer {
    let threshold: MaskThreshold

    func byte(ofStored stored: Double) -> UInt8 {
        let value = threshold.value(ofStored: stored)
        let isSet =
            switch threshold.rule {
            case .midRange, .above: value > threshold.limit
            case .nonZero: value != 0 && !value.isNaN
            case .values(let values): threshold.isOne(of: values, stored: stored)
            }
        return isSet ? 1 : 0
    }
}

/// 1 where the value is near neither end of the source's range.
private struct IntermediateTransfer: SampleTransfer {
    let threshold: MaskThreshold

    func byte(ofStored stored: Double) -> UInt8 {
        let value = threshold.value(ofStored: stored)
        let margin = (threshold.range.upperBound - threshold.range.lowerBound) / 10
        let isNearAnEnd = value <= threshold.range.lowerBound + margin || value >= threshold.range.upperBound - margin
        return isNearAnEnd ? 0 : 1
    }
}
