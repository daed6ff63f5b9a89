internal import Imaging

/// The slices of one series in their order, with the grid they form.
struct SeriesAssembly: Sendable {
    /// Indices into the records, in the order of `slice_index`.
    let order: [Int]
    let positions: [Double?]
    let rule: OrderingRule
    let kind: GeometryKind
    let geometry: VolumeGeometry?
    /// In-plane spacing where the series is not a volume but all planes agree.
    let pixelSpacing: (row: Double, column: Double)?
    let findings: [OrderingFinding]

    /// Orders slices whose planes, locations or numbers say how (DICOM, numbered pictures).
    init(ordering records: [SliceRecord], isPhoto: Bool) {
        let ordering = SliceOrdering(records.map(\.candidate))
        order = ordering.order
        positions = ordering.positions.map { $0.map(Optional.some) } ?? Array(repeating: nil, count: records.count)
        rule = ordering.rule
        let geometry = Self.geometry(of: records, in: ordering)
        self.geometry = geometry
        kind = isPhoto ? .photo : geometry == nil ? .stack : .volume
        pixelSpacing = Self.commonSpacing(of: records)
        findings = ordering.findings
    }

    /// Takes the order and the grid of a volume file as they are.
    init(storedAs geometry: VolumeGeometry, records: [SliceRecord]) {
        order = records.indices.sorted {
            (records[$0].candidate.instanceNumber ?? 0) < (records[$1].candidate.instanceNumber ?? 0)
        }
        let direction = geometry.sliceDirection
        positions = records.indices.map { index in
            let point = geometry.world(column: 0, row: 0, slice: Double(index))
            return (point * direction).sum()
        }
        rule = .storage
        kind = .volume
        self.geometry = geometry
        pixelSpacing = nil
        findings = []
    }

    private static func geometry(of records: [SliceRecord], in ordering: SliceOrdering) -> VolumeGeometry? {
        guard ordering.rule == .imagePosition, records.count > 1, let first = records.first?.pixels,
            records.allSatisfy({ $0.pixels.rows == first.rows && $0.pixels.columns == first.columns })
        else { return nil }
        let planes = ordering.order.compactMap { records[$0].candidate.plane }
        guard planes.count == records.count else { return nil }
        return VolumeGeometry(planes: planes, columns: first.columns, rows: first.rows)
    }

    private static func commonSpacing(of records: [SliceRecord]) -> (row: Double, column: Double)? {
        let planes = records.compactMap(\.candidate.plane)
        guard let first = planes.first, planes.count == records.count,
            planes.allSatisfy({ $0.hasPixelSpacing(of: first) })
        else { return nil }
        return (first.rowSpacing, first.columnSpacing)
    }
}
