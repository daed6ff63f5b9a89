extension WindowLevel {
    /// The window whose `linearExact` rendering maps `minimum` to 0 and `maximum` to 255; `nil` for an empty range.
    package static func spanning(minimum: Double, maximum: Double) -> WindowLevel? {
        try? WindowLevel(center: minimum + (maximum - minimum) / 2, width: maximum - minimum)
    }
}

extension PixelBuffer {
    /// The window between two percentiles of the rescaled samples, for pictures of frames without a known unit.
    ///
    /// **Range** 0...100; nearest rank. `nil` when both percentiles are one value.
    /// **Cost** a histogram for 8- and 16-bit samples, a sort for wider ones (NaN left out).
    package func percentileWindow(
        lower: Double = 1, upper: Double = 99, rescale: Rescale? = nil
    ) -> WindowLevel? {
        precondition(0 <= lower && lower < upper && upper <= 100, "percentiles are ordered and within 0...100")
        guard let ends = storedPercentiles(lower, upper) else { return nil }
        let line = rescale ?? .identity
        let first = line.value(ofStored: ends.lower)
        let second = line.value(ofStored: ends.upper)
        return .spanning(minimum: min(first, second), maximum: max(first, second))
    }

    /// Nearest rank among the stored values.
    func storedPercentiles(_ lower: Double, _ upper: Double) -> (lower: Double, upper: Double)? {
        switch type {
        case .u8: unsafe withSamples(as: UInt8.self) { unsafe percentilesByHistogram($0, lower, upper) }
        case .i8: unsafe withSamples(as: Int8.self) { unsafe percentilesByHistogram($0, lower, upper) }
        case .u16: unsafe withSamples(as: UInt16.self) { unsafe percentilesByHistogram($0, lower, upper) }
        case .i16: unsafe withSamples(as: Int16.self) { unsafe percentilesByHistogram($0, lower, upper) }
        case .u32, .i32, .f32, .f64: percentilesBySorting(doubles(), lower, upper)
        }
    }
}

extension PixelBuffer {
    /// How often each stored value occurs, from the least that the type has; `nil` for samples wider than 16 bits.
    func sampleCounts() -> (first: Int, counts: [Int])? {
        switch type {
        case .u8: unsafe withSamples(as: UInt8.self) { unsafe histogram($0) }
        case .i8: unsafe withSamples(as: Int8.self) { unsafe histogram($0) }
        case .u16: unsafe withSamples(as: UInt16.self) { unsafe histogram($0) }
        case .i16: unsafe withSamples(as: Int16.self) { unsafe histogram($0) }
        case .u32, .i32, .f32, .f64: nil
        }
    }
}

private func histogram<T: PixelElement & FixedWidthInteger>(
    _ samples: UnsafeBufferPointer<T>
) -> (first: Int, counts: [Int]) {
    let base = Int(T.min)
    var counts = [Int](repeating: 0, count: Int(T.max) - base + 1)
    for index in 0..<samples.count {
        counts[unsafe Int(samples[index]) - base] += 1
    }
    return (base, counts)
}

/// Nearest rank: the smallest value with at least `percent` of the samples at or below it.
private func rank(_ percent: Double, of count: Int) -> Int {
    max(1, Int((percent / 100 * Double(count)).rounded(.up)))
}

private func percentilesBySorting(
    _ values: [Double], _ lower: Double, _ upper: Double
) -> (lower: Double, upper: Double)? {
    let sorted = values.filter(\.isFinite).sorted()
    guard !sorted.isEmpty else { return nil }
    return (sorted[rank(lower, of: sorted.count) - 1], sorted[rank(upper, of: sorted.count) - 1])
}

private func percentilesByHistogram<T: PixelElement & FixedWidthInteger>(
    _ samples: UnsafeBufferPointer<T>, _ lower: Double, _ upper: Double
) -> (lower: Double, upper: Double)? {
    let (base, counts) = unsafe histogram(samples)
    func value(atRank rank: Int) -> Double {
        var seen = 0
        for (bin, count) in counts.enumerated() {
            seen += count
            if seen >= rank { return Double(bin + base) }
        }
        return Double(T.max)
    }
    return (value(atRank: rank(lower, of: samples.count)), value(atRank: rank(upper, of: samples.count)))
}
