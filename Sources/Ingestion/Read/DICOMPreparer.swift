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
        // Of the cleaned header: what the allow-list takes away is drawn nowhere.
        let overlays = cleaned.header.overlayPlanes
        let slices = try source.map {
            try self.slices(of: file, from: $0, header: fragments, overlays: overlays, sha256: sha256)
        }
        var prepared = PreparedFile(
            sha256: sha256,
            outcome: slices.map { .slices($0) } ?? .object(PreparedObject(header: fragments)))
        prepared.removed = cleaned.removed
        let oddities = file.warnings + file.attributeWarnings + file.pixelAttributeWarnings
        prepared.warnings = (oddities + (source?.warnings ?? [])).map(\.code.rawValue)
        if let slices, let source, slices.count < source.frameCount {
            prepared.warnings.append(DICOMWarning.Code.damagedFrames.rawValue)
        }
        if let slices { prepared.missingFrames = missing(from: slices, announced: file.frameCount) }
        prepared.photometricInterpretation =
            ColumnText.code(
                source?.photometricInterpretation ?? file.header.photometricInterpretation)
        prepared.frameOfReferenceUID = ColumnText.uid(file.header.frameOfReferenceUID)
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

    /// The frames that can be decoded.
    ///
    /// **Throws** what the first frame throws, where none can.
    private func slices(
        of file: DICOMFile, from source: any DICOMFrameSource, header: [String: String],
        overlays: [OverlayPlane], sha256: [UInt8]
    ) throws -> [PreparedSlice] {
        let groups = FunctionalGroups(header: header)
        let isMultiFrame = source.frameCount > 1 || file.header.numberOfFrames != nil
        var slices: [PreparedSlice] = []
        var problem: DICOMError?
        for index in 0..<source.frameCount {
            let frame: PixelBuffer
            do {
                frame = try source.frame(index)
            } catch {
                problem = problem ?? error
                // Of frames stored one after the other, none is whole behind the first that is not.
                if error.code == .pixelDataTruncated { break } else { continue }
            }
            slices.append(
                try slice(
                    frame, index: index, of: file, isMultiFrame: isMultiFrame, header: header, groups: groups,
                    overlays: overlays, sha256: sha256))
        }
        if let problem, slices.isEmpty { throw problem }
        return slices
    }

    /// Frames beyond the announced ones are nobody's promise.
    private func missing(from slices: [PreparedSlice], announced: Int) -> MissingFrames? {
        let count = announced - slices.count { $0.place.frame < announced }
        return count > 0 ? MissingFrames(count: count, announced: announced) : nil
    }

    private func slice(
        _ buffer: PixelBuffer, index: Int, of file: DICOMFile, isMultiFrame: Bool, header: [String: String],
        groups: FunctionalGroups, overlays: [OverlayPlane], sha256: [UInt8]
    ) throws -> PreparedSlice {
        let encoded = try frames.encode(buffer)
        let frameNumber = isMultiFrame ? index + 1 : nil
        let uid = file.sopInstanceUID
        let key =
            uid.map { SliceKey.sop($0, frame: frameNumber) }
            ?? SliceKey.content(sha256: sha256, instanceNumber: nil, frame: frameNumber)
        let offset = file.frameOffset(index)
        return PreparedSlice(
            sliceKey: key, sopInstanceUID: uid, frameNumber: frameNumber,
            instanceNumber: frameNumber ?? file.header.instanceNumber, plane: file.header.plane(frame: index),
            sliceLocation: file.header.sliceLocation,
            traits: FrameAttributes(header: header, frame: frameNumber, groups: groups).traits(encoded.pixels),
            pixels: encoded.pixels,
            rescale: file.header.rescale(frame: index), window: file.header.windows(frame: index).first,
            statistics: encoded.statistics, digest: encoded.digest, tiles: encoded.tiles,
            place: SourcePlace(
                frame: index, byteOffset: offset.map(Int64.init),
                byteLength: offset.map { _ in Int64(buffer.bytes.count) }),
            header: header, marked: try marks(of: overlays, frame: index, on: buffer))
    }

    private func marks(of overlays: [OverlayPlane], frame: Int, on buffer: PixelBuffer) throws -> [MarkedRegion] {
        try overlays.compactMap { plane in
            try plane.mask(frame: frame, rows: buffer.rows, columns: buffer.columns).map { mask in
                MarkedRegion(
                    target: "overlay \(String(plane.group, radix: 16))", mask: mask, levelCount: nil,
                    rule: plane.kind.map { "overlay of \($0)" } ?? "overlay", threshold: nil)
            }
        }
    }
}
