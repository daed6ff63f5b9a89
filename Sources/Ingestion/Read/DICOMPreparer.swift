internal import DICOM
internal import Datasets
internal import Imaging

/// Frames and header of a DICOM file.
struct DICOMPreparer: Sendable {
    let frames: FrameEncoder
    /// Keeps the whole header: research data sets, and `--keep-identifiers`.
    let keepIdentifiers: Bool

    func prepare(_ read: PlannedRead, bytes: [UInt8], sha256: [UInt8]) throws -> PreparedFile {
        let file = try DICOMFile(bytes: bytes)
        let cleaned = cleaned(file.header)
        let fragments = fragments(of: cleaned.header)
        let source = file.hasPixels ? try file.frameSource() : nil
        var prepared = PreparedFile(
            sha256: sha256,
            outcome: try source.map { .slices(try slices(of: file, from: $0, header: fragments, sha256: sha256)) }
                ?? .object(PreparedObject(header: fragments)))
        prepared.removed = cleaned.removed
        prepared.warnings = (file.warnings + (source?.warnings ?? [])).map(\.code.rawValue)
        prepared.photometricInterpretation =
            source?.photometricInterpretation ?? file.header.photometricInterpretation
        prepared.frameOfReferenceUID = file.header.frameOfReferenceUID
        prepared.sliceThickness = file.header.sliceThickness
        return prepared
    }

    private func cleaned(_ header: DICOMHeader) -> (header: DICOMHeader, removed: [RemovedPath: Int]) {
        guard !keepIdentifiers else { return (header, [:]) }
        let outcome = DeidentificationProfile.allowList.apply(to: header)
        var removed: [RemovedPath: Int] = [:]
        for (path, removal) in outcome.removed {
            removed[RemovedPath(path: path, action: removal.action.rawValue), default: 0] += removal.count
        }
        return (outcome.header, removed)
    }

    private func fragments(of header: DICOMHeader) -> [String: String] {
        Dictionary(
            header.elements.map { ($0.tag.hexadecimal, $0.json) }, uniquingKeysWith: { _, last in last })
    }

    private func slices(
        of file: DICOMFile, from source: any DICOMFrameSource, header: [String: String], sha256: [UInt8]
    ) throws -> [PreparedSlice] {
        let count = source.frameCount
        return try (0..<count).map { index in
            try slice(
                try source.frame(index), index: index, of: file,
                isMultiFrame: count > 1 || file.header.numberOfFrames != nil,
                header: header, sha256: sha256)
        }
    }

    private func slice(
        _ buffer: PixelBuffer, index: Int, of file: DICOMFile, isMultiFrame: Bool, header: [String: String],
        sha256: [UInt8]
    ) throws -> PreparedSlice {
        let encoded = try frames.encode(buffer)
        let frameNumber = isMultiFrame ? index + 1 : nil
        let uid = file.header.sopInstanceUID
        let key =
            uid.map { SliceKey.sop($0, frame: frameNumber) }
            ?? SliceKey.content(sha256: sha256, instanceNumber: nil, frame: frameNumber)
        let offset = file.frameOffset(index)
        return PreparedSlice(
            mergeKey: uid == nil ? key : SliceKey.mergeKey(sliceKey: key, instanceNumber: nil), sliceKey: key,
            sopInstanceUID: uid, frameNumber: frameNumber,
            instanceNumber: frameNumber ?? file.header.instanceNumber, plane: file.header.plane(frame: index),
            sliceLocation: file.header.sliceLocation, pixels: encoded.pixels,
            rescale: file.header.rescale(frame: index), window: file.header.windows(frame: index).first,
            statistics: encoded.statistics, digest: encoded.digest, tiles: encoded.tiles,
            place: SourcePlace(
                frame: index, byteOffset: offset.map(Int64.init),
                byteLength: offset.map { _ in Int64(buffer.bytes.count) }),
            header: header, marked: [])
    }
}
