internal import Datasets
internal import ImageFiles

/// A file whose name says that it is an image, while its bytes are none that is read.
///
/// What a file is, its bytes say; a PNG called `.jpg` is stored. Only where they say nothing does the name count: zeros
/// under the name `1.dcm` are a lost image, and passing them by would lose it without a word.
struct NamedImage: Sendable {
    static let code = "not_as_named"

    /// Endings of the formats that are read, by what the format is called.
    private static let formats = [
        "dcm": "DICOM", "dicom": "DICOM", "nii": "NIfTI", "nii.gz": "NIfTI", "mhd": "MetaImage", "mha": "MetaImage",
        "png": "PNG", "jpg": "JPEG", "jpeg": "JPEG",
    ]

    private let ending: String
    private let format: String

    /// `nil` where the name promises nothing.
    ///
    /// macOS writes `._1.dcm` beside `1.dcm`, for what its file system knows of that one.
    init?(_ file: SourceFile) {
        let ending = file.fileExtension
        guard !file.name.hasPrefix("._"), let format = Self.formats[ending] else { return nil }
        self.ending = ending
        self.format = format
    }

    /// Cut inside its header, a volume is recognised by nothing but its name.
    var isVolume: Bool { format == "NIfTI" }

    /// Why the file is refused, and what to do.
    func complaint(_ kind: FileKind, head: [UInt8]) -> String {
        "its name ends in .\(ending), and its bytes are not \(format) but \(Self.content(kind, head)); fetch it again "
            + "from its source, or give it another name if it is no image"
    }

    private static func content(_ kind: FileKind, _ head: [UInt8]) -> String {
        switch kind {
        case .text: "text"
        case .xml: "XML"
        case .zip: "a ZIP archive"
        case .gzip: "gzip of something else"
        default: head.allSatisfy { $0 == 0 } ? "zeros" : "of no format that is known here"
        }
    }
}
