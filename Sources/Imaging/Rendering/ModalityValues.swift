/// A grey frame in modality values: stored values with a line, or the entries of the modality LUT.
///
/// **Source** DICOM PS3.3 C.11.1.
package struct ModalityValues: Sendable {
    /// Which samples are looked at for a range, percentiles and counts.
    package enum Samples: Sendable {
        case all
        /// Those that are no padding (PS3.3 C.7.5.1.1.2).
        case unpadded
    }

    package let buffer: PixelBuffer
    /// The identity where the header gives none.
    package let rescale: Rescale
    /// What counts for the contrast of this frame: where less than two values are left without the padding, all do, so
    /// that the padding of a label map does not look like its one label.
    package let contrast: Samples

    /// Samples that are no padding; `nil` where all are.
    private let unpadded: PixelBuffer?

    package init(_ buffer: PixelBuffer, display: DisplayAttributes) throws(ImagingError) {
        var values = buffer
        var unpadded = try Self.unpadded(buffer, display.padding)
        if let table = display.modalityTable {
            values = try Self.entries(of: buffer, in: table)
            if let stored = unpadded { unpadded = try Self.entries(of: stored, in: table) }
        }
        self.buffer = values
        self.unpadded = unpadded
        rescale = display.modalityTable == nil ? display.rescale ?? .identity : .identity
        contrast = Self.contrast(values, unpadded, display.padding)
    }

    private static func entries(of buffer: PixelBuffer, in table: LookupTable) throws(ImagingError) -> PixelBuffer {
        let entries = buffer.doubles().map { table.entry(for: $0) }
        return try PixelBuffer(rows: buffer.rows, columns: buffer.columns, elements: entries)
    }

    private static func unpadded(
        _ buffer: PixelBuffer, _ padding: ClosedRange<Double>?
    ) throws(ImagingError) -> PixelBuffer? {
        guard let padding else { return buffer }
        let width = buffer.type.byteCount
        let kept = buffer.doubles().enumerated().filter { !padding.contains($1) }.map(\.offset)
        guard !kept.isEmpty else { return nil }
        guard kept.count < buffer.pixelCount else { return buffer }
        return try PixelBuffer(
            type: buffer.type, rows: 1, columns: kept.count, samplesPerPixel: 1,
            bytes: kept.flatMap { buffer.bytes[$0 * width..<($0 + 1) * width] })
    }

    private static func contrast(
        _ all: PixelBuffer, _ unpadded: PixelBuffer?, _ padding: ClosedRange<Double>?
    ) -> Samples {
        guard padding != nil, let unpadded, unpadded.pixelCount < all.pixelCount,
            let range = unpadded.finiteRange(), range.lowerBound < range.upperBound
        else { return .all }
        return .unpadded
    }

    private func counted(_ samples: Samples) -> PixelBuffer? { samples == .all ? buffer : unpadded }

    /// Least to greatest finite value; `nil` where there is none.
    package func range(of samples: Samples) -> ClosedRange<Double>? {
        counted(samples)?.finiteRange().flatMap { ordered($0.lowerBound, $0.upperBound) }
    }

    /// Nearest rank, as NumPy's `percentile(…, method="inverted_cdf")`; with a negative slope the ends change places.
    package func percentiles(_ lower: Double, _ upper: Double, of samples: Samples) -> ClosedRange<Double>? {
        guard let counted = self.counted(samples) else { return nil }
        let isFalling = rescale.slope < 0
        let ends =
            isFalling ? fallingPercentiles(lower, upper, of: counted) : counted.storedPercentiles(lower, upper)
        guard let ends else { return nil }
        return ordered(ends.lower, ends.upper)
    }

    /// The p-th value from above among the stored ones, which is the p-th from below among the rescaled.
    private func fallingPercentiles(
        _ lower: Double, _ upper: Double, of counted: PixelBuffer
    ) -> (lower: Double, upper: Double)? {
        let sorted = counted.doubles().filter(\.isFinite).sorted(by: >)
        guard !sorted.isEmpty else { return nil }
        func value(_ percent: Double) -> Double {
            sorted[max(1, Int((percent / 100 * Double(sorted.count)).rounded(.up))) - 1]
        }
        return (value(lower), value(upper))
    }

    /// Adds how often each value occurs.
    ///
    /// **Throws** `unrenderable` for samples wider than 16 bits, whose values are too many to count.
    package func count(_ samples: Samples, into counts: inout [Double: Int]) throws(ImagingError) {
        guard let counted = self.counted(samples) else { return }
        guard let byStored = counted.sampleCounts() else {
            throw .unrenderable(reason: "percentiles of a series need samples of 8 or 16 bits; take those of the frame")
        }
        for (index, count) in byStored.counts.enumerated() where count > 0 {
            counts[rescale.value(ofStored: Double(index + byStored.first)), default: 0] += count
        }
    }

    private func ordered(_ first: Double, _ second: Double) -> ClosedRange<Double>? {
        let (first, second) = (rescale.value(ofStored: first), rescale.value(ofStored: second))
        guard !first.isNaN, !second.isNaN else { return nil }
        return min(first, second)...max(first, second)
    }
}
