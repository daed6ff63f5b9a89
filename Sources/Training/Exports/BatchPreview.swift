package import Imaging
internal import SQLInterface
package import Warehouse

/// A sheet of samples as a model sees them, augmented, with the outlines of their masks.
package struct BatchPreview: Sendable {
    private let set: StoredTrainingSet

    package init(_ set: StoredTrainingSet) { self.set = set }

    /// The samples at the first places of a shuffled epoch.
    ///
    /// - Parameters:
    ///   - count: Samples to show.
    ///   - epoch: Epoch of the augmentation; nil for none.
    /// **Throws** `unsuitable` where the fold is empty.
    package func sheet(
        fold: String, count: Int, seed: Int64, epoch: Int?, tileSide: Int, on connection: any WarehouseConnection
    ) async throws -> PixelBuffer {
        guard set.folds.contains(fold) else {
            throw TrainingError(
                .notFound, "--fold \(fold)", "\(set.reference) has the folds \(set.folds.joined(separator: ", "))")
        }
        let reader = try SampleReader(set)
        let all = try await reader.samples(of: fold, on: connection)
        guard !all.isEmpty else {
            throw TrainingError(.unsuitable, set.reference, "fold \(fold) has no samples to show")
        }
        let shown = all.map { (UnitHash(seed: seed, unitKey: String($0.number)), $0) }.sorted { $0.0 < $1.0 }
            .prefix(count).map(\.1)
        var tiles: [ContactSheet.Tile] = []
        let augment = reader.recipe.augment
        // Tiles are scaled one by one, so samples may differ in shape.
        try await reader.render(
            Array(shown), on: connection, oneShape: false,
            change: { number in
                epoch.flatMap { epoch in
                    augment?.change(
                        seed: UInt64(bitPattern: seed), epoch: UInt64(epoch), sampleNumber: UInt64(number))
                }
            }, as: { try Self.tile($0.rendered) }
        ) { tile in tiles.append(tile) }
        return try ContactSheet(tileSide: tileSide).compose(tiles)
    }

    /// The first channel of the middle slice, from its smallest value to its greatest.
    private static func tile(_ sample: RenderedSample) throws -> ContactSheet.Tile {
        let shape = sample.shape
        let size = shape.rows * shape.columns
        let values = SampleValues(sample)
        let middle = shape.slices / 2
        let plane = (0..<size).map { values[channel: 0, slice: middle, pixel: $0] }
        let finite = plane.filter(\.isFinite)
        let (least, greatest) = (finite.min() ?? 0, finite.max() ?? 1)
        let scale = greatest > least ? 255 / (greatest - least) : 0
        let grey = plane.map { $0.isFinite ? UInt8(clamping: Int((($0 - least) * scale).rounded())) : 0 }
        var outlines: [ContactSheet.Outline] = []
        if !sample.mask.isEmpty {
            let width = shape.maskDType.byteCount
            let mask = (0..<size).map { pixel -> UInt8 in
                let start = (middle * size + pixel) * width
                return sample.mask[start..<start + width].contains { $0 != 0 } ? 1 : 0
            }
            if mask.contains(1) {
                let runs = try RunLengthMask(mask: mask, rows: shape.rows, columns: shape.columns)
                outlines.append(ContactSheet.Outline(mask: runs, colour: .red))
            }
        }
        return try ContactSheet.Tile(grey: grey, rows: shape.rows, columns: shape.columns, outlines: outlines)
    }
}

/// Values of a rendered image whatever its type and layout.
private struct SampleValues {
    private let sample: RenderedSample

    init(_ sample: RenderedSample) { self.sample = sample }

    subscript(channel channel: Int, slice slice: Int, pixel pixel: Int) -> Double {
        let shape = sample.shape
        let size = shape.rows * shape.columns
        let element =
            switch shape.layout {
            case .nchw, .ncdhw: (channel * shape.slices + slice) * size + pixel
            case .nhwc, .ndhwc: (slice * size + pixel) * shape.channels + channel
            }
        let bytes = sample.image
        switch shape.dtype {
        case .uint8: return Double(bytes[element])
        case .int16: return Double(Int16(bitPattern: word(bytes, 2 * element)))
        case .float16: return Self.half(word(bytes, 2 * element))
        case .float32:
            let low = UInt32(word(bytes, 4 * element))
            return Double(Float(bitPattern: low | UInt32(word(bytes, 4 * element + 2)) << 16))
        }
    }

    private func word(_ bytes: [UInt8], _ offset: Int) -> UInt16 {
        UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }

    /// IEEE 754 binary16; `Float16` does not exist on every platform.
    private static func half(_ bits: UInt16) -> Double {
        let sign: Double = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Double(bits & 0x3FF) / 1_024
        switch exponent {
        case 0: return sign * fraction * 0x1p-14
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        }
    }
}
