internal import CanonicalJSON
internal import Imaging

/// Shards of MosaicML Streaming, `FOLD/shard.00000.mds` and `FOLD/index.json`.
///
/// Columns in order of name: `image` (ndarray), `mask` (ndarray), `number` (int), `target` (json). A shard has the number
/// of samples, the offset of each and of the end (uint32), its configuration as JSON, then the samples; a sample has the
/// sizes of its columns of varying size (uint32), then the columns.
/// **Source** mosaicml-streaming 0.13, `streaming/base/format/mds/writer.py`, format version 2.
final class MDSShards: ExportSink {
    private let folder: ExportFolder
    private let plan: ExportPlan
    private var fold = ""
    private var count = 0
    private var columns: [(name: String, encoding: String, size: Int?)] = []
    private var samples: [[UInt8]] = []
    private var entries: [JSONValue] = []

    init(_ folder: ExportFolder, _ plan: ExportPlan) {
        self.folder = folder
        self.plan = plan
    }

    func begin(fold: String, count: Int) {
        self.fold = fold
        self.count = count
        entries = []
    }

    func add(_ sample: ExportSample, index: Int) throws -> String {
        if columns.isEmpty { columns = Self.columns(sample.rendered, hasMask: plan.hasMask) }
        samples.append(encode(sample))
        let number = ExportPlan.padded(index / plan.shardSize)
        let name = "shard.\(number).mds"
        if index == count - 1 || (index + 1) % plan.shardSize == 0 { try writeShard(name) }
        return "\(fold)/\(name)"
    }

    func end() throws -> [String: JSONValue] {
        let index: JSONValue = ["version": 2, "shards": .array(entries)]
        try folder.write(Array(index.text.utf8), to: "\(fold)/index.json")
        return ["index": .string("\(fold)/index.json"), "shard_count": .integer(entries.count)]
    }

    private static func columns(
        _ sample: RenderedSample, hasMask: Bool
    ) -> [(name: String, encoding: String, size: Int?)] {
        func array(_ dtype: String, _ shape: [Int]) -> String {
            "ndarray:\(dtype):\(shape.map { String($0) }.joined(separator: ","))"
        }
        var columns: [(name: String, encoding: String, size: Int?)] = [
            ("image", array(sample.shape.dtype.rawValue, sample.shape.dimensions), sample.image.count)
        ]
        if hasMask {
            columns.append(
                ("mask", array(sample.shape.maskDType.rawValue, sample.shape.maskDimensions), sample.mask.count))
        }
        return columns + [("number", "int", 8), ("target", "json", nil)]
    }

    private func encode(_ sample: ExportSample) -> [UInt8] {
        let target = Array((sample.frozen.target ?? .null).text.utf8)
        var bytes = UInt32(target.count).littleEndianBytes
        bytes += sample.rendered.image
        if plan.hasMask { bytes += sample.rendered.mask }
        return bytes + Int64(sample.frozen.number).littleEndianBytes + target
    }

    private var configuration: [String: JSONValue] {
        [
            "column_encodings": .strings(columns.map(\.encoding)), "column_names": .strings(columns.map(\.name)),
            "column_sizes": .array(columns.map { $0.size.map { .integer($0) } ?? .null }), "compression": .null,
            "format": "mds", "hashes": [], "size_limit": .null, "version": 2,
        ]
    }

    private func writeShard(_ name: String) throws {
        let head = Array(JSONValue.object(configuration).text.utf8)
        var offset = 4 + 4 * (samples.count + 1) + head.count
        var offsets = [offset]
        for sample in samples {
            offset += sample.count
            offsets.append(offset)
        }
        guard offset <= Int(UInt32.max) else {
            throw TrainingError(.badOption, "--shard-size", "a shard would have more than 4 GiB; choose fewer samples")
        }
        let file = try folder.open("\(fold)/\(name)")
        try file.write(
            UInt32(samples.count).littleEndianBytes + offsets.flatMap { UInt32($0).littleEndianBytes } + head)
        for sample in samples { try file.write(sample) }
        try file.finish()
        var entry = configuration
        entry["raw_data"] = ["basename": .string(name), "bytes": .integer(offset), "hashes": [:]]
        entry["samples"] = .integer(samples.count)
        entry["zip_data"] = .null
        entries.append(.object(entry))
        samples = []
    }
}
