internal import CanonicalJSON
internal import Imaging

/// `NAME-FOLD-000000.tar`: the files of a sample follow each other and share a key, its number.
///
/// `KEY.png` or `KEY.npy`, `KEY.mask.png` or `KEY.mask.npy`, `KEY.cls` (one class), `KEY.json` (target and origin).
/// **Source** POSIX.1-1988 ustar; WebDataset groups files by the name up to the first dot.
final class WebDatasetShards: ExportSink {
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

    /// Each sample is files of its own.
    var holdsManyShapes: Bool { true }

    var packing: @Sendable (ExportSample) throws -> PackedSample {
        { [plan] sample in
            let key = ExportPlan.padded(sample.frozen.number, 9)
            let entries = try Self.members(sample, plan).flatMap { suffix, bytes in
                TarEntry.bytes(name: "\(key).\(suffix)", bytes)
            }
            return PackedSample(sample, image: entries)
        }
    }

    func add(_ sample: PackedSample, index: Int) throws -> SampleFiles {
        // Two empty blocks end an archive.
        let name = try shards.write(
            sample.image, at: index, path: { "\(plan.name)-\(fold)-\(ExportPlan.padded($0, 6)).tar" },
            ending: Array(repeating: 0, count: 1_024))
        return SampleFiles(image: name)
    }

    func end() -> [String: JSONValue] { shards.members }

    private static func members(_ sample: ExportSample, _ plan: ExportPlan) throws -> [(String, [UInt8])] {
        let rendered = sample.rendered
        var members: [(String, [UInt8])] = []
        if let picture = rendered.picture {
            members.append(("png", try picture.exportPNG()))
        } else {
            let array = NPYArray.file(
                descr: rendered.shape.imageDescr, shape: rendered.shape.dimensions, rendered.image)
            members.append(("npy", array))
        }
        if plan.hasMask {
            if let mask = rendered.maskPicture {
                members.append(("mask.png", try mask.exportPNG()))
            } else {
                let array = NPYArray.file(
                    descr: rendered.shape.maskDescr, shape: rendered.shape.maskDimensions, rendered.mask)
                members.append(("mask.npy", array))
            }
        }
        let label = sample.frozen.classLabel(plan.targetKind)
        if label >= 0 { members.append(("cls", Array(String(label).utf8))) }
        let json: JSONValue = [
            "sample_number": .integer(sample.frozen.number), "target": sample.frozen.target ?? .null,
            "weight": .number(sample.frozen.weight), "series_id": .string(String(sample.frozen.seriesID)),
        ]
        return members + [("json", Array(json.text.utf8))]
    }
}

/// A file in a ustar archive, padded to blocks of 512 bytes.
enum TarEntry {
    static func bytes(name: String, _ content: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        func octal(_ number: Int, _ width: Int) -> String {
            let digits = String(number, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(name, at: 0)
        put(octal(0o644, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(content.count, 11), at: 124)
        // The same samples give the same bytes, so there is no time.
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6), at: 148)
        header[154] = 0
        header[155] = UInt8(ascii: " ")
        let padding = (512 - content.count % 512) % 512
        return header + content + [UInt8](repeating: 0, count: padding)
    }
}
