internal import Datasets
internal import ImageFiles
internal import Imaging

/// The one slice of a JPEG or PNG picture. The code stream of a JPEG is kept as it is: decoded, it would be thirty times
/// as large and no truer.
struct PicturePreparer: Sendable {
    let frames: FrameEncoder
    /// Keeps Exif, comments and the like in the code stream, as in research data sets.
    let keepIdentifiers: Bool

    /// - Parameter isJPEG: what the bytes say, else a PNG.
    func prepare(
        _ read: PlannedRead, isJPEG: Bool, bytes: [UInt8], sha256: [UInt8]
    ) throws -> PreparedFile {
        let levels = try isJPEG ? nil : read.mask.map { try PNGLevels(bytes, of: $0) }
        let buffer =
            try isJPEG ? JPEGCodec.decode(bytes) : PNGCodec.decode(bytes, asStored: levels?.areStored ?? false)
        let isPublic = read.dataset.patientKeyKind == .research || keepIdentifiers
        let stream = !isJPEG ? nil : isPublic ? bytes : JPEGMetadata.stripped(bytes)
        let encoded = try frames.encode(buffer, codeStream: stream)
        let regions = try read.mask.map {
            try MaskRegions(
                $0, formatRule: levels?.formatRule ?? .above(127), frames: [encoded.statistics], rescale: nil)
        }
        let number = read.planned.instanceNumber
        let key = SliceKey.content(sha256: sha256, instanceNumber: number, frame: nil)
        let slice = PreparedSlice(
            sliceKey: key, sopInstanceUID: nil, frameNumber: nil, instanceNumber: number, plane: nil,
            sliceLocation: nil, pixels: encoded.pixels,
            rescale: nil, window: nil, statistics: encoded.statistics, digest: encoded.digest, tiles: encoded.tiles,
            place: SourcePlace(frame: 0, byteOffset: 0, byteLength: Int64(bytes.count)), header: [:],
            marked: try regions?.marked(in: buffer) ?? [])
        var prepared = PreparedFile(sha256: sha256, outcome: .slices([slice]))
        prepared.photometricInterpretation = buffer.samplesPerPixel < 3 ? "MONOCHROME2" : "RGB"
        prepared.maskRule = regions?.json
        prepared.unlistedValues = regions?.unlistedValues(in: [buffer]) ?? []
        return prepared
    }
}

/// What the samples of a PNG mask mean.
private struct PNGLevels {
    /// They are taken as the file has them: the indices of a palette, and grey of few bits where values are listed.
    let areStored: Bool
    /// What is marked where no values are listed.
    let formatRule: MaskRule

    /// **Throws** as `PNGCodec.header`.
    init(_ bytes: [UInt8], of plan: MaskPlan) throws {
        let header = try PNGCodec.header(bytes)
        let isPalette = header.colour == .palette
        let isUnscaled = header.bitDepth < 8 && plan.regions.contains { $0.rule != nil }
        areStored = isPalette || isUnscaled
        // Index 0 is the background; of grey levels the upper half is marked.
        formatRule = isPalette ? .nonZero : isUnscaled ? .above(Double((1 << header.bitDepth) - 1) / 2) : .above(127)
    }
}
