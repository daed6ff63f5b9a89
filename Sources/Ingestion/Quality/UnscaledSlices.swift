internal import Datasets

/// Images of CT whose files do not say what their values mean, though the standard has them say it.
///
/// **Source** PS3.3 C.8.2.1: Rescale Slope and Intercept are of type 1 in the CT Image Module. Pages of a dose report
/// are secondary captures (PS3.3 A.8), which scanners file under CT too; they have no unit.
struct UnscaledSlices: Sendable {
    /// SOP Class UID, as the header has it.
    private static let classTag = "00080016"
    /// How the UIDs of all secondary captures begin (PS3.4 B.5), in DICOM JSON.
    private static let capture = "\"1.2.840.10008.5.1.4.1.1.7"

    private let sliceCount: Int
    private let unscaledCount: Int

    /// - Returns: `nil` where nothing is missing.
    init?(_ series: SeriesRow, _ slices: VariantSlices) {
        guard series.plan.role == .image, series.plan.modality == "CT",
            series.plan.files.contains(where: { $0.reader == .dicom })
        else { return nil }
        sliceCount = slices.records.count
        unscaledCount = zip(slices.records, slices.headers).count { record, header in
            !record.hasRescale && record.pixels.samplesPerPixel == 1
                && !(header[Self.classTag]?.contains(Self.capture) ?? false)
        }
        if unscaledCount == 0 { return nil }
    }

    func finding(about series: Finding.Subject) -> Finding {
        Finding(
            check: "no_rescale", severity: .info, subject: series,
            sentence: "\(unscaledCount) of \(sliceCount) slices of this CT have no Rescale Slope and Intercept that "
                + "could be used, so that nothing says that their values are HU; ask where the files come from before "
                + "they are compared with others.")
    }
}
