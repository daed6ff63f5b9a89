internal import CanonicalJSON
internal import Imaging

/// `NAME_FOLD_00000-of-00005.tfrecord`, as TensorFlow Slim names them, one `tf.train.Example` a sample.
///
/// Features of the system that is replaced: `image/encoded`, `image/format`, `image/class/label`, `image/height`,
/// `image/width`. The format is `png` where eight bits of grey or RGB hold the image, else `raw`, with `image/shape` and
/// `image/dtype`. Beside them: `image/class/labels` (floats, NaN is null), `image/mask/encoded`, `image/mask/format`,
/// `image/sample_number`. Volumes have one more dimension in `image/shape`; their mask, also `raw`, has that of one
/// channel.
/// **Source** TFRecord framing: length, its masked CRC-32C, data, its masked CRC-32C, all little-endian.
final class TFRecordShards: ExportSink {
    private let plan: ExportPlan
    private let shards: ShardSequence
    private var fold = ""

    init(_ folder: ExportFolder, _ plan: ExportPlan) {
        self.plan = plan
        shards = ShardSequence(folder, size: plan.shardSize)
    }

    func begin(fold: String, samples: [FrozenSample]) {
        self.fold = fold
        shards.begin(count: samples.count)
    }

    /// Each record holds its shape.
    var holdsManyShapes: Bool { true }

    var packing: @Sendable (ExportSample) throws -> PackedSample {
        { [plan] sample in
            let example = try Self.example(sample, plan)
            let length = UInt64(example.count).littleEndianBytes
            let record =
                length + CRC32C.masked(length).littleEndianBytes + example + CRC32C.masked(example).littleEndianBytes
            return PackedSample(sample, image: record)
        }
    }

    func add(_ sample: PackedSample, index: Int) throws -> SampleFiles {
        let name = try shards.write(sample.image, at: index) { number in
            let count = ExportPlan.padded(shards.shardCount())
            return "\(plan.name)_\(fold)_\(ExportPlan.padded(number))-of-\(count).tfrecord"
        }
        return SampleFiles(image: name)
    }

    func end() -> [String: JSONValue] { shards.members }

    private static func example(_ sample: ExportSample, _ plan: ExportPlan) throws -> [UInt8] {
        let shape = sample.rendered.shape
        let picture = sample.rendered.picture
        var features: [String: ExampleProto.Value] = [
            "image/encoded": .bytes(try picture?.exportPNG() ?? sample.rendered.image),
            "image/format": .bytes(Array((picture == nil ? "raw" : "png").utf8)),
            "image/class/label": .integers([sample.frozen.classLabel(plan.targetKind)]),
            "image/height": .integers([Int64(shape.rows)]), "image/width": .integers([Int64(shape.columns)]),
            "image/shape": .integers(shape.dimensions.map { Int64($0) }),
            "image/dtype": .bytes(Array(shape.dtype.rawValue.utf8)),
            "image/sample_number": .integers([Int64(sample.frozen.number)]),
        ]
        if ["labels", "grade"].contains(plan.targetKind) {
            features["image/class/labels"] = .floats(sample.frozen.numbers(plan.targetKind))
        }
        if plan.hasMask {
            let mask = sample.rendered.maskPicture
            features["image/mask/encoded"] = .bytes(try mask?.exportPNG() ?? sample.rendered.mask)
            features["image/mask/format"] = .bytes(Array((mask == nil ? "raw" : "png").utf8))
            features["image/mask/shape"] = .integers(shape.maskDimensions.map { Int64($0) })
            features["image/mask/dtype"] = .bytes(Array(shape.maskDType.rawValue.utf8))
        }
        if plan.targetKind == "spheres" {
            features["image/spheres"] = .bytes(Array((sample.frozen.target ?? .array([])).text.utf8))
        }
        return ExampleProto.encode(features)
    }
}

/// `tf.train.Example` in protocol buffers, keys in order, so that the same sample gives the same bytes.
///
/// **Source** tensorflow/core/example/example.proto, feature.proto: Example.features = 1; Features.feature = 1 (a map:
/// key = 1, value = 2); Feature: bytes_list = 1, float_list = 2, int64_list = 3, each with value = 1, numbers packed.
enum ExampleProto {
    enum Value {
        case bytes([UInt8])
        case floats([Float])
        case integers([Int64])
    }

    static func encode(_ features: [String: Value]) -> [UInt8] {
        var map: [UInt8] = []
        for (key, value) in features.sorted(by: { $0.key < $1.key }) {
            map += field(1, field(1, Array(key.utf8)) + field(2, feature(value)))
        }
        return field(1, map)
    }

    private static func feature(_ value: Value) -> [UInt8] {
        switch value {
        case .bytes(let bytes): field(1, field(1, bytes))
        case .floats(let numbers): field(2, field(1, numbers.flatMap(\.littleEndianBytes)))
        case .integers(let numbers): field(3, field(1, numbers.flatMap { varint(UInt64(bitPattern: $0)) }))
        }
    }

    /// A field of wire type 2: tag, length, bytes.
    private static func field(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
