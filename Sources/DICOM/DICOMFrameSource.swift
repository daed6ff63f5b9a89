package import Imaging

/// Gives the frames of one image, whatever they are stored as; one implementation per family of transfer syntaxes.
package protocol DICOMFrameSource: Sendable {
    var frameCount: Int { get }

    /// Stored values of frame `index`, counted from 0: not rescaled, not masked to Bits Stored, colours as they are.
    func frame(_ index: Int) throws(DICOMError) -> PixelBuffer
}
