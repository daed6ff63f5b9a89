internal import DICOM

/// Whether the identifiers of a header can be keys of the warehouse.
///
/// DICOM gives a UID 64 characters and a patient identifier as many; a kilobyte is a damaged or hostile file, and more
/// than PostgreSQL takes into an index. A zero byte cannot be stored there at all.
struct KeyCheck {
    static let code = "unusable_key"
    static let byteLimit = 1_024

    /// Half a sentence that names the attribute; `nil` where all can be keys.
    let complaint: String?

    /// - Parameter keepsIdentifiers: identifier and issuer of the patient are a key as they are, not as a pseudonym.
    init(_ header: DICOMHeader, keepsIdentifiers: Bool) {
        var keys = [
            ("Study Instance UID", header.studyInstanceUID), ("Series Instance UID", header.seriesInstanceUID),
            ("SOP Instance UID", header.sopInstanceUID),
        ]
        if keepsIdentifiers {
            keys += [("Patient ID", header.patientID), ("Issuer of Patient ID", header.issuerOfPatientID)]
        }
        complaint =
            keys.lazy.compactMap { name, value in
                value.flatMap(Self.fault).map { "its \(name) \($0), so it cannot be a key; correct the attribute" }
            }.first
    }

    private static func fault(of text: String) -> String? {
        if text.utf8.count > byteLimit { return "has \(text.utf8.count) bytes, more than \(byteLimit)" }
        return text.utf8.contains(0) ? "holds a zero byte" : nil
    }
}
