internal import ImageFiles
internal import Imaging

/// A sample as NIfTI files with the place in the patient.
///
/// Axes are column, row, slice, and channel where there are several. The affine follows crop, resize and resample of the
/// recipe. A sample of a series that is no volume, or whose slices later ones parted unevenly, has no place: its voxels
/// are of 1 mm, the header says that this is not known, and the export how many there are.
enum NIfTISample: SampleFile {
    static let suffix = ".nii.gz"

    static func image(of sample: ExportSample) throws -> [UInt8] {
        let shape = sample.rendered.shape
        return try file(sample.rendered.image, type: type(shape.dtype), channels: shape.channels, of: sample)
    }

    static func mask(of sample: ExportSample) throws -> [UInt8] {
        try file(sample.rendered.mask, type: type(sample.rendered.shape.maskDType), channels: 1, of: sample)
    }

    /// A quarter of the time of zlib's default, 6, for files a fifth larger: measured on windowed CT of 512 × 512 × 3,
    /// float32 takes 19 ms and 9.0% of its size (level 6: 69 ms, 7.4%), uint8 6 ms and 19.5% (16 ms, 18.6%).
    private static let compression = 2

    private static func file(
        _ bytes: [UInt8], type: PixelType, channels: Int, of sample: ExportSample
    ) throws -> [UInt8] {
        let shape = sample.rendered.shape
        let writer = try NIfTIWriter(
            pixelType: type, columns: shape.columns, rows: shape.rows, slices: shape.slices, volumes: channels,
            rasAffine: sample.affine ?? nowhere, hasPlace: sample.affine != nil)
        let frames = try planes(bytes, channels: channels, shape, width: type.byteCount).map { plane in
            try PixelBuffer(type: type, rows: shape.rows, columns: shape.columns, bytes: plane)
        }
        return try writer.encode(frames, compression: compression)
    }

    /// Planes by channel and slice, whatever the layout.
    private static func planes(_ bytes: [UInt8], channels: Int, _ shape: SampleShape, width: Int) -> [[UInt8]] {
        let plane = shape.rows * shape.columns
        let isChannelsLast = [.nhwc, .ndhwc].contains(shape.layout) && channels > 1
        return (0..<channels).flatMap { channel in
            (0..<shape.slices).map { slice in
                guard isChannelsLast else {
                    let first = (channel * shape.slices + slice) * plane * width
                    return Array(bytes[first..<first + plane * width])
                }
                return strided(
                    bytes, from: (slice * plane * channels + channel) * width, step: channels * width, count: plane,
                    width: width)
            }
        }
    }

    /// `count` pieces of `width` bytes, each `step` bytes behind the one before.
    private static func strided(_ bytes: [UInt8], from start: Int, step: Int, count: Int, width: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count * width) { target, initialised in
            unsafe bytes.withUnsafeBufferPointer { source in
                for piece in 0..<count {
                    for byte in 0..<width {
                        unsafe target[piece * width + byte] = source[start + piece * step + byte]
                    }
                }
            }
            initialised = count * width
        }
    }

    private static func type(_ dtype: SampleRecipe.DType) throws -> PixelType {
        switch dtype {
        case .uint8: .u8
        case .int16: .i16
        case .float32: .f32
        case .float16:
            throw TrainingError(.unsuitable, "--format nifti", "NIfTI has no float16; choose float32 in the recipe")
        }
    }

    private static func type(_ dtype: SampleRecipe.Mask.DType) throws -> PixelType {
        switch dtype {
        case .uint8: .u8
        case .float32: .f32
        case .int64:
            throw TrainingError(.unsuitable, "--format nifti", "few programs read masks of int64; choose uint8")
        }
    }

    /// Voxels of 1 mm, columns to the left and rows to the back.
    private static let nowhere = VoxelAffine(
        i: SIMD3(-1, 0, 0), j: SIMD3(0, -1, 0), k: SIMD3(0, 0, 1), translation: SIMD3())
}
