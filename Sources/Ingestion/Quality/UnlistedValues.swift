internal import CanonicalJSON
internal import Imaging

/// Values of a mask file that its source lists for no region: they mark nothing, and a mask that has no others looks as
/// if nothing had been found.
struct UnlistedValues: Sendable {
    static let check = "mask_value_unlisted"

    private let values: [Double]

    /// `nil` where there is none.
    init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        self.values = values
    }

    func finding(of sourceID: Int64) -> Finding {
        let shown = values.prefix(MaskRegions.valueLimit).map(MaskRule.text).joined(separator: ", ")
        let others = values.count > MaskRegions.valueLimit ? " and others" : ""
        return Finding(
            check: Self.check, severity: .warning, subject: .sourceFile(sourceID),
            sentence: "This mask has voxels of \(shown)\(others), which its source lists for no region and which mark "
                + "nothing; 0 alone is the background. Correct the file and ingest it again, or list the values in the "
                + "source and ingest into a new warehouse.",
            detail: ["values": .array(values.prefix(MaskRegions.valueLimit).map(JSONValue.number))])
    }
}
