internal import CanonicalJSON
internal import Imaging
internal import ImageFiles

/// One file a sample: `FOLD/images/000000012.png` and `FOLD/masks/000000012.png`.
final class PNGTree: ExportSink {
    private let folder: ExportFolder
    private let plan: ExportPlan
    private var fold = ""

    init(_ folder: ExportFolder, _ plan: ExportPlan) {
        self.folder = folder
        self.plan = plan
    }

    var holdsManyShapes: Bool { true }

    func begin(fold: String, samples: [FrozenSample]) { self.fold = fold }

    func add(_ sample: ExportSample, index: Int) throws -> String {
        guard let picture = sample.rendered.picture else {
            throw TrainingError(
                .unsuitable, "--format png",
                "the recipe makes \(sample.rendered.shape.dtype.rawValue) of \(sample.rendered.shape.channels) channels; "
                    + "a PNG holds uint8 of one channel, or of three with layout NHWC")
        }
        let name = ExportPlan.padded(sample.frozen.number, 9) + ".png"
        try folder.write(try PNGCodec.encode(picture), to: "\(fold)/images/\(name)")
        if plan.hasMask {
            guard let mask = sample.rendered.maskPicture else {
                throw TrainingError(.unsuitable, "--format png", "a PNG holds masks of uint8; the recipe makes others")
            }
            try folder.write(try PNGCodec.encode(mask), to: "\(fold)/masks/\(name)")
        }
        return "\(fold)/images/\(name)"
    }

    func end() -> [String: JSONValue] { [:] }
}
