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
    private let shards: ShardSequence
    private var fold = ""
    private var columns: [(name: String, encoding: String, size: Int?)] = []
    /// Bytes of the target of each sample; all else has one size.
    private var targetSizes: [Int] = []

    init(_ folder: ExportFolder, _ plan: ExportPlan) {
        self.folder = folder
        self.plan = plan
        shards = ShardSequence(folder, size: plan.shardSize)
    }

    func begin(fold: String, samples: [FrozenSample]) {
        self.fold = fold
        targetSizes = samples.map { Self.target(of: $0).count }
        shards.begin(count: samples.count)
    }

    var packing: @Sendable (ExportSample) throws -> PackedSample { { PackedSample(raw: $0) } }

    func add(_ sample: PackedSample, index: Int) throws -> SampleFiles {
        if columns.isEmpty { columns = Self.columns(sample.shape, hasMask: plan.hasMask) }
        let name = try shards.write(
            encode(sample), at: index, path: { "\(fold)/shard.\(ExportPlan.padded($0)).mds" }, opening: opening)
        return SampleFiles(image: name)
    }

    func end() throws -> [String: JSONValue] {
        let entries = shards.shards.map { shard -> JSONValue in
            var entry = configuration
            let name = shard.path.dropFirst(fold.count + 1)
            entry["raw_data"] = [
                "basename": .string(String(name)), "bytes": .integer(shard.byteCount), "hashes": [:],
            ]
            entry["samples"] = .integer(shard.samples)
            entry["zip_data"] = .null
            return .object(entry)
        }
        let index: JSONValue = ["version": 2, "shards": .array(entries)]
        try folder.write(Array(index.text.utf8), to: "\(fold)/index.json")
        return ["index": .string("\(fold)/index.json"), "shard_count": .integer(entries.count)]
    }

    private static func columns(
        _ shape: SampleShape, hasMask: Bool
    ) -> [(name: String, encoding: String, size: Int?)] {
        func array(_ dtype: String, _ shape: [Int]) -> String {
            "ndarray:\(dtype):\(shape.map { String($0) }.joined(separator: ","))"
        }
        var columns: [(name: String, encoding: String, size: Int?)] = [
            ("image", array(shape.dtype.rawValue, shape.dimensions), shape.byteCount)
        ]
        if hasMask {
            columns.append(
                ("mask", array(shape.maskDType.rawValue, shape.maskDimensions), shape.maskByteCount))
        }
        return columns + [("number", "int", 8), ("target", "json", nil)]
    }

    private static func target(of sample: FrozenSample) -> [UInt8] { Array((sample.target ?? .null).text.utf8) }

    private func encode(_ sample: PackedSample) -> [UInt8] {
        let target = Self.target(of: sample.frozen)
        var bytes = UInt32(target.count).littleEndianBytes
        bytes += sample.image
        if plan.hasMask { bytes += sample.mask }
        return bytes + Int64(sample.frozen.number).littleEndianBytes + target
    }

    private var configuration: [String: JSONValue] {
        [
            "column_encodings": .strings(columns.map(\.encoding)), "column_names": .strings(columns.map(\.name)),
            "column_sizes": .array(columns.map { $0.size.map { .integer($0) } ?? .null }), "compression": .null,
            "format": "mds", "hashes": [], "size_limit": .null, "version": 2,
        ]
    }

    /// The head of a shard, with the offset of each of its samples and of their end.
    private func opening(_ places: Range<Int>) throws -> [UInt8] {
        let head = Array(JSONValue.object(configuration).text.utf8)
        let fixed = columns.compactMap(\.size).reduce(4, +)
        var offset = 4 + 4 * (places.count + 1) + head.count
        var offsets = [offset]
        for place in places {
            offset += fixed + targetSizes[place]
            offsets.append(offset)
        }
        guard offset <= Int(UInt32.max) else {
            throw TrainingError(.badOption, "--shard-size", "a shard would have more than 4 GiB; choose fewer samples")
        }
        return UInt32(places.count).littleEndianBytes + offsets.flatMap { UInt32($0).littleEndianBytes } + head
    }
}
