internal import Datasets
internal import Imaging
internal import PixelCodec

/// A planned series while its files go by: what belongs to which variant, and what became of each file.
struct SeriesDraft: Sendable {
    let plan: SeriesPlan
    let identity: SeriesIdentity
    let stored: StoredSeries
    private var merger: SeriesMerger
    /// Ids by variant, as far as they were asked for.
    private var seriesIDs: [Int: Int64]
    var variants: [Int: VariantDraft] = [:]
    var files: [FileResult] = []

    init(plan: SeriesPlan, identity: SeriesIdentity, seriesID: Int64, stored: StoredSeries) {
        self.plan = plan
        self.identity = identity
        self.stored = stored
        merger = SeriesMerger(stored: stored)
        seriesIDs = stored.variants.mapValues(\.seriesID)
        seriesIDs[0] = seriesIDs[0] ?? seriesID
    }

    /// The id of variant 0: the series that masks, renderings and conflicts refer to.
    var firstSeriesID: Int64 { seriesIDs[0] ?? 0 }

    /// Slices of it came with several pixels, now or before.
    var hasSeveralVariants: Bool { Set(variants.keys).union(stored.variants.keys).count > 1 }

    /// Slices came to those that were stored.
    var hasGrown: Bool { variants[0] != nil && stored.variants[0] != nil }

    func seriesID(of variant: Int) -> Int64? { seriesIDs[variant] }

    /// The id of a variant; one that is new takes its id here.
    mutating func seriesID(of variant: Int, resolvedBy resolver: KeyResolver) async throws -> Int64 {
        if let known = seriesIDs[variant] { return known }
        let id = try await resolver.resolve(naturalKey(of: variant), in: .series, of: identity.patientID)
        seriesIDs[variant] = id
        return id
    }

    mutating func decide(_ slice: PreparedSlice) -> SeriesMerger.Decision {
        merger.decide(mergeKey: slice.mergeKey, digest: slice.digest.bytes)
    }

    /// What became of a file, and where its frames are.
    struct FileResult: Sendable {
        let entry: RunPlan.PlannedEntry
        let sha256: [UInt8]?
        let outcome: SourceOutcome
        let rejection: FileRejection?
        let places: [FramePlace]
        let warnings: [String]
        /// The variant that is this object without pixels.
        var objectVariant: Int?
        /// Header of a file whose first frame was known already, to be compared with the one that is stored.
        var header: HeaderAccumulator.Header?
        /// What a file without such a header says of voxels that were known already.
        var volume: VolumeHeader?
        /// The file with the voxels, where `entry` is only their header.
        var data: DataFile?
        /// Where a volume of masks lies.
        var grid: MaskGrids.Grid?
        /// Values of a mask that its source does not name.
        var unlistedValues: [Double] = []

        /// The file in which the frames lie, and its digest.
        var frameFile: (number: Int, sha256: [UInt8]?) {
            data.map { ($0.entry.file.number, $0.sha256) } ?? (entry.file.number, sha256)
        }
    }

    /// A file of voxels that has no header of its own.
    struct DataFile: Sendable {
        let entry: RunPlan.PlannedEntry
        let sha256: [UInt8]?
        let outcome: SourceOutcome
    }

    /// A frame of a file and the slice that shows it.
    struct FramePlace: Sendable {
        let variant: Int
        let mergeKey: String
        let isNew: Bool
        let place: SourcePlace
    }
}

/// What is said once for a whole series.
///
/// Where files disagree the smallest counts, so that a series is the same in whatever order its files came.
struct SeriesFacts: Sendable {
    var photometricInterpretation: String?
    var frameOfReferenceUID: String?
    var sliceThickness: Double?
    var geometry: VolumeGeometry?
    var maskRule: String?

    mutating func learn(from file: PreparedFile) {
        merge(
            SeriesFacts(
                photometricInterpretation: file.photometricInterpretation,
                frameOfReferenceUID: file.frameOfReferenceUID, sliceThickness: file.sliceThickness,
                geometry: file.geometry, maskRule: file.maskRule))
    }

    mutating func merge(_ other: SeriesFacts) {
        photometricInterpretation = least(photometricInterpretation, other.photometricInterpretation)
        frameOfReferenceUID = least(frameOfReferenceUID, other.frameOfReferenceUID)
        sliceThickness = least(sliceThickness, other.sliceThickness)
        geometry = geometry ?? other.geometry
        maskRule = least(maskRule, other.maskRule)
    }

    private func least<Value: Comparable>(_ first: Value?, _ second: Value?) -> Value? {
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }
}

/// The new slices of one variant of a series.
struct VariantDraft: Sendable {
    var records: [SliceRecord] = []
    /// Header of an object without pixels.
    var object: PreparedObject?
    var removed: [RemovedPath: Int] = [:]
    /// Ids of new slices by place.
    var ids: [String: Int64] = [:]
    /// What the files of the new slices say about the series.
    var facts = SeriesFacts()
}
