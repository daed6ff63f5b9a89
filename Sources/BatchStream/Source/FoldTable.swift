internal import CanonicalJSON
package import Imaging
internal import PixelCodec
internal import SQLInterface

/// One slice that goes into a sample.
struct SampleSlice: Sendable {
    let key: SliceKey
    let rows: Int
    let columns: Int
    let samplesPerPixel: Int
    let type: PixelType
    let rescale: Rescale?
    /// 12, where the recipe turns wrapped values back.
    let bitsStored: Int?

    var byteCount: Int { rows * columns * samplesPerPixel * type.byteCount }
}

/// One sample of the folds that are read.
struct FoldSample: Sendable {
    let number: Int
    /// As it was frozen.
    let weight: Float
    /// Of its slices, in ``FoldTable/slices``.
    let slices: Range<Int>
    /// What a crop takes of each slice.
    let region: SampleRegion?
    let spacing: SIMD3<Double>?
    /// The slice that names it, whose marks the mask of a layout without depth shows.
    let centre: SliceKey?
    /// Annotations that make the mask of a crop, which does not name what marks its slices elsewhere; nil for all those
    /// of the folds.
    let named: Set<Int64>?
    /// Its fold, in ``FoldTable/folds``, and its place among the samples of that one.
    let fold: Int
    let placeInFold: Int
}

extension FoldSample {
    /// The marks that make its mask, slice by slice: what is drawn is what its digest is taken over.
    fileprivate func shown(
        _ marks: [SliceKey: [SliceMark]], on all: [SampleSlice], middle isOfMiddleSlice: Bool
    ) -> [[SliceMark]] {
        let shownSlices = isOfMiddleSlice ? [centre ?? all[slices.lowerBound].key] : slices.map { all[$0].key }
        return shownSlices.map { slice in
            let own = marks[slice] ?? []
            guard let named else { return own }
            return own.filter { named.contains($0.annotation) }
        }
    }
}

/// What one annotation marks on a slice.
struct SliceMark: Sendable {
    let annotation: Int64
    let mask: RunLengthMask
}

/// The samples of one or several folds of a training set, in memory, in order of sample number.
///
/// **Cost** about 200 bytes a sample of one slice, and the runs of its masks.
package final class FoldTable: Sendable {
    package let info: TrainingSetInfo
    /// In order of name.
    package let folds: [String]
    package let shape: SampleShape
    let samples: [FoldSample]
    let slices: [SampleSlice]
    let marks: [SliceKey: [SliceMark]]
    /// Whether masks are those of the middle slice.
    private let isOfMiddleSlice: Bool
    let targets: FoldTargets
    /// Of each sample of a grade, as class weights name it; empty for other targets.
    let classNames: [String]

    /// Of the target of one sample.
    package var targetDimensions: [Int] { targets.dimensions }
    package var targetNames: [String] { targets.names }
    package var hasMask: Bool { info.targetKind == .mask }

    /// Reads the rows of folds of the split.
    ///
    /// **Throws** `unusableSet` where pixels or targets changed since the set was frozen, shapes differ, or the recipe
    /// does not fit; `incompleteSet` where a sample has lost slices.
    package init(_ set: TrainingSetInfo, folds: [String], from connection: any StreamConnection) throws {
        self.info = set
        self.folds = folds.sorted()
        let convention = MarkConvention(
            targetKind: set.targetKind.rawValue, hasSeveralSlices: set.sampleKind.hasSliceList,
            layout: set.recipe.layout)
        if let objection = convention.objection(to: set.parameters["target"]) {
            throw StreamError.unusable(set.title, objection)
        }
        isOfMiddleSlice = convention.isOfMiddleSlice
        var reader = FoldReader(set, folds.sorted(), isOfMiddleSlice: isOfMiddleSlice)
        try reader.readSlices(connection)
        try reader.readSamples(connection)
        samples = reader.samples
        slices = reader.slices
        shape = try reader.commonShape()
        marks = set.targetKind == .mask ? try reader.readMarks(connection) : [:]
        try reader.checkTargets(marks)
        targets = try FoldTargets(kind: set.targetKind, texts: reader.targetTexts, set: set)
        classNames = try set.targetKind == .grade ? reader.targetTexts.map(Self.className) : []
    }

    /// The class of a grade, which is its number as canonical JSON.
    private static func className(of text: String?) throws -> String {
        try text.map { try JSONValue(parsing: $0).text } ?? ""
    }

    /// The marks of a sample, as its layout wants them.
    func mask(of sample: FoldSample) -> SampleMaskSource {
        SampleMaskSource(
            slices: sample.shown(marks, on: slices, middle: isOfMiddleSlice).map { $0.map(\.mask) })
    }
}

/// Builds the table, query by query.
private struct FoldReader {
    let set: TrainingSetInfo
    let folds: [String]
    var slices: [SampleSlice] = []
    var samples: [FoldSample] = []
    var targetTexts: [String?] = []
    private var targetDigests: [[UInt8]] = []
    private let isOfMiddleSlice: Bool
    /// Of each sample, in ``slices``, and how they lie in their series.
    private var stacks: [Int64: (range: Range<Int>, run: SliceRun)] = [:]
    /// Of samples of several slices.
    private var lists = SliceListDigests()
    private let renderer: SampleRenderer
    private let crop: CropRule?

