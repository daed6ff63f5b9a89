internal import CanonicalJSON
internal import Tables

/// `index.csv` of an export: one row a sample.
///
/// **Format** docs/formats.md, "Exports".
struct ExportIndex {
    private let round: ExportRound
    private let hasLabels: Bool
    private var table = CSVWriter()

    /// - Parameter labels: Domains of a vector of labels, in order of the target; none for other targets.
    init(_ round: ExportRound, labels: [String]) {
        self.round = round
        hasLabels = !labels.isEmpty
        let targets: [String?] = labels.map { "target_" + $0 }
        table.append(Self.columns + targets)
    }

    private static let columns: [String?] = [
        "fold", "place", "sample_number", "file", "mask_file", "patient_id", "series_id", "slice_id", "weight",
        "times", "target",
    ]

    /// - Parameter place: Of the sample in its fold.
    mutating func append(_ sample: FrozenSample, place: Int, files: SampleFiles?) {
        let row: [String?] = [
            sample.fold, String(place), String(sample.number), files?.image, files?.mask, String(sample.patientID),
            String(sample.seriesID), sample.sliceID.map { String($0) }, JSONValue.ecmaScript(sample.weight),
            String(round.times(sample)), sample.target?.text,
        ]
        let labels = hasLabels ? sample.target?.array ?? [] : []
        let targets: [String?] = labels.map { label in label.number.map { JSONValue.ecmaScript($0) } }
        table.append(row + targets)
    }

    var bytes: [UInt8] { table.bytes }
}
