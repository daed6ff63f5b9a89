import Testing

@testable import DICOM

/// Attributes of a synthetic CT slice; no person stands behind them.
enum SampleElements {
    static func element(_ keyword: String, _ value: DICOMValue) throws -> DICOMElement {
        let tag = try #require(DICOMDictionary.tag(of: keyword))
        let entry = try #require(DICOMDictionary.entry(for: tag))
        return DICOMElement(tag: tag, vr: entry.vr, value: value)
    }

    static func text(_ keyword: String, _ values: String...) throws -> DICOMElement {
        try element(keyword, .strings(values))
    }

    static func slice() throws -> [DICOMElement] {
        [
            try text("SOPClassUID", "1.2.840.10008.5.1.4.1.1.2"), try text("SOPInstanceUID", "2.25.101"),
            try text("StudyInstanceUID", "2.25.102"), try text("SeriesInstanceUID", "2.25.103"),
            try text("Modality", "CT"), try text("PatientID", "PHANTOM-1"), try text("PatientName", "Phantom^One"),
            try text("PatientSex", "F"), try text("InstanceNumber", "7"),
            try text("ImagePositionPatient", "-100", "-90.5", "12.25"),
            try text("ImageOrientationPatient", "1", "0", "0", "0", "1", "0"), try text("PixelSpacing", "0.5", "0.75"),
            try text("RescaleSlope", "1"), try text("RescaleIntercept", "-1024"),
            try text("WindowCenter", "40", "600"), try text("WindowWidth", "80", "2800"),
        ]
    }

    /// One item for a sequence.
    static func item(_ elements: DICOMElement...) -> DICOMHeader { DICOMHeader(elements: elements) }
}
