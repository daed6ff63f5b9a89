internal import Datasets
internal import Imaging

/// Grey slices that had to be ordered without knowing where all of them lie, in a series whose images should say it.
///
/// **Source** PS3.3 A.3, A.4 and A.21: the Image Plane Module is mandatory for images of CT, MR and PET. Radiographs,
/// ultrasound and pictures need no positions.
struct UnplacedSlices: Sendable {
    private static let modalities: Set<String> = ["CT", "MR", "PT"]

    private let sliceCount: Int
    private let unplacedCount: Int
    private let rule: OrderingRule

    /// - Returns: `nil` where the positions gave the order, or where there is no order to doubt.
    init?(_ series: SeriesRow, _ records: [SliceRecord]) {
        guard let assembly = series.assembly, let modality = series.plan.modality, Self.modalities.contains(modality),
            series.plan.files.contains(where: { $0.reader == .dicom })
        else { return nil }
        let parts: [(order: [Int], rule: OrderingRule)] =
            assembly.volumes.isEmpty
            ? [(assembly.order, assembly.rule)] : assembly.volumes.map { ($0.order, $0.rule) }
        let doubtful = parts.filter { part in
            ![.imagePosition, .storage].contains(part.rule) && part.order.count > 1
                && part.order.allSatisfy { records[$0].pixels.samplesPerPixel == 1 }
        }
        let slices = doubtful.flatMap(\.order)
        sliceCount = slices.count
        unplacedCount = slices.count { records[$0].candidate.plane == nil }
        // Of several volumes the weakest rule, as `series.ordering_rule` has it.
        guard unplacedCount > 0, let rule = OrderingRule.allCases.last(where: { doubtful.map(\.rule).contains($0) })
        else { return nil }
        self.rule = rule
    }

    func finding(about series: Finding.Subject) -> Finding {
        Finding(
            check: "ordered_without_positions", severity: .warning, subject: series,
            sentence: "\(unplacedCount) of \(sliceCount) slices do not say where they lie; all are in the order of "
                + "\(key), and make no grid.")
    }

    private var key: String {
        switch rule {
        case .imagePosition, .storage: "their positions"
        case .sliceLocation: "Slice Location"
        case .instanceNumber: "Instance Number, which knows no distance"
        case .fileName: "the names of their files, which know no distance"
        }
    }
}
