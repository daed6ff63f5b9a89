internal import CanonicalJSON

/// How one sample becomes files of a tree.
protocol SampleFile: SendableMetatype {
    /// With the dot.
    static var suffix: String { get }
    /// **Throws** `unsuitable` for what the format cannot hold.
    static func image(of sample: ExportSample) throws -> [UInt8]
    static func mask(of sample: ExportSample) throws -> [UInt8]
}

/// One file a sample: `FOLD/images/000000012.png` and `FOLD/masks/000000012.png`.
final class SampleTree<File: SampleFile>: ExportSink {
    private let folder: ExportFolder
    private let plan: ExportPlan
    private var fold = ""

    init(_ folder: ExportFolder, _ plan: ExportPlan) {
        self.folder = folder
        self.plan = plan
    }

    var holdsManyShapes: Bool { true }

    func begin(fold: String, samples: [FrozenSample]) { self.fold = fold }

    var packing: @Sendable (ExportSample) throws -> PackedSample {
        { [hasMask = plan.hasMask] sample in
            PackedSample(
                sample, image: try File.image(of: sample), mask: hasMask ? try File.mask(of: sample) : [])
        }
    }

    func add(_ sample: PackedSample, index: Int) throws -> SampleFiles {
        let name = ExportPlan.padded(sample.frozen.number, 9) + File.suffix
        let files = SampleFiles(image: "\(fold)/images/\(name)", mask: plan.hasMask ? "\(fold)/masks/\(name)" : nil)
        try folder.write(sample.image, to: files.image)
        if let mask = files.mask { try folder.write(sample.mask, to: mask) }
        return files
    }

    func end() -> [String: JSONValue] { [:] }
}
