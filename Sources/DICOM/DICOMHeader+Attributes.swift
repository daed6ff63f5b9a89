package import Imaging

/// The attributes that the house uses, by their DICOM names. An absent, empty or ill-formed value is `nil`.
extension DICOMHeader {
    // Identity
    package var sopClassUID: String? { string(.sopClassUID) }
    package var sopInstanceUID: String? { string(.sopInstanceUID) }
    package var studyInstanceUID: String? { string(.studyInstanceUID) }
    package var seriesInstanceUID: String? { string(.seriesInstanceUID) }
    package var frameOfReferenceUID: String? { string(.frameOfReferenceUID) }
    /// With a backslash in it, which DICOM reads as two values, it is one identifier all the same: the first value alone
    /// may be that of somebody else.
    package var patientID: String? { joined(.patientID) }
    package var issuerOfPatientID: String? { joined(.issuerOfPatientID) }
    package var patientName: String? { string(.patientName) }
    package var patientSex: String? { string(.patientSex) }
    package var patientAge: String? { string(.patientAge) }
    package var patientBirthDate: String? { string(.patientBirthDate) }

    // Study and series
    package var modality: String? { string(.modality) }
    package var studyDate: String? { string(.studyDate) }
    package var studyDescription: String? { string(.studyDescription) }
    package var seriesDescription: String? { string(.seriesDescription) }
    package var seriesNumber: Int? { integer(.seriesNumber) }
    package var manufacturer: String? { string(.manufacturer) }
    package var manufacturerModelName: String? { string(.manufacturerModelName) }
    package var bodyPartExamined: String? { string(.bodyPartExamined) }
    package var convolutionKernel: String? { string(.convolutionKernel) }
    package var patientPosition: String? { string(.patientPosition) }

    // Image
    package var imageType: [String]? { strings(.imageType) }
    /// An IS has 32 bits (PS3.5 6.2); writers that put a time there overflow it.
    package var instanceNumber: Int? { integer(.instanceNumber).flatMap { Int32(exactly: $0) }.map { Int($0) } }
    package var acquisitionNumber: Int? { integer(.acquisitionNumber) }
    package var burnedInAnnotation: String? { string(.burnedInAnnotation) }
    package var rows: Int? { integer(.rows) }
    package var columns: Int? { integer(.columns) }
    package var samplesPerPixel: Int? { integer(.samplesPerPixel) }
    package var photometricInterpretation: String? { string(.photometricInterpretation) }
    package var planarConfiguration: Int? { integer(.planarConfiguration) }
    package var bitsAllocated: Int? { integer(.bitsAllocated) }
    package var bitsStored: Int? { integer(.bitsStored) }
    package var highBit: Int? { integer(.highBit) }
    package var pixelRepresentation: Int? { integer(.pixelRepresentation) }
    package var pixelPaddingValue: Int? { integer(.pixelPaddingValue) }
    package var numberOfFrames: Int? { integer(.numberOfFrames) }

    /// Number of Frames, or 1 where it is absent or no positive number.
    package var frameCount: Int { numberOfFrames.flatMap { $0 > 0 ? $0 : nil } ?? 1 }

    // Plane. **Units** millimetres.
    package var imagePositionPatient: [Double]? { decimals(.imagePositionPatient, count: 3) }
    package var imageOrientationPatient: [Double]? { decimals(.imageOrientationPatient, count: 6) }
    /// Between rows, between columns.
    package var pixelSpacing: [Double]? { decimals(.pixelSpacing, count: 2) }
    package var sliceLocation: Double? { decimal(.sliceLocation) }
    package var sliceThickness: Double? { decimal(.sliceThickness) }
    package var spacingBetweenSlices: Double? { decimal(.spacingBetweenSlices) }
    /// **Units** degrees.
    package var gantryDetectorTilt: Double? { decimal(.gantryDetectorTilt) }

    // Values
    package var rescaleSlope: Double? { decimal(.rescaleSlope) }
    package var rescaleIntercept: Double? { decimal(.rescaleIntercept) }
    package var rescaleType: String? { string(.rescaleType) }
    package var windowCenter: [Double]? { decimals(.windowCenter) }
    package var windowWidth: [Double]? { decimals(.windowWidth) }

    /// The windows that the maker proposes, in their order; pairs without a positive width are left out.
    package var windows: [WindowLevel] {
        zip(windowCenter ?? [], windowWidth ?? []).compactMap { try? WindowLevel(center: $0, width: $1) }
    }

    private func joined(_ tag: DICOMTag) -> String? {
        guard let values = strings(tag), let last = values.lastIndex(where: { !$0.isEmpty }) else { return nil }
        return values[...last].joined(separator: "\\")
    }

    private func decimals(_ tag: DICOMTag, count: Int) -> [Double]? {
        decimals(tag).flatMap { $0.count == count ? $0 : nil }
    }
}
