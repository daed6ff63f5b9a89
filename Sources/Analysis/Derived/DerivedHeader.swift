internal import DICOM
internal import Imaging

/// The header of one derived slice: that of its source, with what makes it an object of its own.
///
/// Kept: patient, study, acquisition, frame of reference, plane, window. New: instance and series UID, image type
/// DERIVED\SECONDARY, source references, derivation, and where the source lies in a warehouse. Left out: private
/// groups, functional groups, everything about the pixels as they were.
/// **Source** PS3.3 C.7.6.1.1.2 (image type), C.12.4.1 (derivation), A.3 (CT Image), A.8.1 (Secondary Capture).
struct DerivedHeader {
    let series: AnalysedSeries
    let identity: Identity

    /// What is said once for the derived series.
    struct Identity: Sendable {
        let seriesUID: String
        let seriesNumber: Int
        let description: String
        let derivation: String
        let version: String
        let source: DerivationRecord
    }

    private static let ctImage = "1.2.840.10008.5.1.4.1.1.2"
    private static let secondaryCapture = "1.2.840.10008.5.1.4.1.1.7"
    /// Classes of single frames whose attributes a source of the same class brings along: CT, MR, PET, CR.
    private static let singleFrame: Set<String> = [
        ctImage, "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.128", "1.2.840.10008.5.1.4.1.1.1",
        secondaryCapture,
    ]
    /// Of group 0028 only what does not describe the pixels as they were: spacing, windows, lossy history.
    private static let keptOfGroup28: Set<UInt16> = [
        0x0030, 0x0301, 0x1050, 0x1051, 0x1055, 0x1056, 0x2110, 0x2112, 0x2114,
    ]
    private static let replaced: Set<DICOMTag> = [
        .specificCharacterSet, .imageType, .sopInstanceUID, .seriesInstanceUID, .seriesNumber, .seriesDescription,
        .sourceImageSequence, .contributingEquipmentSequence, DICOMTag(0x0008, 0x2111), DICOMTag(0x0008, 0x9215),
        DICOMTag(0x0008, 0x0014),
    ]

    func elements(of index: Int, source: DICOMHeader, format: DerivedFormat) -> [DICOMElement] {
        let slice = series.slices[index]
        let type = format.types[index]
        let objectClass = objectClass(source, type: type)
        var elements = required(index) + geometry(index) + source.elements.filter(isKept)
        elements += [
            text(.sopClassUID, .UI, objectClass),
            text(.sopInstanceUID, .UI, DerivedUID.make([identity.seriesUID, String(index)])),
            text(.seriesInstanceUID, .UI, identity.seriesUID),
            DICOMElement(tag: .imageType, vr: .CS, value: .strings(imageType(source))),
            text(.seriesNumber, .IS, String(identity.seriesNumber)),
            text(.seriesDescription, .LO, identity.description),
            text(DICOMTag(0x0008, 0x2111), .ST, identity.derivation),
            text(.instanceNumber, .IS, String(slice.instanceNumber ?? index + 1)),
            text(.photometricInterpretation, .CS, series.photometricInterpretation ?? "MONOCHROME2"),
        ]
        if let references = references(slice, source) { elements.append(references) }
        let equipment = identity.source.sequence(following: source, version: "slicehouse \(identity.version)")
        if let equipment { elements.append(equipment) }
        if objectClass == Self.secondaryCapture { elements.append(text(DICOMTag(0x0008, 0x0064), .CS, "WSD")) }
        return elements + rescale(format.fileRescales[index], objectClass: objectClass)
    }

    private func isKept(_ element: DICOMElement) -> Bool {
        let tag = element.tag
        guard !tag.isPrivate, tag.group >= 0x0008, tag.group < 0x5000, !Self.replaced.contains(tag) else {
            return false
        }
        return tag.group != 0x0028 || Self.keptOfGroup28.contains(tag.element)
    }

    // MARK: Parts

    private func objectClass(_ source: DICOMHeader, type: PixelType) -> String {
        let hasWords = type == .u16 || type == .i16
        if let own = source.string(.sopClassUID), Self.singleFrame.contains(own),
            hasWords || own == Self.secondaryCapture
        {
            return own
        }
        return series.modality == "CT" && hasWords && series.geometry != nil ? Self.ctImage : Self.secondaryCapture
    }

    private func imageType(_ source: DICOMHeader) -> [String] {
        let rest = (source.strings(.imageType) ?? []).dropFirst(2).filter { !$0.isEmpty }
        return ["DERIVED", "SECONDARY"] + (rest.isEmpty ? ["AXIAL"] : Array(rest))
    }

