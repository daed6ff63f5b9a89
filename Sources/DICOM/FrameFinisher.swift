internal import Imaging

/// From decoded samples to the frame that is stored: word size, sign, unused bits, interleaving, colours.
///
/// **Source** pydicom 3.0.2, `pixels/decoders/base.py`: `_correct_unused_bits`, `_apply_sign_correction`,
/// `_process_color_space`.
struct FrameFinisher: Sendable {
    private let layout: PixelLayout
    /// The colours of the samples as they come.
    private let codedPhotometricInterpretation: String?

    init(layout: PixelLayout, photometricInterpretation: String?) {
        self.layout = layout
        codedPhotometricInterpretation = photometricInterpretation
    }

    /// Of the finished frames.
    var photometricInterpretation: String? { turnsIntoRGB ? "RGB" : codedPhotometricInterpretation }

    private var turnsIntoRGB: Bool {
        layout.type == .u8 && layout.samplesPerPixel == 3
            && ["YBR_FULL", "YBR_FULL_422"].contains(codedPhotometricInterpretation)
    }

    /// **Throws** `unsupportedPixelFormat` when the samples do not fill the frame.
    func buffer(_ decoded: consuming DecodedSamples) throws(DICOMError) -> PixelBuffer {
        let type = Self.type(of: decoded, layout: layout)
        var samples = decoded.takeBytes()
        if decoded.width != type.byteCount {
            samples = SampleWords.widened(
                samples, from: decoded.width, to: type.byteCount, isSigned: decoded.isSigned)
        }
        if let bits = significantBits(of: decoded), bits < 8 * type.byteCount, !type.isFloatingPoint {
            SampleWords.reduce(&samples, width: type.byteCount, toBits: bits, isSigned: layout.isSigned)
        }
        if decoded.isPlanar {
            samples = SampleOrder.interleaved(
                samples, pixels: layout.pixelCount, channels: layout.samplesPerPixel, width: type.byteCount)
        }
        if turnsIntoRGB { SampleColor.turnIntoRGB(&samples) }
        do {
            return try PixelBuffer(
                type: type, rows: layout.rows, columns: layout.columns, samplesPerPixel: layout.samplesPerPixel,
                bytes: samples)
        } catch {
            throw DICOMError(
                code: .unsupportedPixelFormat, subject: "pixel data", reason: "its samples do not fill a frame",
                underlying: error)
        }
    }

    /// The type of the header, or a wider one where the code stream has more bits than Bits Allocated.
    private static func type(of decoded: DecodedSamples, layout: PixelLayout) -> PixelType {
        guard decoded.width > layout.type.byteCount else { return layout.type }
        return PixelLayout.integerType(ofBits: 8 * decoded.width, isSigned: layout.isSigned)
    }

    /// The bits of a word that are the value; `nil` where all are.
    ///
    /// JPEG-LS knows no sign: its precision is where the sign bit is. JPEG 2000 knows it: where it says otherwise than
    /// the header, the bits of its precision are read by the header's sign (grey only, as pydicom).
    private func significantBits(of decoded: DecodedSamples) -> Int? {
        guard let precision = decoded.precision else { return layout.significantBits }
        if decoded.knowsSign { return decoded.isSigned != layout.isSigned && layout.isGrey ? precision : nil }
        return layout.isSigned ? precision : nil
    }
}
