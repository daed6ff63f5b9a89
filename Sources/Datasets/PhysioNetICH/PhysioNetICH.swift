/// What both published forms of PhysioNet CT-ICH share.
///
/// Hssayeni et al., "Computed Tomography Images for Intracranial Hemorrhage Detection and Segmentation", PhysioNet.
/// Version 1.0.0 holds JPEG renderings, version 1.3.1 NIfTI volumes of the same people. Slice numbers of the two
/// versions differ for some patients, so nothing is ever joined between them by number.
enum PhysioNetICH {
    static let datasetName = "physionet-ct-ich"
    static let vocabulary = "ct-ich"
    static let studyKey = "ct"
    /// Two radiologists agreed on every label and contour; one reader stands for both.
    static let reader = LabelReader(key: "radiologist-consensus", kind: .consensus)
    static let mask = MaskPlan(target: "haemorrhage", reader: reader)

    static func reference(_ seriesKey: String) -> SeriesReference {
        SeriesReference(studyKey: studyKey, seriesKey: seriesKey)
    }

    /// `49` and `049` are the same patient; a name that is not a number stays as it is.
    static func patientKey(_ stem: String) -> String {
        guard let number = Int(stem), number >= 0, stem.allSatisfy(\.isNumber) else { return stem }
        return padded(number)
    }

    static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }

    /// `049` to `130`: the numbers of the published patients, as files of version 1.3.1 have them.
    static func isPublished(_ stem: String) -> Bool {
        stem.count == 3 && stem.allSatisfy(\.isNumber) && Int(stem).map((49...130).contains) == true
    }

    /// What PhysioNet puts beside the data. Anything else that lies there is somebody's own.
    static func isDocumentation(_ file: SourceFile) -> Bool {
        if ["txt", "md", "html", "htm", "yml", "py"].contains(file.fileExtension) { return true }
        return ["README", "LICENSE", "SHA256SUMS", "RECORDS"].contains(file.name)
    }

    static let kinds = ["Intraventricular", "Intraparenchymal", "Subarachnoid", "Epidural", "Subdural"]
    static let sliceTable = LabelLayout(
        patientColumns: ["PatientNumber", "Patient Number"], sliceColumns: ["SliceNumber", "Slice Number"],
        patientDigits: 3, expectedColumns: kinds + ["No_Hemorrhage", "Fracture_Yes_No"])
    static let patientTable = LabelLayout(
        patientColumns: ["Patient Number", "PatientNumber"], sliceColumns: nil, patientDigits: 3,
        mayHaveTwoHeaderRows: true, expectedColumns: kinds + ["Age", "Gender", "Fracture (Yes/No)"])
}
