internal import Imaging
internal import PixelCodec

/// One frame, read, digested and encoded: everything that is stored of it except its place in the series.
struct PreparedSlice: Sendable {
    /// `slice.slice_key`: `sop:UID` or `sha256:DIGEST`, `#n` appended for the n-th frame of several.
    let sliceKey: String
    let sopInstanceUID: String?
    /// 1-based frame of a multi-frame source.
    let frameNumber: Int?
    var instanceNumber: Int?
    let plane: SlicePlane?
    /// mm, as DICOM's SliceLocation says it.
    var sliceLocation: Double?
    /// What may tell the volumes of its series apart.
    var traits: [VolumeTrait: String] = [:]
    let pixels: PixelDescription
    var rescale: Rescale?
    var window: WindowLevel?
    let statistics: PixelStatistics
    let digest: PixelDigest
    var tiles: [EncodedTile]
    let place: SourcePlace
    /// Header fragments by tag path: canonical DICOM JSON of each top-level element; empty where the format has none.
    let header: [String: String]
    /// What the slice of a mask marks, by target; of an image, its overlay planes.
    let marked: [MarkedRegion]

    /// What makes two slices the same place of one series.
    var mergeKey: String { SliceKey.mergeKey(of: sliceKey) }
}

/// Shape and type of stored pixels.
struct PixelDescription: Sendable, Equatable {
    let type: PixelType
    let rows: Int
    let columns: Int
    let samplesPerPixel: Int

    /// What slices of one volume have in common, as text.
    var matrix: String { "\(columns)x\(rows)x\(samplesPerPixel) \(type.rawValue)" }
}

/// A band of rows as it is stored.
struct EncodedTile: Sendable {
    let firstRow: Int
    let rowCount: Int
    let encoding: PixelEncoding
    let bytes: [UInt8]
}

/// Where in its file a frame lies.
struct SourcePlace: Sendable {
    /// 0-based frame within the file.
    let frame: Int
    let byteOffset: Int64?
    let byteLength: Int64?
}

/// The voxels that a mask slice, or an overlay plane of an image, marks.
struct MarkedRegion: Sendable {
    /// What is marked, as the mask plan calls it.
    let target: String
    let mask: RunLengthMask
    /// Distinct grey levels the slice had before the threshold; `nil` where the source has bits.
    let levelCount: Int?
    let rule: String
    /// In the unit of the rule's values (rescaled where the file says how); `nil` where the source has bits.
    let threshold: Double?
}

/// What became of one planned file.
struct PreparedFile: Sendable {
    enum Outcome: Sendable {
        case slices([PreparedSlice])
        /// A DICOM object without pixels.
        case object(PreparedObject)
        case rejected(FileRejection)
    }
    /// `nil` only where the file could not be read at all.
    let sha256: [UInt8]?
    private(set) var outcome: Outcome
    /// Attributes that the allow-list touched in this file, with counts.
    var removed: [RemovedPath: Int] = [:]
    /// Codes of what was odd about the file.
    var warnings: [String] = []
    var photometricInterpretation: String?
    var frameOfReferenceUID: String?
    /// mm
    var sliceThickness: Double?
    /// The grid that a volume file brings with it.
    var geometry: VolumeGeometry?
    /// How grey levels become marks, as JSON; masks only.
    var maskRule: String?
    /// Values of a mask that its source does not name.
    var unlistedValues: [Double] = []
    /// Digest of the file with the voxels, where that is another one.
    var dataSHA256: [UInt8]?
    /// Frames that the header announces and that cannot be read, where others can.
    var missingFrames: MissingFrames?
    /// Why the file is in quarantine though some of its frames are stored.
    var refusalInPart: FileRejection?

    init(sha256: [UInt8]?, outcome: Outcome) {
        self.sha256 = sha256
        self.outcome = outcome
    }

    func with(_ outcome: Outcome) -> PreparedFile {
        var file = self
        file.outcome = outcome
        return file
    }
}

/// How many of the announced frames of a file are missing.
struct MissingFrames: Sendable {
    let count: Int
    let announced: Int
}

/// Header of an object without pixels.
struct PreparedObject: Sendable {
    let header: [String: String]
}

/// Why a file is in quarantine.
struct FileRejection: Sendable {
    enum Stage: String, Sendable { case scan, read, clean, encode, commit, label }
    let stage: Stage
    let code: String
    /// One sentence without values: what failed, why, what to do.
    let sentence: String
    let byteOffset: Int64?
}
