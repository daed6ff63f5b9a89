internal import CanonicalJSON
internal import Imaging

/// One plane of a sample, with the outlines of what is marked in it.
///
/// That is the middle slice, of a sample with spheres the one through the largest; where slices are channels it is the
/// one that names the sample, whose marks these are. Of several channels the first is shown.
struct PreviewTile {
    private let sample: RenderedSample
    private let spheres: [SampleSphere]
    private let channel: Int
    private let slice: Int
    /// Of the plane, as spheres count slices.
    private let depth: Double

    /// - Parameter change: The augmentation of the sample, which moves spheres.
    init(_ sample: ExportSample, change: SampleChange?, hasSpheres: Bool) {
        self.sample = sample.rendered
        let shape = sample.rendered.shape
        let sides = SIMD3(Double(shape.slices), Double(shape.rows), Double(shape.columns))
        let frozen = hasSpheres ? sample.frozen.target?.array ?? [] : []
        spheres = frozen.compactMap { SampleSphere(numbers: ($0.array ?? []).compactMap(\.number)) }
            .map { sphere in change.map { sphere.changed(by: $0, sides: sides) } ?? sphere }
            .filter { $0.reaches(into: sides) }
        guard shape.layout.hasDepth else {
            (channel, slice, depth) = (sample.namingSlice * (shape.channels / max(1, sample.sliceCount)), 0, 0)
            return
        }
        channel = 0
        let largest = spheres.max { $0.radius.x < $1.radius.x }
        let centre = largest.map { Int($0.centre.x.rounded()) } ?? shape.slices / 2
        slice = min(max(centre, 0), shape.slices - 1)
        depth = Double(slice)
    }

    /// From its smallest value to its greatest.
    func tile() throws -> ContactSheet.Tile {
        let shape = sample.shape
        let size = shape.rows * shape.columns
        let values = SampleValues(sample)
        let plane = (0..<size).map { values[channel: channel, slice: slice, pixel: $0] }
        let finite = plane.filter(\.isFinite)
        let (least, greatest) = (finite.min() ?? 0, finite.max() ?? 1)
        let scale = greatest > least ? 255 / (greatest - least) : 0
        let grey = plane.map { $0.isFinite ? UInt8(clamping: Int((($0 - least) * scale).rounded())) : 0 }
        var outlines = try spheres.compactMap { try outline(disc($0), .yellow) }
        if let mask = try outline(mask(), .red) { outlines.append(mask) }
        return try ContactSheet.Tile(grey: grey, rows: shape.rows, columns: shape.columns, outlines: outlines)
    }

    private func outline(_ raster: [UInt8], _ colour: ContactSheet.Colour) throws -> ContactSheet.Outline? {
        guard raster.contains(1) else { return nil }
        let runs = try RunLengthMask(mask: raster, rows: sample.shape.rows, columns: sample.shape.columns)
        return ContactSheet.Outline(mask: runs, colour: colour)
    }

    /// Empty where the sample has no mask.
    private func mask() -> [UInt8] {
        guard !sample.mask.isEmpty else { return [] }
        let size = sample.shape.rows * sample.shape.columns
        let width = sample.shape.maskDType.byteCount
        return (0..<size).map { pixel -> UInt8 in
            let start = (slice * size + pixel) * width
            return sample.mask[start..<start + width].contains { $0 != 0 } ? 1 : 0
        }
    }

    /// The voxels of the plane whose centres lie in the sphere.
    private func disc(_ sphere: SampleSphere) -> [UInt8] {
        let columns = sample.shape.columns
        return (0..<sample.shape.rows * columns).map { pixel in
            let voxel = SIMD3(depth, Double(pixel / columns), Double(pixel % columns))
            let distance = (voxel - sphere.centre) / sphere.radius
            return (distance * distance).sum() <= 1 ? 1 : 0
        }
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
