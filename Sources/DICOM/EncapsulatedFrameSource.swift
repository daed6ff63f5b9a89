internal import Imaging

/// Frames in fragments: RLE, JPEG, JPEG-LS, JPEG 2000, deflated frames, native ones.
///
/// What a code stream is, its own first bytes say; the transfer syntax decides only where there are no such bytes (RLE,
/// deflated and native frames). So mislabelled files are read, with a warning.
struct EncapsulatedFrameSource: DICOMFrameSource {
    private let contents: DICOMContents
    private let layout: PixelLayout
    private let coding: PixelCoding
    private let map: FragmentMap
    private let finisher: FrameFinisher

    let frameCount: Int
    let warnings: [DICOMWarning]
    var photometricInterpretation: String? { finisher.photometricInterpretation }

    /// **Throws** `unsupportedTransferSyntax`, `pixelDataTruncated` (no whole fragment), `decodedTooLarge`.
    init(
        contents: DICOMContents, location: PixelDataLocation, layout: PixelLayout, header: DICOMHeader,
        syntax: DICOMTransferSyntax?
    ) throws(DICOMError) {
        let isNative = syntax?.pixelCoding == .encapsulatedNative
        map = FragmentMap(
            location: location, header: header, bytes: contents.bytes,
            frameByteCount: isNative ? layout.storedFrameByteCount : nil)
        guard !map.frames.isEmpty else {
            throw DICOMError(
                code: .pixelDataTruncated, subject: "pixel data", reason: "it holds no whole fragment; fetch it again")
        }
        self.contents = contents
        self.layout = layout
        frameCount = max(header.frameCount, map.frames.count)
        let head = CodeStreamHead(map.stream(0, in: contents.bytes))
        coding = try Self.coding(syntax: syntax, head: head)
        let colour = Self.photometric(header.photometricInterpretation, layout: layout, coding: coding, head: head)
        finisher = FrameFinisher(layout: layout, photometricInterpretation: colour)
        warnings =
            map.warnings
            + Self.warnings(
                syntax: syntax, coding: coding, head: head, layout: layout,
                isColorChanged: colour != header.photometricInterpretation && !(colour == "RGB" && coding == .jpeg2000))
        try DecodedSizeLimit.check(layout, frameCount: map.frames.count)
    }

    func frame(_ index: Int) throws(DICOMError) -> PixelBuffer {
        guard (0..<frameCount).contains(index) else { throw .frameOutOfRange(index, count: frameCount) }
        guard index < map.frames.count else {
            throw DICOMError(
                code: .pixelDataTruncated, subject: "pixel data",
                reason: "it holds \(map.frames.count) compressed frames of \(frameCount); fetch the file again")
        }
        let stream = map.stream(index, in: contents.bytes)
        return try finisher.buffer(try decoder(of: stream).decode(stream, layout: layout))
    }

    private func decoder(of stream: ArraySlice<UInt8>) throws(DICOMError) -> any FrameDecoder {
        switch coding {
        case .rle: return RLEDecoder()
        case .deflatedFrame: return DeflatedFrameDecoder()
        case .encapsulatedNative: return NativeFrameDecoder()
        default: break
        }
        guard let head = CodeStreamHead(stream) else {
            throw .damagedCodeStream("a frame does not begin as JPEG, JPEG-LS and JPEG 2000 do")
        }
        try head.check(layout)
        switch head.coding {
        case .jpeg: return JPEGDecoder(head: head)
        case .jpegLS: return JPEGLSDecoder(head: head)
        case .jpeg2000: return JPEG2000Decoder(head: head)
        }
    }
}

/// What the first code stream adds to the header.
extension EncapsulatedFrameSource {
    private static func coding(
        syntax: DICOMTransferSyntax?, head: CodeStreamHead?
    ) throws(DICOMError) -> PixelCoding {
        switch head?.coding {
        case .jpeg: return .jpeg
        case .jpegLS: return .jpegLS
        case .jpeg2000: return .jpeg2000
        case nil: break
        }
        switch syntax?.pixelCoding ?? .unknown {
        case .native, .unknown: throw .unsupported(syntax, "no decoder for it is built in")
        case .refused(let reason): throw .unsupported(syntax, reason)
        case let coding: return coding
        }
    }

    /// As pydicom: the labels of components, then JFIF, overrule the header; JPEG 2000 gives its transforms back as RGB.
    private static func photometric(
        _ declared: String?, layout: PixelLayout, coding: PixelCoding, head: CodeStreamHead?
    ) -> String? {
        guard layout.samplesPerPixel == 3, let head else { return declared }
        if coding == .jpeg2000 { return declared == "YBR_RCT" || declared == "YBR_ICT" ? "RGB" : declared }
        if head.isLabelledRGB { return "RGB" }
        if head.isJFIF, !(declared ?? "").contains("YBR") { return "YBR_FULL" }
        return declared
    }

    private static func warnings(
        syntax: DICOMTransferSyntax?, coding: PixelCoding, head: CodeStreamHead?, layout: PixelLayout,
        isColorChanged: Bool
    ) -> [DICOMWarning] {
        var codes: [DICOMWarning.Code] = []
        let declared = syntax?.pixelCoding ?? .unknown
        if declared == .native { codes.append(.encapsulationMismatch) }
        if declared != .native, declared != coding {
            codes.append(syntax != nil && declared == .unknown ? .unknownTransferSyntax : .codingMismatch)
        }
        if let head {
            if let bits = layout.bitsStored, head.precision != bits { codes.append(.precisionMismatch) }
            if coding == .jpeg2000, head.isSigned != layout.isSigned { codes.append(.signMismatch) }
        }
        if isColorChanged { codes.append(.colorMismatch) }
        if layout.hasUnusualHighBit { codes.append(.unusualHighBit) }
        return codes.map { DICOMWarning($0, path: DICOMTag.pixelData.hexadecimal) }
    }
}
