/// One step on single values: `clamp((x - subtract) * multiply / divide + add, low, high)`, in doubles and in this order.
///
/// Windows, clips, scales and standardisation by known numbers are all of this form, so a chain of them is one table for
/// stored values of 8 or 16 bits.
package struct ValueMap: Sendable, Equatable {
    package var subtract = 0.0
    package var multiply = 1.0
    package var divide = 1.0
    package var add = 0.0
    package var low = -Double.infinity
    package var high = Double.infinity

    package static func clip(_ range: ClosedRange<Double>) -> ValueMap {
        ValueMap(low: range.lowerBound, high: range.upperBound)
    }

    /// The line through (from.low, to.first) and (from.high, to.last), not clamped.
    package static func scale(from: ClosedRange<Double>, to: SampleRecipe.Target) -> ValueMap {
        ValueMap(
            subtract: from.lowerBound, multiply: to.last - to.first, divide: from.upperBound - from.lowerBound,
            add: to.first)
    }

    /// The line of a window, clamped at its ends. **Source** DICOM PS3.3 C.11.2.1.2.1 and C.11.2.1.3.2.
    package static func window(_ window: WindowLevel, _ function: WindowLevel.Function, to: SampleRecipe.Target)
        -> ValueMap
    {
        let (centre, width) =
            function == .linear ? (window.center - 0.5, window.width - 1) : (window.center, window.width)
        return ValueMap(
            subtract: centre - width / 2, multiply: to.last - to.first, divide: width, add: to.first,
            low: min(to.first, to.last), high: max(to.first, to.last))
    }

    package static func standardize(mean: Double, deviation: Double) -> ValueMap {
        ValueMap(subtract: mean, divide: deviation)
    }

    /// NaN stays NaN.
    @inline(__always)
    package func callAsFunction(_ x: Double) -> Double {
        let y = (x - subtract) * multiply / divide + add
        return y < low ? low : (y > high ? high : y)
    }
}

extension [ValueMap] {
    @inline(__always)
    func callAsFunction(_ x: Double) -> Double {
        var y = x
        for index in indices { y = self[index](y) }
        return y
    }
}
