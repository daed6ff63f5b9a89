internal import CanonicalJSON
internal import Imaging

/// Arrays of many samples, `FOLD/image-00000.npy` with `mask-` and `target-` beside it: what a stream copies from.
///
/// **Shape** `[samples]` before the dimensions of one sample. Targets are float32: `[samples][domains]`, or `[samples]`
/// for a grade; NaN is null. Spheres are JSON, one line a sample.
final class NPYShards: ExportSink {
    private let folder: ExportFolder
    private let plan: ExportPlan
    private var fold = ""
    private var count = 0
    private var shards: [JSONValue] = []
    private var open: [String: ExportFile] = [:]
    private var names: [String: String] = [:]
    private var targetLines: [UInt8] = []

    init(_ folder: ExportFolder, _ plan: ExportPlan) {
        self.folder = folder
        self.plan = plan
    }

    func begin(fold: String, samples: [FrozenSample]) {
        self.fold = fold
        count = samples.count
        shards = []
    }

    var packing: @Sendable (ExportSample) throws -> PackedSample { { PackedSample(raw: $0) } }

    func add(_ sample: PackedSample, index: Int) throws -> SampleFiles {
        if index % plan.shardSize == 0 { try beginShard(index, like: sample) }
        try open["image"]?.write(sample.image)
        if plan.hasMask { try open["mask"]?.write(sample.mask) }
        let numbers = sample.frozen.numbers(plan.targetKind)
        try open["target"]?.write(numbers.flatMap(\.littleEndianBytes))
        if plan.targetKind == "spheres" {
            targetLines += Array(((sample.frozen.target ?? .array([])).text + "\n").utf8)
        }
        let files = SampleFiles(image: names["image"] ?? "", mask: names["mask"])
        if index == count - 1 || (index + 1) % plan.shardSize == 0 { try endShard(index) }
        return files
    }

    private func beginShard(_ index: Int, like sample: PackedSample) throws {
        let number = ExportPlan.padded(index / plan.shardSize)
        let samples = min(plan.shardSize, count - index)
        func begin(_ part: String, _ descr: String, _ dimensions: [Int]) throws {
            let name = "\(fold)/\(part)-\(number).npy"
            names[part] = name
            open[part] = try folder.open(name)
            try open[part]?.write(NPYArray.header(descr: descr, shape: [samples] + dimensions))
        }
        let shape = sample.shape
        try begin("image", shape.imageDescr, shape.dimensions)
        if plan.hasMask { try begin("mask", shape.maskDescr, shape.maskDimensions) }
        switch plan.targetKind {
        case "labels": try begin("target", "<f4", [plan.domains.count])
        case "grade": try begin("target", "<f4", [])
        default: break
        }
    }

    private func endShard(_ index: Int) throws {
        let first = index / plan.shardSize * plan.shardSize
        if plan.targetKind == "spheres" {
            let name = "\(fold)/target-\(ExportPlan.padded(index / plan.shardSize)).jsonl"
            try folder.write(targetLines, to: name)
            names["target"] = name
            targetLines = []
        }
        for part in open.keys.sorted() { try open[part]?.finish() }
        open = [:]
        var shard = names.mapValues(JSONValue.string)
        shard["first"] = .integer(first)
        shard["samples"] = .integer(index - first + 1)
        shards.append(.object(shard))
        names = [:]
    }

    func end() -> [String: JSONValue] { ["shards": .array(shards)] }
}
