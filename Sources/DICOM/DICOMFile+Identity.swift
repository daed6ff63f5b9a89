/// What a file is called, leniently: what its data set leaves out, its file meta information may say.
extension DICOMFile {
    /// SOP Instance UID (0008,0018), else Media Storage SOP Instance UID (0002,0003).
    package var sopInstanceUID: String? { header.sopInstanceUID ?? fileMeta.string(.mediaStorageSOPInstanceUID) }

    /// SOP Class UID (0008,0016), else Media Storage SOP Class UID (0002,0002).
    package var sopClassUID: String? { header.sopClassUID ?? fileMeta.string(.mediaStorageSOPClassUID) }

    /// Oddities of identifiers and of the numbers that place and scale an image; the file is read all the same.
    package var attributeWarnings: [DICOMWarning] {
        var warnings: [DICOMWarning] = []
        func warn(_ code: DICOMWarning.Code, _ tag: DICOMTag) {
            warnings.append(DICOMWarning(code, path: tag.hexadecimal))
        }
        if header.sopClassUID == nil { warn(.missingSOPClass, .sopClassUID) }
        if header.sopInstanceUID == nil { warn(.missingInstanceUID, .sopInstanceUID) }
        for tag in Self.identifiers where !Self.isUID(header.string(tag) ?? "") { warn(.invalidUID, tag) }
        for tag in [DICOMTag.patientID, .issuerOfPatientID] where header.strings(tag)?.count ?? 0 > 1 {
            warn(.severalPatientIDs, tag)
        }
        if header.integer(.instanceNumber) != header.instanceNumber { warn(.unreadableNumber, .instanceNumber) }
        for tag in Self.numbers where !Self.isReadable(header[tag]) { warn(.unreadableNumber, tag) }
        for tag in [DICOMTag.rescaleSlope, .rescaleIntercept] where !Self.isReadable(header[tag]) {
            warn(.unusableRescale, tag)
        }
        if header.rescaleSlope == 0 { warn(.unusableRescale, .rescaleSlope) }
        if let overlay = header.elements.first(where: { $0.tag.isOverlay }) { warn(.overlayPlane, overlay.tag) }
        return warnings
    }

    private static let identifiers: [DICOMTag] = [
        .sopClassUID, .sopInstanceUID, .studyInstanceUID, .seriesInstanceUID, .frameOfReferenceUID,
    ]
    private static let numbers: [DICOMTag] = [
        .instanceNumber, .imagePositionPatient, .imageOrientationPatient, .pixelSpacing, .sliceLocation,
        .sliceThickness, .windowCenter, .windowWidth,
    ]

    /// PS3.5 section 9.1: at most 64 digits and dots.
    private static func isUID(_ text: String) -> Bool {
        text.utf8.count <= 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
    }

    private static func isReadable(_ element: DICOMElement?) -> Bool {
        guard let element, case .strings(let values) = element.value, values.contains(where: { !$0.isEmpty }) else {
            return true
        }
        return values.allSatisfy { DICOMText.decimal($0) != nil }
    }
}
