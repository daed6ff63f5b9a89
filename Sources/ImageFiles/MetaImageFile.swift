package import Imaging

/// A MetaImage volume or picture: `.mhd` with its `.raw` or `.zraw`, or an `.mha` that holds both.
///
/// Frame `f` is slice `f`. Rows and columns as stored, nothing is flipped; element `[f][j][i]` is that of SimpleITK's
/// `GetArrayFromImage`.
package struct MetaImageFile: Sendable {
    package let header: MetaImageHeader
    private let voxels: ImageBytes
    private let start: Int

    /// What an inflated file may take by default: 4 GiB.
    package static let defaultMaximumByteCount = GzipInflate.defaultLimit

    /// Reads a file that is in memory already.
    ///
    /// - Parameters:
    ///   - bytes: the `.mhd` or `.mha`.
    ///   - data: the file that the header names; `nil` where there is none.
    ///
    /// **Throws** the codes of `MetaImageHeader.init`, `missingCompanion`, `truncated`, `corrupt`, `tooLarge`.
    package init(
        bytes: [UInt8], data: [UInt8]?, maximumByteCount: Int = defaultMaximumByteCount
    ) throws(ImageFileError) {
        header = try MetaImageHeader(prefix: bytes)
        guard let source = header.dataFile == .local ? bytes : data else {
            throw .metaImage(.missingCompanion, "its voxels are in a file of their own, which is not beside it")
        }
        if header.isCompressed {
            voxels = .memory(try Self.inflated(source, header: header, limit: maximumByteCount))
            start = 0
        } else {
            voxels = .memory(source)
            start = header.dataOffset ?? source.count - header.dataByteCount
        }
        guard start >= 0, start + header.dataByteCount <= voxels.count else {
            throw .metaImage(
                .truncated, "its voxels need \(header.dataByteCount) bytes and end early; copy the file again",
                at: voxels.count)
        }
    }

    private static func inflated(
        _ source: [UInt8], header: MetaImageHeader, limit: Int
    ) throws(ImageFileError) -> [UInt8] {
        let needed = header.dataByteCount
        let offset = min(header.dataOffset ?? 0, source.count)
        guard needed <= limit else {
            throw .metaImage(.tooLarge, "it inflates to \(needed) bytes and \(limit) are allowed")
        }
        // Deflate cannot expand more than 1032-fold: nothing is set aside for a size that cannot be.
        guard needed / 1_032 <= source.count else {
            throw .metaImage(.truncated, "its compressed voxels end early; copy the file again", at: source.count)
        }
        let compressed = offset == 0 ? source : Array(source[offset...])
        do {
            return try GzipInflate.inflate(
                compressed, framing: .zlib, limit: needed + 1 << 20, expectedCount: needed + 1)
        } catch {
            throw ImageFileError(
                code: error.code == .notAGzip ? .corrupt : error.code, format: .metaImage, reason: error.reason,
                byteOffset: error.byteOffset, underlying: error)
        }
    }

    /// One slice, as stored but for the byte order, which is the machine's.
    ///
    /// **Throws** `invalidRequest` for a frame that is not there.
    package func frame(at index: Int) throws(ImageFileError) -> PixelBuffer {
        guard (0..<frameCount).contains(index) else {
            throw .metaImage(.invalidRequest, "frame \(index) was asked of \(frameCount)")
        }
        var bytes = try voxels.read(at: start + index * header.frameByteCount, count: header.frameByteCount)
        if header.isBigEndian { bytes.reverseElements(ofWidth: header.pixelType.byteCount) }
        do {
            return try PixelBuffer(
                type: header.pixelType, rows: header.rows, columns: header.columns,
                samplesPerPixel: header.samplesPerPixel, bytes: bytes)
        } catch {
            throw ImageFileError(
                code: .corrupt, format: .metaImage, reason: "a frame has an impossible shape", underlying: error)
        }
    }
}

extension MetaImageFile: VolumeFile {
    package var frameCount: Int { header.slices }
    package var rescale: Rescale? { nil }
    package var samplesPerPixel: Int { header.samplesPerPixel }

    package func geometry() -> VolumeGeometry? { header.geometry }

    package func byteOffset(ofFrame index: Int) -> Int? {
        header.isCompressed ? nil : start + index * header.frameByteCount
    }
}
