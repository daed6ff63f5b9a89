internal import Crypto
internal import Datasets
internal import ImageFiles
internal import Imaging

/// Slices of a volume file, image or mask: NIfTI or MetaImage.
struct VolumePreparer: Sendable {
    let frames: FrameEncoder
    /// The series that a mask without a plan of its own belongs to.
    var assigned: AssignedSeries?

    private static let emptyMask = "empty_mask"

    /// What a finding says; `nil` for other codes. Of a mask of one level nobody knows whether it is the background.
    static func sentence(of code: String) -> String? {
        code == emptyMask
            ? "All voxels of the mask have the same value, so that it marks nothing or everything; see if it should."
            : nil
    }

    func prepare(_ read: PlannedRead, nifti bytes: [UInt8], sha256: [UInt8]) throws -> PreparedFile {
        try prepare(read, NIfTIFile(bytes: bytes), contentSHA256: sha256, sha256: sha256)
    }

    /// The voxels of a header file are read here; what they hold is part of the identity of the slices.
    func prepare(_ read: PlannedRead, metaImage bytes: [UInt8], sha256: [UInt8]) throws -> PreparedFile {
        let data = try (read.dataPath ?? MetaImageVoxels.path(besides: read.path, header: bytes)).map {
            try FileBytes.read($0)
        }
        let file = try MetaImageFile(bytes: bytes, data: data)
        let dataSHA256 = data.map { Array(SHA256.hash(data: $0)) }
        let content = dataSHA256.map { Array(SHA256.hash(data: sha256 + $0)) } ?? sha256
        var prepared = try prepare(read, file, contentSHA256: content, sha256: sha256)
        prepared.dataSHA256 = read.data == nil ? nil : dataSHA256
        return prepared
    }

    private func prepare(
        _ read: PlannedRead, _ file: some VolumeFile, contentSHA256: [UInt8], sha256: [UInt8]
    ) throws -> PreparedFile {
        let geometry = try file.geometry()
        let buffers = try (0..<file.frameCount).map { try file.frame(at: $0) }
        let rule = try assigned.map { try $0.rule(for: geometry, buffers, rescale: file.rescale) }
        let regions = try read.mask.map {
            try MaskRegions($0, formatRule: .midRange, frames: buffers.map { $0.statistics() }, rescale: file.rescale)
        }
        var slices: [PreparedSlice] = []
        for (index, buffer) in buffers.enumerated() {
            slices.append(
                try slice(buffer, index: index, of: file, regions: regions, read: read, sha256: contentSHA256))
        }
        var prepared = PreparedFile(sha256: sha256, outcome: .slices(slices))
        prepared.photometricInterpretation = file.samplesPerPixel == 1 ? "MONOCHROME2" : "RGB"
        prepared.geometry = geometry
        prepared.maskRule = rule ?? regions?.json
        prepared.unlistedValues = regions?.unlistedValues(in: buffers) ?? []
        prepared.warnings = (regions?.isConstant ?? false) ? [Self.emptyMask] : []
        return prepared
    }

    private func slice(
        _ buffer: PixelBuffer, index: Int, of file: some VolumeFile, regions: MaskRegions?, read: PlannedRead,
        sha256: [UInt8]
    ) throws -> PreparedSlice {
        let encoded = try frames.encode(buffer)
        let number = (read.planned.instanceNumber ?? 1) + index
        let key = SliceKey.content(sha256: sha256, instanceNumber: number, frame: index)
        let offset = file.byteOffset(ofFrame: index).map(Int64.init)
        return PreparedSlice(
            sliceKey: key, sopInstanceUID: nil, frameNumber: nil, instanceNumber: number, plane: nil,
            sliceLocation: nil, pixels: encoded.pixels,
            rescale: file.rescale, window: nil, statistics: encoded.statistics, digest: encoded.digest,
            tiles: encoded.tiles,
            place: SourcePlace(
                frame: index, byteOffset: offset, byteLength: offset.map { _ in Int64(buffer.bytes.count) }),
            header: [:], marked: try regions?.marked(in: buffer) ?? [])
    }
}

/// The file of voxels that a MetaImage header names, found beside it.
enum MetaImageVoxels {
    /// `nil` where the voxels are in the header file itself, or where there is no such file.
    static func path(besides headerPath: String, header: [UInt8]) throws(ImageFileError) -> String? {
        guard case .named(let name) = try MetaImageHeader(prefix: header).dataFile else { return nil }
        let folder = headerPath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = (folder + [Substring(name)]).joined(separator: "/")
        return FileBytes.exists(path) ? path : nil
    }
}
