package import Imaging

/// What the formats of whole volumes have in common, as far as storing them needs it.
package protocol VolumeFile: Sendable {
    var frameCount: Int { get }
    var samplesPerPixel: Int { get }
    /// From stored values to real ones.
    var rescale: Rescale? { get }
    /// The grid of the volume; `nil` where the file holds several volumes or a single picture.
    func geometry() throws -> VolumeGeometry?
    /// One slice, as stored.
    func frame(at index: Int) throws(ImageFileError) -> PixelBuffer
    /// Where the frame lies in the file that holds it; `nil` where it is compressed.
    func byteOffset(ofFrame index: Int) -> Int?
}

extension NIfTIFile: VolumeFile {
    package func geometry() throws -> VolumeGeometry? {
        guard volumes == 1 else { return nil }
        return try VolumeGeometry(rasAffine: rasAffine, columns: columns, rows: rows, slices: slices)
    }

    package func byteOffset(ofFrame index: Int) -> Int? {
        header.dataOffset + index * header.frameByteCount
    }
}
