/// Exact extremes and mean of the stored values of a frame.
///
/// **Units** stored values (no rescale). Floating-point frames: NaN samples are left out; if every sample is NaN, all
/// three numbers are NaN.
package struct PixelStatistics: Sendable, Equatable {
    package let minimum: Double
    package let maximum: Double
    package let mean: Double
    /// Fewer than 2% of the pixels differ from the most frequent pixel, so equality of two such frames says nothing
    /// about whose they are.
    package let isBlank: Bool

    package init(minimum: Double, maximum: Double, mean: Double, isBlank: Bool) {
        self.minimum = minimum
        self.maximum = maximum
        self.mean = mean
        self.isBlank = isBlank
    }
}

extension PixelBuffer {
    /// Extremes and mean over the samples of all channels, and whether the frame is blank.
    ///
    /// **Cost** one vectorised pass for the extremes and the sum; a second one only for frames whose first 4% are
    /// nearly constant.
    package func statistics() -> PixelStatistics {
        let summary = sampleSummary()
        let mean = summary.sum / Double(summary.count)
        return PixelStatistics(
            minimum: summary.count > 0 ? summary.minimum : .nan,
            maximum: summary.count > 0 ? summary.maximum : .nan,
            mean: mean, isBlank: isBlank)
    }

    /// Least to greatest sample that is finite; `nil` where none is.
    package func finiteRange() -> ClosedRange<Double>? {
        let summary = sampleSummary()
        if summary.count > 0, summary.minimum.isFinite, summary.maximum.isFinite {
            return summary.minimum...summary.maximum
        }
        let finite = doubles().filter(\.isFinite)
        guard let least = finite.min(), let greatest = finite.max() else { return nil }
        return least...greatest
    }

    private func sampleSummary() -> SampleSummary {
        switch type {
        case .u8: unsafe withSamples(as: UInt8.self) { unsafe summarise($0, partialSum: UInt32.self) }
        case .i8: unsafe withSamples(as: Int8.self) { unsafe summarise($0, partialSum: Int32.self) }
        case .u16: unsafe withSamples(as: UInt16.self) { unsafe summarise($0, partialSum: UInt32.self) }
        case .i16: unsafe withSamples(as: Int16.self) { unsafe summarise($0, partialSum: Int32.self) }
        case .u32: unsafe withSamples(as: UInt32.self) { unsafe summarise($0, partialSum: UInt64.self) }
        case .i32: unsafe withSamples(as: Int32.self) { unsafe summarise($0, partialSum: Int64.self) }
        case .f32: unsafe withSamples(as: Float.self) { unsafe summarise($0) }
        case .f64: unsafe withSamples(as: Double.self) { unsafe summarise($0) }
        }
    }
}

struct SampleSummary {
    var minimum: Double
    var maximum: Double
    var sum: Double
    /// Samples that are numbers.
    var count: Int
}

/// Extremes and sum of integers. The sum is kept in `Partial` for blocks of 32,768 samples, which cannot overflow
/// (2^15 samples of at most 2^16, or 64-bit partials), and then in 64 bits, so it is exact.
@inline(__always)
private func summarise<T: PixelElement & FixedWidthInteger, Partial: FixedWidthInteger>(
    _ samples: UnsafeBufferPointer<T>, partialSum: Partial.Type
) -> SampleSummary {
    var minimum = T.max
    var maximum = T.min
    var sum: Int64 = 0
    var start = 0
    while start < samples.count {
        let end = min(start + 32_768, samples.count)
        var partial: Partial = 0
        for index in start..<end {
            let value = unsafe samples[index]
            minimum = value < minimum ? value : minimum
            maximum = value > maximum ? value : maximum
            partial &+= Partial(truncatingIfNeeded: value)
        }
        sum += Int64(partial)
        start = end
    }
    return SampleSummary(
        minimum: minimum.doubleValue, maximum: maximum.doubleValue, sum: Double(sum), count: samples.count)
}

/// Extremes and sum of reals. Four independent accumulators, because a single chain of additions is bound by the
/// latency of one; the order of additions is fixed, so the same frame always gives the same mean.
@inline(__always)
private func summarise<T: PixelElement & BinaryFloatingPoint>(_ samples: UnsafeBufferPointer<T>) -> SampleSummary {
    var lanes = (RealLane<T>(), RealLane<T>(), RealLane<T>(), RealLane<T>())
    let whole = samples.count & ~3
    var index = 0
    while index < whole {
        unsafe lanes.0.add(samples[index])
        unsafe lanes.1.add(samples[index + 1])
        unsafe lanes.2.add(samples[index + 2])
        unsafe lanes.3.add(samples[index + 3])
        index += 4
    }
    while index < samples.count {
        unsafe lanes.0.add(samples[index])
        index += 1
    }
    return SampleSummary(
        minimum: min(min(lanes.0.minimum, lanes.1.minimum), min(lanes.2.minimum, lanes.3.minimum)).doubleValue,
        maximum: max(max(lanes.0.maximum, lanes.1.maximum), max(lanes.2.maximum, lanes.3.maximum)).doubleValue,
        sum: (lanes.0.sum + lanes.1.sum) + (lanes.2.sum + lanes.3.sum),
        count: lanes.0.count + lanes.1.count + lanes.2.count + lanes.3.count)
}

private struct RealLane<T: PixelElement & BinaryFloatingPoint> {
    var minimum = T.infinity
    var maximum = -T.infinity
    var sum = 0.0
    var count = 0

    /// Comparisons with NaN are false, so NaN never becomes an extreme.
    @inline(__always)
    mutating func add(_ value: T) {
        minimum = value < minimum ? value : minimum
        maximum = value > maximum ? value : maximum
        let isNumber = value == value
        sum += isNumber ? value.doubleValue : 0
        count += isNumber ? 1 : 0
    }
}
