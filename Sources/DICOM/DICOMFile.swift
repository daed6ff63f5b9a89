package import Imaging

/// A DICOM file parsed from memory: header at once, frames on demand.
///
/// What can be read is read: oddities become `warnings`, and only a file without anything usable is an error. The
/// bytes are shared, not copied; the pixels never pass through DCMTK.
///
/// **Cost** of the header about one microsecond an element; of a frame one pass over its samples.
/// **Source** PS3.10 section 7 (file format), PS3.5 (data set).
package struct DICOMFile: Sendable {
    /// Group 0002.
    package let fileMeta: DICOMHeader
    /// Every attribute but the pixel data.
    package let header: DICOMHeader
    /// From the file meta information; `nil` when the file has none.
    package let transferSyntaxUID: String?
    package let warnings: [DICOMWarning]
    /// Where the pixel data lies in the file, or in the inflated data set when the syntax is deflated.
    package let pixelData: PixelDataLocation?
    /// False when the file was read only up to its pixels.
    package let holdsPixelBytes: Bool

    private let contents: DICOMContents

    /// Parses a whole file, or the beginning of one.
    ///
    /// `fileByteCount` is the size of the file when `bytes` is a prefix of it; with `stopBeforePixels`, a prefix of
    /// 32 KiB is nearly always enough. Of the data set's own attributes only those in `selection` are kept, where it
    /// is given, which takes a fraction of the time.
    ///
    /// **Throws** `empty`, `notDICOM`, `needsMoreBytes` (with `neededByteCount`), `truncated` (no
    /// element is whole), `malformed`, `inflatedTooLarge`, `damagedDeflateStream`, `dictionaryMissing`.
    package init(
        bytes: [UInt8], stopBeforePixels: Bool = false, selection: Set<DICOMTag>? = nil, fileByteCount: Int? = nil
    ) throws(DICOMError) {
        guard DICOMDictionary.isLoaded else {
            throw DICOMError(
                code: .dictionaryMissing, subject: "file",
                reason: "DCMTK's data dictionary is not installed; install it or set DCMDICTPATH")
        }
        let opened = try DICOMContents(
            bytes: bytes, stopBeforePixels: stopBeforePixels, selection: selection, fileByteCount: fileByteCount)
        let structure = opened.structure
        contents = opened
        fileMeta = opened.fileMeta
        transferSyntaxUID = opened.syntax?.uid
        header = structure.header
        pixelData = structure.pixelData
        holdsPixelBytes = !stopBeforePixels
        warnings =
            opened.warnings + Self.pixelWarnings(header: structure.header, location: structure.pixelData)
    }

    private static func pixelWarnings(
        header: DICOMHeader, location: PixelDataLocation?
    ) -> [DICOMWarning] {
        var warnings: [DICOMWarning] = []
        if header[.numberOfFrames].map({ $0.value != .empty }) ?? false, (header.numberOfFrames ?? 0) < 1 {
            warnings.append(DICOMWarning(.invalidNumberOfFrames, path: DICOMTag.numberOfFrames.hexadecimal))
        }
        guard let location, let declared = location.declaredByteCount,
            let layout = try? PixelLayout(header: header, location: location)
        else { return warnings }
        let needed = layout.neededByteCount
        let path = location.tag.hexadecimal
        if declared < needed { warnings.append(DICOMWarning(.pixelDataShort, path: path)) }
        // One byte more is the padding to an even length.
        if declared - 1 > needed { warnings.append(DICOMWarning(.pixelDataLong, path: path)) }
        return warnings
    }

    /// True for images; false for reports, structure sets, presentation states, key objects, waveforms.
    package var hasPixels: Bool { pixelData != nil }

    /// True for a media directory (PS3.3 annex F), which lists files and is none of them.
    package var isDICOMDIR: Bool {
        fileMeta.string(.mediaStorageSOPClassUID) == "1.2.840.10008.1.3.10" || header[.directoryRecordSequence] != nil
    }

    /// Byte offset in the file of the pixel data's value; `nil` without pixels or when the data set is deflated.
    package var pixelDataOffset: Int? { contents.isInflated ? nil : pixelData?.valueOffset }

    /// Frames that the header announces; 0 without pixels.
    package var frameCount: Int { hasPixels ? header.frameCount : 0 }

    /// Byte offset in the file of one frame's samples, where frames are stored as they are and byte-aligned.
    package func frameOffset(_ index: Int) -> Int? {
        guard let start = pixelDataOffset, let pixelData, !pixelData.isEncapsulated,
            let layout = try? PixelLayout(header: header, location: pixelData),
            !layout.isPacked, !layout.isSubsampled, let syntax = transferSyntaxUID,
            DICOMTransferSyntax(uid: syntax).isNative
        else { return nil }
        return start + index * layout.storedFrameByteCount
    }

    /// Stored values of one frame.
    ///
    /// **Throws** `noPixels`, `truncated`, `pixelsNotRead`, `unsupportedTransferSyntax`, `unsupportedPixelFormat`,
    /// `pixelDataTruncated`, `frameOutOfRange`, `damagedCodeStream`, `codeStreamMismatch`, `decodedTooLarge`.
    package func frame(_ index: Int) throws(DICOMError) -> PixelBuffer { try frameSource().frame(index) }

    /// The decoder of this file's frames, made once for all of them.
    package func frameSource() throws(DICOMError) -> any DICOMFrameSource {
        guard let pixelData else {
            throw DICOMError(
                code: isCut ? .truncated : .noPixels, subject: "file",
                reason: isCut ? "it ends before its pixel data; fetch it again" : "it holds no image")
        }
        guard holdsPixelBytes else {
            throw DICOMError(
                code: .pixelsNotRead, subject: "file", reason: "only its header was read; read the whole file")
        }
        let syntax = transferSyntaxUID.map { DICOMTransferSyntax(uid: $0) }
        let coding = syntax?.pixelCoding ?? .native
        if case .refused(let reason) = coding { throw .unsupported(syntax, reason) }
        let layout = try PixelLayout(header: header, location: pixelData)
        if pixelData.isEncapsulated {
            return try EncapsulatedFrameSource(
                contents: contents, location: pixelData, layout: layout, header: header, syntax: syntax)
        }
        // Samples under the name of a compressed syntax, as some archives leave them after decompressing.
        let excess = (pixelData.declaredByteCount ?? 0).subtractingReportingOverflow(layout.neededByteCount)
            .partialValue
        guard coding == .native || (0...1).contains(excess) else {
            throw .unsupported(syntax, "its pixel data is not in fragments")
        }
        return NativeFrameSource(
            contents: contents, location: pixelData, layout: layout, header: header, syntax: syntax)
    }
}
