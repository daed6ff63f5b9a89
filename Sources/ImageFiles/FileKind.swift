/// What a file is, judged by its first bytes and never by its name.
package enum FileKind: String, Sendable, CaseIterable {
    /// `DICM` at byte 128. Files without the preamble are not recognised here: the DICOM reader has the last word.
    case dicom
    case nifti1
    case nifti2
    /// MetaImage, with its voxels or without them: begins with `ObjectType =` or `NDims =`.
    case metaImage = "meta_image"
    case jpeg
    case png
    /// Gzip whose content is none of the above.
    case gzip
    case zip
    case xml
    /// Anything that reads as text (CSV, README, YAML).
    case text
    case empty
    case unknown

    /// How many bytes are worth reading before asking.
    package static let prefixByteCount = 4_096

    /// **Cost** no allocation but for gzip, of which 540 bytes are inflated.
    package init(prefix bytes: [UInt8]) {
        self = Self.ofSignature(bytes) ?? Self.ofText(bytes) ?? .unknown
    }

    /// A NIfTI file inside gzip is `nifti1`/`nifti2`: this says whether it also needs inflating.
    package static func isCompressed(_ bytes: [UInt8]) -> Bool { GzipInflate.isGzip(bytes) }

    private static func ofSignature(_ bytes: [UInt8]) -> FileKind? {
        if bytes.isEmpty { return .empty }
        if bytes.count >= 132, bytes[128..<132].elementsEqual("DICM".utf8) { return .dicom }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        // A local file header, or the end record of an empty archive.
        if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) { return .zip }
        if GzipInflate.isGzip(bytes) {
            let content = try? GzipInflate.prefix(bytes, count: NIfTIHeader.longestByteCount)
            return content.flatMap(ofNIfTI) ?? .gzip
        }
        return ofNIfTI(bytes)
    }

    private static func ofNIfTI(_ bytes: [UInt8]) -> FileKind? {
        guard let fields = try? NIfTIHeaderFields(bytes) else { return nil }
        return fields.version == 1 ? .nifti1 : .nifti2
    }

    /// Text has no control characters but white space; UTF-16 is known by its mark.
    private static func ofText(_ bytes: [UInt8]) -> FileKind? {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return .text }
        let marked = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        let body = marked.drop(while: \.isWhiteSpace)
        // The voxels of an `.mha` follow its header, so that the whole is no text.
        if isMetaImage(body) { return .metaImage }
        let isText = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
        guard isText else { return nil }
        return body.starts(with: "<?xml".utf8) ? .xml : .text
    }

    private static func isMetaImage(_ body: ArraySlice<UInt8>) -> Bool {
        ["ObjectType", "NDims"].contains { key in
            guard body.starts(with: key.utf8) else { return false }
            return body.dropFirst(key.utf8.count).first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "=")
        }
    }
}

extension UInt8 {
    fileprivate var isWhiteSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