    init(_ set: TrainingSetInfo, _ folds: [String], isOfMiddleSlice: Bool) {
        self.set = set
        self.isOfMiddleSlice = isOfMiddleSlice
        self.folds = folds
        renderer = SampleRenderer(recipe: set.recipe)
        crop = set.sampleKind == .crop ? CropRule(set.parameters) : nil
    }

    mutating func readSlices(_ connection: any StreamConnection) throws {
        let isUnwrapped = set.recipe.values == .unwrapped
        let sql =
            set.sampleKind.hasSliceList
            ? StreamStatements.sliceLists(set: set.id, folds: folds, isUnwrapped: isUnwrapped)
            : StreamStatements.slices(set: set.id, folds: folds, isUnwrapped: isUnwrapped)
        var changed = 0
        var (found, stacks, lists) = (slices, stacks, lists)
        try connection.forEachRow(sql) { values in
            var row = StreamRow(values)
            let number = try row.integer()
            let key = SliceKey(patient: try row.integer(), slice: try row.integer())
            let (rows, columns, samples) = (try row.int(), try row.int(), try row.int())
            guard let type = PixelType(rawValue: try row.text()) else {
                throw StreamError.unusable(set.title, "a slice has samples of an unknown type")
            }
            let (slope, intercept, bits) = (row.real(), row.real(), row.optionalInteger())
            let rescale = slope.flatMap { slope in intercept.map { Rescale(slope: slope, intercept: $0) } }
            var stack = stacks[number] ?? (range: found.count..<found.count, run: SliceRun())
            stack.range = stack.range.lowerBound..<found.count + 1
            stack.run.append(try row.int())
            stacks[number] = stack
            if !row.boolean() { changed += 1 }
            if let digest = row.optionalBlob() { lists.add(digest, of: number) }
            found.append(
                SampleSlice(
                    key: key, rows: rows, columns: columns, samplesPerPixel: samples, type: type, rescale: rescale,
                    bitsStored: bits.map { Int($0) }))
        }
        guard changed == 0 else {
            throw StreamError.unusable(
                set.title, "\(changed) of its slices have other pixels than when it was frozen; create a new version")
        }
        lists.finish()
        (slices, self.stacks, self.lists) = (found, stacks, lists)
    }

    mutating func readSamples(_ connection: any StreamConnection) throws {
        var (list, texts, digests) = ([FoldSample](), [String?](), [[UInt8]]())
        var counts = [Int](repeating: 0, count: folds.count)
        try connection.forEachRow(StreamStatements.samples(set: set.id, folds: folds)) { values in
            var row = StreamRow(values)
            let number = try row.integer()
            let weight = row.real() ?? 1
            let text = row.optionalText()
            texts.append(text)
            let (column, line, centre) = (row.real(), row.real(), row.optionalInteger())
            let series = SeriesSpacing(slices: row.real(), rows: row.real(), columns: row.real())
            digests.append(row.optionalBlob() ?? [])
            let name = try row.text()
            guard let fold = folds.firstIndex(of: name) else {
                throw StreamError.unusable(set.title, "sample \(number) is in fold \(name), which was not asked for")
            }
            defer { counts[fold] += 1 }
            let (seriesID, pixelDigest) = (try row.integer(), row.optionalBlob())
            guard !set.sampleKind.hasSliceList || lists[number] == pixelDigest else {
                throw StreamError.incomplete(set.title, SliceListDigest.objection(sample: Int(number)))
            }
            guard let (range, run) = stacks[number], let first = range.first.map({ slices[$0] }) else {
                throw StreamError.unusable(set.title, "sample \(number) has no slices any more; create a new version")
            }
            let objection = run.objection(
                to: set.recipe, spacing: series, sample: Int(number), series: seriesID)
            if let objection {
                throw StreamError.unusable(set.title, objection)
            }
            list.append(
                FoldSample(
                    number: Int(number), weight: Float(weight), slices: range,
                    region: try crop?.region(column: column, row: line, in: first),
                    spacing: series.spacing(of: run),
                    centre: centre.flatMap { centre in slices[range].first { $0.key.slice == centre }?.key },
                    named: crop != nil && set.targetKind == .mask ? try Self.annotations(in: text) : nil,
                    fold: fold, placeInFold: counts[fold]))
        }
        (samples, targetTexts, targetDigests) = (list, texts, digests)
        stacks = [:]
        lists = SliceListDigests()
    }

