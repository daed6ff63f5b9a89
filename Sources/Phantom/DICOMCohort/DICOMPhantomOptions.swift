/// Which DICOM cohort to make.
package struct DICOMPhantomOptions: Sendable {
    /// Strings planted where identifiers are, so that a test can search everything a warehouse keeps for them.
    package struct Canaries: Sendable {
        /// Goes into the name of every patient (PN, both components).
        package var name: String?
        /// Goes into PatientID, OtherPatientIDs and AccessionNumber.
        package var identifier: String?
        /// Becomes PatientBirthDate, eight digits.
        package var birthDate: String?
        /// Becomes part of the folder names.
        package var fileName: String?

        package init(
            name: String? = nil, identifier: String? = nil, birthDate: String? = nil, fileName: String? = nil
        ) {
            self.name = name
            self.identifier = identifier
            self.birthDate = birthDate
            self.fileName = fileName
        }
    }

    package var seed: UInt64 = 2018
    /// 1...10,000.
    package var patientCount = 4
    /// 1...20.
    package var studiesPerPatient = 1
    /// Slices of an axial series, 1...400; nil = 28 to 36, by patient.
    package var slicesPerSeries: Int?
    /// Side of an axial slice in pixels, 16...1024.
    package var matrixSize = 512
    /// Gantry tilt in degrees, −30...30; nil = the scanners of one manufacturer are tilted, the others are not.
    package var gantryTilt: Double?
    /// Adds damaged, duplicate and foreign files beside the good ones.
    package var includesDefects = false
    package var canaries = Canaries()
    /// Patients made at a time.
    package var workers = 2

    package init() {}

    /// The options, checked.
    func resolve() throws(PhantomError) -> DICOMPhantomOptions {
        let limits: [(String, Int, ClosedRange<Int>)] = [
            ("patients", patientCount, 1...10_000), ("studies", studiesPerPatient, 1...20),
            ("slices", slicesPerSeries ?? 30, 1...400), ("matrix size", matrixSize, 16...1024),
            ("workers", workers, 1...256),
        ]
        for (name, value, range) in limits where !range.contains(value) {
            throw .invalidOption(name, "it must be between \(range.lowerBound) and \(range.upperBound)")
        }
        guard (-30...30).contains(gantryTilt ?? 0) else {
            throw .invalidOption("gantry tilt", "it must be between -30 and 30 degrees")
        }
        let date = canaries.birthDate ?? "19000101"
        guard date.utf8.count == 8, date.allSatisfy(\.isWholeNumber) else {
            throw .invalidOption("canary birth date", "it must be eight digits, YYYYMMDD")
        }
        let path = canaries.fileName ?? ""
        guard !path.contains("/"), !path.contains("\0"), path.utf8.count <= 100 else {
            throw .invalidOption("canary file name", "it must be at most 100 bytes without a slash")
        }
        return self
    }
}
