/// A file that a careful reader must report and a careless one trips over.
package enum PhantomDefect: String, Sendable, CaseIterable {
    /// The first 60% of an image file.
    case truncatedPixels = "truncated_pixels"
    /// The first 200 bytes: the data set has not begun.
    case truncatedHeader = "truncated_header"
    case zeroBytes = "zero_bytes"
    /// Prose without an extension.
    case text
    /// Bytes that say DICM and then nothing sensible.
    case garbage
    /// The same bytes as another file, under another name.
    case duplicate
    /// The SOP Instance UID of another file with another picture.
    case sameUIDOtherPixels = "same_uid_other_pixels"
    /// A whole image whose PatientID is absent.
    case missingPatientID = "missing_patient_id"
}
