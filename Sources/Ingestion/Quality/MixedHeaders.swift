/// What is said once for a series although its slices differ in it.
struct MixedHeaders: Sendable {
    private let frameOfReferenceCount: Int
    private let photometricInterpretationCount: Int

    /// - Parameter headers: Of each slice, DICOM JSON by tag.
    init(_ headers: [[String: String]]) {
        frameOfReferenceCount = Self.differentValues(of: "00200052", in: headers)
        photometricInterpretationCount = Self.differentValues(of: "00280004", in: headers)
    }

    private static func differentValues(of tag: String, in headers: [[String: String]]) -> Int {
        Set(headers.lazy.compactMap { $0[tag] }).count
    }

    func findings(about series: Finding.Subject) -> [Finding] {
        var findings: [Finding] = []
        if frameOfReferenceCount > 1 {
            findings.append(
                Finding(
                    check: "several_frames_of_reference", severity: .warning, subject: series,
                    sentence: "Its slices name \(frameOfReferenceCount) frames of reference; positions of one cannot "
                        + "be compared with those of another."))
        }
        if photometricInterpretationCount > 1 {
            findings.append(
                Finding(
                    check: "mixed_photometric_interpretation", severity: .warning, subject: series,
                    sentence: "Its slices have \(photometricInterpretationCount) photometric interpretations; in "
                        + "MONOCHROME1 low values are bright, in MONOCHROME2 high ones."))
        }
        return findings
    }
}
