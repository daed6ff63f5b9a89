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
}
