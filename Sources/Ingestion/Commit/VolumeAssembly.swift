internal import CanonicalJSON
internal import Imaging
internal import SQLInterface

/// One volume of a series: its slices in order and the grid they form.
struct VolumeAssembly: Sendable {
    /// Indices into the records of the series.
    let order: [Int]
    let positions: [Double?]
    let rule: OrderingRule
    let geometry: VolumeGeometry?
    let pixelSpacing: (row: Double, column: Double)?
    let findings: [OrderingFinding]
    /// What tells it from the other volumes.
    let traits: [VolumeTrait: String]

    init(_ volume: VolumeSplit.Volume, of records: [SliceRecord]) {
        order = volume.order
        rule = volume.ordering.rule
        positions = volume.ordering.positions.map { $0.map(Optional.some) } ?? volume.order.map { _ in nil }
        let slices = volume.order.map { records[$0] }
        geometry = rule == .imagePosition ? Self.geometry(of: slices) : nil
        pixelSpacing = SeriesAssembly.commonSpacing(of: slices)
        findings = volume.ordering.findings
        traits = volume.values
    }

    private static func geometry(of slices: [SliceRecord]) -> VolumeGeometry? {
        guard slices.count > 1, let first = slices.first?.pixels, slices.allSatisfy({ $0.pixels == first }) else {
            return nil
        }
        let planes = slices.compactMap(\.candidate.plane)
        guard planes.count == slices.count else { return nil }
        return VolumeGeometry(planes: planes, columns: first.columns, rows: first.rows)
    }

    // MARK: Row

    static let columns = [
        "patient_id", "series_id", "volume_index", "first_slice_index", "slice_count", "traits", "geometry_kind",
        "ordering_rule", "origin_x_mm", "origin_y_mm", "origin_z_mm", "row_direction_x", "row_direction_y",
        "row_direction_z", "column_direction_x", "column_direction_y", "column_direction_z", "slice_direction_x",
        "slice_direction_y", "slice_direction_z", "column_spacing_mm", "row_spacing_mm", "slice_spacing_mm",
    ]

    func row(patientID: Int64, seriesID: Int64, index: Int, firstSlice: Int) -> [SQLValue] {
        let members = traits.map { ($0.key.rawValue, JSONValue.string($0.value)) }
        let traits = JSONValue.object(Dictionary(members, uniquingKeysWith: { first, _ in first })).text
        let kind: GeometryKind = geometry == nil ? .stack : .volume
        return [
            .integer(patientID), .integer(seriesID), .integer(Int64(index)), .integer(Int64(firstSlice)),
            .integer(Int64(order.count)), .text(traits), .text(kind.rawValue), .text(rule.rawValue),
        ] + SeriesRow.vector(geometry?.origin) + SeriesRow.vector(geometry?.rowDirection)
            + SeriesRow.vector(geometry?.columnDirection) + SeriesRow.vector(geometry?.sliceDirection) + [
                SQLValue(geometry?.columnSpacing ?? pixelSpacing?.column),
                SQLValue(geometry?.rowSpacing ?? pixelSpacing?.row), SQLValue(geometry?.sliceSpacing),
            ]
    }
}
