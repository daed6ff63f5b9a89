package import Imaging

/// A NIfTI-1 or NIfTI-2 image: `.nii`, `.nii.gz`, or a `.hdr` with its `.img`, recognised by content.
///
/// Frame `f` is slice `f % slices` of volume `f / slices`. Its rows run along j and its columns along i, so element
/// `[j][i]` is nibabel's `img.dataobj.get_unscaled()[i, j, k]`: memory order is kept, nothing is flipped.
///
/// A plain file opened by path is read frame by frame (`pread`), so memory does not grow with it; compressed data is
/// inflated whole, at most `maximumByteCount`.
package struct NIfTIFile: Sendable {
    package let header: NIfTIHeader
    package let affine: NIfTIAffine
    private let voxels: ImageBytes

    package var pixelType: PixelType { header.datatype.pixelType }
    package var samplesPerPixel: Int { header.datatype.samplesPerPixel }
    package var columns: Int { header.columns }
    package var rows: Int { header.rows }
    package var slices: Int { header.slices }
    package var volumes: Int { header.volumes }
    package var frameCount: Int { header.frameCount }
    /// From stored values to real ones; `nil` where the header has no valid slope.
    package var rescale: Rescale? { header.rescale }
    /// From (i, j, k) = (column, row, slice) to world, RAS. **Units** mm
    package var rasAffine: VoxelAffine {
        let (stored, factor) = (affine.rasAffine, header.spatialUnit.millimetres)
        return VoxelAffine(
            i: stored.i * factor, j: stored.j * factor, k: stored.k * factor, translation: stored.translation * factor)
    }

    /// What an inflated file may take by default: 4 GiB.
    package static let defaultMaximumByteCount = GzipInflate.defaultLimit

    /// Reads a file that is in memory already; `companion` holds the `.img` of a pair.
    ///
    /// **Throws** the codes of `NIfTIHeader.init` and `affine()`, `truncated`, `tooLarge`, `missingCompanion`, those of
    /// gzip.
    package init(
        bytes: [UInt8], companion: [UInt8]? = nil, maximumByteCount: Int = defaultMaximumByteCount
    ) throws(ImageFileError) {
        let header = try NIfTIHeader(prefix: bytes)
        guard let source = header.isPair ? companion : bytes else { throw .missingCompanion }
        try self.init(header: header, source: .memory(source), maximumByteCount: maximumByteCount)
    }

    /// Opens a file; for a `.hdr` the `.img` beside it is found by name unless `imagePath` gives it.
    ///
    /// **Throws** as above, and `unreadable`.
    package init(
        path: String, imagePath: String? = nil, maximumByteCount: Int = defaultMaximumByteCount
    ) throws(ImageFileError) {
        let file = try OpenFile(path: path, format: .nifti)
        let header = try NIfTIHeader(prefix: file.read(at: 0, count: 4_096))
        let source = header.isPair ? try Self.openCompanion(of: path, named: imagePath) : file
        try self.init(header: header, source: .file(source), maximumByteCount: maximumByteCount)
    }

    private init(header: NIfTIHeader, source: ImageBytes, maximumByteCount: Int) throws(ImageFileError) {
        self.header = header
        affine = try header.affine()
        let (end, overflow) = header.dataOffset.addingReportingOverflow(header.dataByteCount)
        guard !overflow else { throw .nifti(.hostileHeader, "its voxels would end beyond any file") }
        if GzipInflate.isGzip(try source.read(at: 0, count: 2)) {
            guard end <= maximumByteCount else {
                throw .nifti(.tooLarge, "it inflates to \(end) bytes and \(maximumByteCount) are allowed")
            }
            // Bytes behind the voxels are allowed for, up to a mebibyte; deflate cannot expand more than 1032-fold.
            guard end / 1_032 <= source.count else { throw .endsEarly(at: source.count, needed: end) }
            let compressed = try source.readAll()
            let limit = end + 1 << 20
            voxels = .memory(try GzipInflate.inflate(compressed, limit: limit, expectedCount: end + 1))
        } else {
            voxels = source
        }
        // A file cut behind its header is common; an offset of its own beyond the end is a lie.
        guard header.dataOffset < voxels.count || header.dataOffset <= header.leastDataOffset else {
            throw .nifti(
                .hostileHeader, "its voxels would begin at byte \(header.dataOffset), behind its end", at: voxels.count)
        }
        guard end <= voxels.count else { throw .endsEarly(at: voxels.count, needed: end) }
    }

    /// One slice of one volume, as stored.
    ///
    /// **Throws** `invalidRequest` for a frame that is not there; `truncated` or `unreadable` when the file changed.
    package func frame(at index: Int) throws(ImageFileError) -> PixelBuffer {
        guard (0..<frameCount).contains(index) else {
            throw .nifti(.invalidRequest, "frame \(index) was asked of \(frameCount)")
        }
        let offset = header.dataOffset + index * header.frameByteCount
        var bytes = try voxels.read(at: offset, count: header.frameByteCount)
        guard bytes.count == header.frameByteCount else {
            throw .endsEarly(at: offset + bytes.count, needed: offset + header.frameByteCount)
        }
        if header.isBigEndian {
            bytes.reverseElements(ofWidth: pixelType.byteCount)
        }
        do {
            return try PixelBuffer(
                type: pixelType, rows: rows, columns: columns, samplesPerPixel: samplesPerPixel, bytes: bytes)
        } catch {
            throw ImageFileError(
                code: .corrupt, format: .nifti, reason: "a frame has an impossible shape", underlying: error)
        }
    }

    /// Slice `k` of volume `volume`.
    package func frame(slice k: Int, volume: Int = 0) throws(ImageFileError) -> PixelBuffer {
        guard (0..<slices).contains(k) else {
            throw .nifti(.invalidRequest, "slice \(k) was asked of \(slices)")
        }
        return try frame(at: volume * slices + k)
    }

    /// `scan.hdr` has `scan.img` or `scan.img.gz`; `scan.hdr.gz` likewise.
    private static func openCompanion(of path: String, named imagePath: String?) throws(ImageFileError) -> OpenFile {
        var stem = path[...]
        if stem.lowercased().hasSuffix(".gz") { stem = stem.dropLast(3) }
        if stem.lowercased().hasSuffix(".hdr") { stem = stem.dropLast(4) }
        let candidates = imagePath.map { [$0] } ?? [".img", ".img.gz", ".IMG"].map { stem + $0 }
        for candidate in candidates {
            if let file = try? OpenFile(path: candidate, format: .nifti) { return file }
        }
        throw .missingCompanion
    }
}

extension ImageFileError {
    fileprivate static var missingCompanion: ImageFileError {
        .nifti(.missingCompanion, "its voxels are in a file of their own; put the .img beside the .hdr")
    }

    fileprivate static func endsEarly(at end: Int, needed: Int) -> ImageFileError {
        .nifti(.truncated, "its voxels need \(needed) bytes and it ends early; copy the file again", at: end)
    }
}
