internal import Datasets
internal import ImageFiles
internal import Imaging

/// Slices of a NIfTI volume or mask.
struct NIfTIPreparer: Sendable {
    let frames: FrameEncoder

    func prepare(_ read: PlannedRead, bytes: [UInt8], sha256: [UInt8]) throws -> PreparedFile {
        let file = try NIfTIFile(bytes: bytes)
        let geometry = try self.geometry(of: file)
        let buffers = try (0..<file.frameCount).map { try file.frame(at: $0) }
        let threshold = try read.mask.map { _ in
            try MaskThreshold(rule: .midRange, frames: buffers.map { $0.statistics() }, rescale: file.rescale)
        }
        var slices: [PreparedSlice] = []
        for (index, buffer) in buffers.enumerated() {
            slices.append(
                try slice(
                    buffer, index: index, of: file, geometry: geometry, threshold: threshold, read: read, sha256: sha256
                ))
        }
        var prepared = PreparedFile(sha256: sha256, outcome: .slices(slices))
        prepared.photometricInterpretation = file.samplesPerPixel == 1 ? "MONOCHROME2" : "RGB"
        prepared.geometry = file.volumes == 1 ? geometry : nil
        prepared.maskRule = threshold.map { MaskRuleText(threshold: $0).json }
        prepared.warnings = (threshold?.isConstant ?? false) ? ["empty_mask"] : []
        return prepared
    }

    private func geometry(of file: NIfTIFile) throws -> VolumeGeometry {
        try VolumeGeometry(
            rasAffine: file.rasAffine, columns: file.columns, rows: file.rows, slices: file.slices)
    }

    private func slice(
        _ buffer: PixelBuffer, index: Int, of file: NIfTIFile, geometry: VolumeGeometry, threshold: MaskThreshold?,
        read: PlannedRead, sha256: [UInt8]
    ) throws -> PreparedSlice {
        let encoded = try frames.encode(buffer)
        let number = (read.planned.instanceNumber ?? 1) + index
        let key = SliceKey.content(sha256: sha256, instanceNumber: number, frame: index)
        return PreparedSlice(
            mergeKey: SliceKey.mergeKey(sliceKey: key, instanceNumber: number), sliceKey: key, sopInstanceUID: nil,
            frameNumber: nil, instanceNumber: number, plane: nil, sliceLocation: nil, pixels: encoded.pixels,
            rescale: file.rescale, window: nil, statistics: encoded.statistics, digest: encoded.digest,
            tiles: encoded.tiles,
            place: SourcePlace(
                frame: index, byteOffset: Int64(file.header.dataOffset + index * buffer.bytes.count),
                byteLength: Int64(buffer.bytes.count)),
            header: [:], marked: try threshold.map { try MarkedRegion(buffer, $0) })
    }
}

extension MarkedRegion {
    init(_ buffer: PixelBuffer, _ threshold: MaskThreshold) throws {
        let derived = try threshold.derive(from: buffer)
        self.init(
            mask: derived.mask, levelCount: derived.distinctLevelCount, rule: threshold.rule.description,
            threshold: threshold.limit)
    }
}
