internal import Crypto
internal import DICOM

/// Which image series a segmentation or structure set says it marks.
enum ObjectReferences {
    /// Series Instance UIDs in the order of the header, each once; none for objects of another kind, whose references
    /// say something else.
    ///
    /// **Source** PS3.3 C.12.2 (Common Instance Reference) and C.8.8.5 (Structure Set).
    static func series(of header: DICOMHeader) -> [String] {
        let items =
            switch header.modality {
            case "SEG": header.items(.referencedSeriesSequence)
            case "RTSTRUCT":
                header.items(.referencedFrameOfReferenceSequence)
                    .flatMap { $0.items(DICOMTag(0x3006, 0x0012)) }.flatMap { $0.items(DICOMTag(0x3006, 0x0014)) }
            default: [DICOMHeader]()
            }
        var seen: Set<String> = []
        return items.compactMap(\.seriesInstanceUID).filter { seen.insert($0).inserted }
    }

    private static let mark = "#marks:"

    /// What a segmentation that marks these series has behind the Series Instance UID in the key of its own: converters
    /// give one UID to objects of several patients, and each object goes where its images are. In whatever order they are named.
    static func suffix(marking series: [String]) -> String {
        guard !series.isEmpty else { return "" }
        return mark + hexadecimal(SHA256.hash(data: Array(series.sorted().joined(separator: "\\").utf8)).prefix(8))
    }

    /// The key of a series without that.
    static func commonKey(of seriesKey: String) -> String {
        seriesKey.firstRange(of: mark).map { String(seriesKey[..<$0.lowerBound]) } ?? seriesKey
    }
}