    /// Attributes that must be there, empty where nothing is known (type 2); the source's own come after and win.
    private func required(_ index: Int) -> [DICOMElement] {
        let empty: [(DICOMTag, DICOMVR)] = [
            (.studyDate, .DA), (.studyTime, .TM), (.accessionNumber, .SH), (.manufacturer, .LO),
            (.referringPhysicianName, .PN), (.patientBirthDate, .DA), (.patientSex, .CS), (.kvp, .DS),
            (.sliceThickness, .DS), (.acquisitionNumber, .IS), (DICOMTag(0x0020, 0x0010), .SH),
            (DICOMTag(0x0020, 0x1040), .LO), (.patientPosition, .CS), (DICOMTag(0x0008, 0x0023), .DA),
            (DICOMTag(0x0008, 0x0033), .TM),
        ]
        var elements = empty.map { DICOMElement(tag: $0.0, vr: $0.1, value: .empty) }
        elements += [
            text(.patientID, .LO, series.patientKey), text(.patientName, .PN, series.patientKey),
            text(.modality, .CS, series.modality ?? "OT"),
            text(
                .studyInstanceUID, .UI, series.studyInstanceUID ?? DerivedUID.make(["study", String(series.studyID)])),
            text(
                .frameOfReferenceUID, .UI,
                series.frameOfReferenceUID ?? DerivedUID.make(["frame", String(series.seriesID)])),
            text(DICOMTag(0x0018, 0x1020), .LO, "slicehouse \(identity.version)"),
        ]
        if let thickness = series.sliceThickness { elements.append(decimals(.sliceThickness, [thickness])) }
        if identity.source.isClinical, identity.source.isNameless {
            elements.append(text(DICOMTag(0x0012, 0x0062), .CS, "YES"))
            elements.append(text(DICOMTag(0x0012, 0x0063), .LO, "Slicehouse: keyed pseudonyms, allow-listed header"))
        }
        if let window = series.slices[index].window {
            elements += [decimals(.windowCenter, [window.center]), decimals(.windowWidth, [window.width])]
        }
        return elements
    }

    /// The plane from the grid of the series, for sources whose files have no DICOM header.
    private func geometry(_ index: Int) -> [DICOMElement] {
        guard let grid = series.geometry else { return [] }
        let position = (0..<3).map {
            grid.origin[$0] + Double(index) * grid.sliceSpacing * grid.sliceDirection[$0]
        }
        return [
            decimals(.pixelSpacing, [grid.rowSpacing, grid.columnSpacing]),
            decimals(.imageOrientationPatient, grid.rowDirection + grid.columnDirection),
            decimals(.imagePositionPatient, position),
        ] + (series.sliceThickness == nil ? [decimals(.sliceThickness, [grid.sliceSpacing])] : [])
    }

    /// Source Image Sequence (0008,2112) with the purpose 121322, Source image for image processing operation.
    private func references(_ slice: AnalysedSeries.Slice, _ source: DICOMHeader) -> DICOMElement? {
        guard let uid = slice.sopInstanceUID, let objectClass = source.string(.sopClassUID) else { return nil }
        let purpose = DICOMHeader(elements: [
            text(DICOMTag(0x0008, 0x0100), .SH, "121322"), text(DICOMTag(0x0008, 0x0102), .SH, "DCM"),
            text(DICOMTag(0x0008, 0x0104), .LO, "Source image for image processing operation"),
        ])
        let item = DICOMHeader(elements: [
            text(DICOMTag(0x0008, 0x1150), .UI, objectClass), text(.referencedSOPInstanceUID, .UI, uid),
            DICOMElement(tag: DICOMTag(0x0040, 0xA170), vr: .SQ, value: .items([purpose])),
        ])
        return DICOMElement(tag: .sourceImageSequence, vr: .SQ, value: .items([item]))
    }

    private func rescale(_ line: Rescale?, objectClass: String) -> [DICOMElement] {
        // CT asks for the line always; elsewhere absence means that the values have no unit.
        guard let line = line ?? (objectClass == Self.ctImage ? .identity : nil) else { return [] }
        var elements = [
            text(.rescaleSlope, .DS, DecimalText.text(line.slope)),
            text(.rescaleIntercept, .DS, DecimalText.text(line.intercept)),
        ]
        if objectClass == Self.ctImage { elements.append(text(.rescaleType, .LO, "HU")) }
        return elements
    }

    private func text(_ tag: DICOMTag, _ vr: DICOMVR, _ value: String) -> DICOMElement {
        DICOMElement(tag: tag, vr: vr, value: .strings([value]))
    }

    private func decimals(_ tag: DICOMTag, _ values: [Double]) -> DICOMElement {
        DICOMElement(tag: tag, vr: .DS, value: .strings(values.map(DecimalText.text)))
    }
}
