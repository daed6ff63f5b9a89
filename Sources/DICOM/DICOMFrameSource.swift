package import Imaging

/// Gives the frames of one image, whatever they are stored as; one implementation per family of transfer syntaxes.
///
/// The array of a frame equals pydicom's `pixel_array` with its default options: samples interleaved, bits above Bits
/// Stored taken away, 8-bit YBR_FULL and YBR_FULL_422 turned into RGB, palette indices and MONOCHROME1 as they are,
/// one-bit pixels as 0 and 1. Frames may be asked for from several threads at once.
package protocol DICOMFrameSource: Sendable {
    /// Frames that are there: those of Number of Frames, and whole ones beyond it (`excessFrames`).
    var frameCount: Int { get }
    /// Photometric Interpretation of the frames as given: RGB where colours were turned into it.
    var photometricInterpretation: String? { get }
    /// Oddities of the pixel data as a whole.
    var warnings: [DICOMWarning] { get }

    /// Stored values of frame `index`, counted from 0: not rescaled.
    func frame(_ index: Int) throws(DICOMError) -> PixelBuffer
}