    /// All sides are 0 where there is no sample.
    ///
    /// **Throws** `unusableSet` unless all samples come out in one shape.
    func commonShape() throws -> SampleShape {
        var known: [SampleExtent: SampleShape] = [:]
        var common: (shape: SampleShape, samplesPerPixel: Int)?
        for sample in samples {
            let slice = slices[sample.slices.lowerBound]
            let extent = SampleExtent(
                slices: sample.slices.count, rows: sample.region?.rows ?? slice.rows,
                columns: sample.region?.columns ?? slice.columns, samplesPerPixel: slice.samplesPerPixel,
                spacing: sample.spacing)
            let shape = try known[extent] ?? self.shape(of: extent, sample: sample.number)
            known[extent] = shape
            let first = common ?? (shape: shape, samplesPerPixel: extent.samplesPerPixel)
            guard first.shape == shape else {
                let remedy = SampleShape.remedy(samplesPerPixel: first.samplesPerPixel, extent.samplesPerPixel)
                throw StreamError.unusable(
                    set.title,
                    "its samples have several shapes, such as \(first.shape.dimensions) and \(shape.dimensions); "
                        + remedy)
            }
            common = first
        }
        return common?.shape ?? .empty(of: set.recipe)
    }

    /// **Throws** `unusableSet` where the recipe cannot make the sample any more: what is frozen could be made.
    private func shape(of extent: SampleExtent, sample number: Int) throws(StreamError) -> SampleShape {
        do throws(ImagingError) {
            return try renderer.shape(of: extent)
        } catch {
            throw StreamError.unusable(
                set.title, "its recipe cannot make sample \(number) any more: \(error.reason)")
        }
    }

    /// The annotations that the target of a mask names.
    private static func annotations(in text: String?) throws -> Set<Int64> {
        let ids = try text.map { try JSONValue(parsing: $0) }?.array ?? []
        return Set(ids.compactMap { $0.string.flatMap { Int64($0) } })
    }

    /// The masks of the annotations that any sample of the folds names.
    func readMarks(_ connection: any StreamConnection) throws -> [SliceKey: [SliceMark]] {
        let wanted = try targetTexts.reduce(into: Set<Int64>()) { try $0.formUnion(Self.annotations(in: $1)) }
        var marks: [SliceKey: [SliceMark]] = [:]
        let sql = StreamStatements.marks(set: set.id, folds: folds, isList: set.sampleKind.hasSliceList)
        try connection.forEachRow(sql) { values in
            var row = StreamRow(values)
            let key = SliceKey(patient: try row.integer(), slice: try row.integer())
            let (annotation, rows, columns) = (try row.integer(), try row.int(), try row.int())
            guard wanted.contains(annotation) else { return }
            marks[key, default: []].append(
                SliceMark(
                    annotation: annotation,
                    mask: try RunLengthMask(rows: rows, columns: columns, bytes: try row.blob())))
        }
        return marks
    }
}

extension FoldReader {
    /// Compares what the samples teach with what was frozen: masks by their runs, all else by its text.
    ///
    /// **Cost** a digest over the runs of each slice, or the text of each target.
    /// **Throws** `unusableSet`, naming the first sample that differs.
    func checkTargets(_ marks: [SliceKey: [SliceMark]]) throws {
        let changed = try samples.indices.filter { index in
            try targetDigest(of: index, marks) != targetDigests[index]
        }
        guard let first = changed.first else { return }
        let rest = changed.count == 1 ? "" : ", and that of \(changed.count - 1) more,"
        throw StreamError.unusable(
            set.title,
            "the \(set.targetKind == .mask ? "mask" : "target") of its sample \(samples[first].number)\(rest) is not what "
                + "was frozen; see slicehouse training-set check, and create a new version")
    }

    private func targetDigest(of index: Int, _ marks: [SliceKey: [SliceMark]]) throws -> [UInt8] {
        guard set.targetKind == .mask else {
            return try targetTexts[index].map { TargetDigest.of(text: try JSONValue(parsing: $0).text) } ?? []
        }
        let shown = samples[index].shown(marks, on: slices, middle: isOfMiddleSlice)
        return TargetDigest.of(slices: shown.map { $0.flatMap(\.mask.bytes) })
    }
}

/// Where the crops of a set lie, by ``CropPlacement``.
private struct CropRule {
    private let shape: SampleForm.CropShape
    private let outside: CropPlacement.Outside

    /// From `sample.shape` [slices, rows, columns] and `sample.outside`, `shift` or `pad`.
    init?(_ parameters: JSONValue) {
        guard let shape = parameters["sample"]?["shape"]?.array?.compactMap(\.number), shape.count == 3 else {
            return nil
        }
        self.shape = SampleForm.CropShape(slices: Int(shape[0]), rows: Int(shape[1]), columns: Int(shape[2]))
        outside = (parameters["sample"]?["outside"]?.string).flatMap(CropPlacement.Outside.init) ?? .shift
    }

    func region(column: Double?, row: Double?, in slice: SampleSlice) throws(StreamError) -> SampleRegion {
        guard let column, let row,
            let region = shape.region(
                column: column, row: row, ofRows: slice.rows, columns: slice.columns, outside: outside)
        else {
            throw StreamError(
                .unusableSet, "A crop of the training set does not lie in its slices; create a new version.")
        }
        return region
    }
}
