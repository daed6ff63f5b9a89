package import Imaging

/// Writes NIfTI-1 single files (`.nii`, `.nii.gz`), little-endian.
///
/// The affine goes into the sform (code 1, scanner), and into the qform too when its axes are perpendicular; units are
/// mm and s; every text field is empty, so that nothing about a patient can be in it. The same input gives the same
/// bytes. Without a place both codes are 0, and the units unknown: voxels that are of 1 mm for want of anything better
/// do not look as if somebody had measured them.
package struct NIfTIWriter: Sendable {
    package let datatype: NIfTIDatatype
    package let columns: Int
    package let rows: Int
    package let slices: Int
    package let volumes: Int
    /// From (i, j, k) = (column, row, slice) to world, RAS. **Units** mm
    package let rasAffine: VoxelAffine
    /// Whether the affine is one in the patient.
    package let hasPlace: Bool
    package let rescale: Rescale?

    package var frameCount: Int { slices * volumes }

    /// **Throws** `invalidRequest` for sides beyond 32,767, pixels without a NIfTI type, or an affine that is
    /// not finite.
    package init(
        pixelType: PixelType, samplesPerPixel: Int = 1, columns: Int, rows: Int, slices: Int, volumes: Int = 1,
        rasAffine: VoxelAffine, hasPlace: Bool = true, rescale: Rescale? = nil
    ) throws(ImageFileError) {
        guard let datatype = NIfTIDatatype(pixelType: pixelType, samplesPerPixel: samplesPerPixel) else {
            throw .nifti(.invalidRequest, "\(samplesPerPixel) \(pixelType.rawValue) samples a voxel have no NIfTI type")
        }
        guard [columns, rows, slices, volumes].allSatisfy((1...Int(Int16.max)).contains) else {
            throw .nifti(.invalidRequest, "a side is not between 1 and 32,767 voxels")
        }
        guard rasAffine.rows.joined().allSatisfy({ Float($0).isFinite }) else {
            throw .nifti(.invalidRequest, "the affine holds numbers that are not finite")
        }
        self.datatype = datatype
        self.columns = columns
        self.rows = rows
        self.slices = slices
        self.volumes = volumes
        self.rasAffine = rasAffine
        self.hasPlace = hasPlace
        self.rescale = rescale
    }

    /// A whole file in memory; frames in the order of `NIfTIFile.frame(at:)`.
    ///
    /// **Parameter** compression zlib's level 1–9 for `.nii.gz`, `nil` for `.nii`.
    /// **Throws** `invalidRequest` when the frames are not those announced.
    package func encode(_ frames: [PixelBuffer], compression: Int? = nil) throws(ImageFileError) -> [UInt8] {
        guard frames.count == frameCount else {
            throw .nifti(.invalidRequest, "\(frames.count) frames were given and \(frameCount) announced")
        }
        var file = headerBytes()
        file.reserveCapacity(file.count + frameCount * columns * rows * datatype.bytesPerPixel)
        for frame in frames {
            file += try checked(frame).bytes
        }
        guard let compression else { return file }
        var deflater = try GzipDeflater(level: compression)
        return try deflater.deflate(file, isLast: true)
    }

    /// Streams a file to disk; one frame is in memory at a time.
    ///
    /// **Throws** what `frame` throws, `invalidRequest`, `unwritable`; an incomplete file is left for the caller to
    /// remove.
    package func write(
        toPath path: String, compression: Int? = nil, frame: (Int) throws -> PixelBuffer
    ) throws {
        let file = try OutputFile(path: path, format: .nifti)
        var deflater = try compression.map { (level) throws(ImageFileError) in try GzipDeflater(level: level) }
        try file.write(deflater?.deflate(headerBytes(), isLast: false) ?? headerBytes())
        for index in 0..<frameCount {
            let bytes = try checked(frame(index)).bytes
            try file.write(deflater?.deflate(bytes, isLast: index == frameCount - 1) ?? bytes)
        }
        try file.finish()
    }

    private func checked(_ frame: PixelBuffer) throws(ImageFileError) -> PixelBuffer {
        guard
            frame.rows == rows, frame.columns == columns, frame.type == datatype.pixelType,
            frame.samplesPerPixel == datatype.samplesPerPixel
        else {
            throw .nifti(.invalidRequest, "a frame does not have the announced shape and type")
        }
        return frame
    }
}
