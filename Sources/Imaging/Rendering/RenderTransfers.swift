/// `(v - lower) * 255 / (upper - lower)`, to the nearest level; the lowest level where the range is empty.
struct RangeTransfer: SampleTransfer {
    let range: ClosedRange<Double>
    let rescale: Rescale
    let isInverted: Bool

    func byte(ofStored stored: Double) -> UInt8 {
        let value = rescale.value(ofStored: stored)
        let span = range.upperBound - range.lowerBound
        let level = span > 0 ? (value - range.lowerBound) * 255 / span : 0
        return nearestLevel(level, isInverted: isInverted)
    }
}

/// `max(v, 0) / greatest * 255` towards zero, in this order of operations.
struct PositiveTransfer: SampleTransfer {
    let greatest: Double

    func byte(ofStored stored: Double) -> UInt8 {
        guard greatest > 0, stored > 0 else { return 0 }
        return UInt8(min(stored / greatest * 255, 255))
    }
}

/// `entry * 255 / (2^bits - 1)`, to the nearest level.
struct TableTransfer: SampleTransfer {
    let table: LookupTable
    let rescale: Rescale
    let isInverted: Bool

    func byte(ofStored stored: Double) -> UInt8 {
        let entry = table.entry(for: rescale.value(ofStored: stored))
        return nearestLevel(Double(entry) * 255 / table.greatest, isInverted: isInverted)
    }
}

/// Ties to even; NaN is the lowest level.
private func nearestLevel(_ level: Double, isInverted: Bool) -> UInt8 {
    let byte = level > 0 ? UInt8(min(level, 255).rounded(.toNearestOrEven)) : 0
    return isInverted ? 255 - byte : byte
}
