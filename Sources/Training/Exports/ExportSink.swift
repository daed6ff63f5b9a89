internal import CanonicalJSON
internal import ImageFiles
internal import Imaging

/// Where samples of an export go: one format.
protocol ExportSink: AnyObject {
    /// Whether samples may differ in shape.
    var holdsManyShapes: Bool { get }
    /// Begins a fold of these samples, in the order in which they will be added.
    func begin(fold: String, samples: [FrozenSample]) throws
    /// What a sample becomes; runs on any core, for several samples at a time.
    var packing: @Sendable (ExportSample) throws -> PackedSample { get }
    /// - Parameter index: Place in the fold, in the order of the export.
    /// Gives the files that the sample is in, for the index.
    func add(_ sample: PackedSample, index: Int) throws -> SampleFiles
    /// What the manifest says of the fold.
    func end() throws -> [String: JSONValue]
}

extension ExportSink {
    var holdsManyShapes: Bool { false }
}

/// Where a sample lies, below the folder of the export.
struct SampleFiles {
    /// The image, or all of the sample.
    let image: String
    /// Nil where the mask has no file of its own.
    var mask: String?
}

/// A sample as a format holds it.
struct PackedSample: Sendable {
    let frozen: FrozenSample
    let shape: SampleShape
    /// See ``ExportSample/affine``.
    let hasPlace: Bool
    /// Bytes of the image, or of all of the sample where a format makes one piece of it.
    let image: [UInt8]
    /// Empty where there is none, or it is in `image`.
    let mask: [UInt8]

    init(_ sample: ExportSample, image: [UInt8], mask: [UInt8] = []) {
        frozen = sample.frozen
        shape = sample.rendered.shape
        hasPlace = sample.affine != nil
        self.image = image
        self.mask = mask
    }

    /// Image and mask as the recipe makes them.
    init(raw sample: ExportSample) {
        self.init(sample, image: sample.rendered.image, mask: sample.rendered.mask)
    }
}

/// What every format needs to know of an export.
struct ExportPlan: Sendable {
    /// Name of the training set; files are named after it.
    let name: String
    let targetKind: String
    /// Domains of labels, in order of the target.
    let domains: [String]
    let hasMask: Bool
    /// Samples of a shard.
    let shardSize: Int

    /// Domains of a vector of labels; none for other targets.
    var labels: [String] { targetKind == "labels" ? domains : [] }

    /// Five digits, as TFRecord names its shards.
    static func padded(_ number: Int, _ width: Int = 5) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension SampleShape {
    /// NumPy's name of the type of the image.
    var imageDescr: String {
        switch dtype {
        case .uint8: "|u1"
        case .int16: "<i2"
        case .float16: "<f2"
        case .float32: "<f4"
        }
    }

    var maskDescr: String {
        switch maskDType {
        case .uint8: "|u1"
        case .int64: "<i8"
        case .float32: "<f4"
        }
    }
}

extension RenderedSample {
    /// Grey or RGB of eight bits, which a PNG can hold; nil for anything else.
    var picture: PixelBuffer? {
        guard shape.dtype == .uint8, shape.slices == 1, shape.channels == 1 || shape.channels == 3,
            shape.channels == 1 || shape.layout == .nhwc
        else { return nil }
        return try? PixelBuffer(
            type: .u8, rows: shape.rows, columns: shape.columns, samplesPerPixel: shape.channels, bytes: image)
    }

    /// The mask as a picture; nil where it has several slices or wide values.
    var maskPicture: PixelBuffer? {
        guard shape.maskDType == .uint8, shape.slices == 1, !mask.isEmpty else { return nil }
        return try? PixelBuffer(type: .u8, rows: shape.rows, columns: shape.columns, bytes: mask)
    }
}

extension PixelBuffer {
    /// As the PNG of an export.
    func exportPNG() throws(ImageFileError) -> [UInt8] { try PNGCodec.encode(self, method: .fast(for: self)) }
}

extension FrozenSample {
    /// Numbers of the target: labels in order (NaN for null), or the grade; none for other targets.
    func numbers(_ targetKind: String) -> [Float] {
        switch targetKind {
        case "labels": (target?.array ?? []).map { Float($0.number ?? .nan) }
        case "grade": [Float(target?.number ?? .nan)]
        default: []
        }
    }

    /// The class as one integer: the grade, or the only label; -1 where there is no such.
    func classLabel(_ targetKind: String) -> Int64 {
        let numbers = numbers(targetKind)
        guard numbers.count == 1, let number = numbers.first, let whole = Int64(exactly: number) else { return -1 }
        return whole
    }
}
