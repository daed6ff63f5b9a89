internal import Imaging

/// The slices of one series in their order, with the grid they form, or the grids where it holds several volumes.
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
    /// Empty where the series is one volume.
    let volumes: [VolumeAssembly]

    /// Orders slices whose planes, locations or numbers say how (DICOM, numbered pictures).
    init(ordering records: [SliceRecord], isPhoto: Bool) {
        let split = VolumeSplit(records.map(\.candidate))
        let parts = split.volumes.map { VolumeAssembly($0, of: records) }
        order = parts.flatMap(\.order)
        positions = parts.flatMap(\.positions)
        rule = OrderingRule.allCases.last { rule in parts.contains { $0.rule == rule } } ?? .fileName
        let only = parts.count == 1 ? parts[0] : nil
        geometry = only?.geometry
        kind = isPhoto ? .photo : geometry == nil ? .stack : .volume
        pixelSpacing = Self.commonSpacing(of: records)
        findings = only?.findings ?? Self.findings(of: parts, traits: split.traits)
        volumes = only == nil ? parts : []
    }

    /// One finding of a kind: fifty volumes with a gap each are one series with gaps.
    private static func findings(of parts: [VolumeAssembly], traits: [VolumeTrait]) -> [OrderingFinding] {
        guard !parts.isEmpty else { return [] }
        var seen: Set<String> = []
        let first = parts.flatMap(\.findings).filter { seen.insert($0.code).inserted }
        return [.severalVolumes(count: parts.count, traits: traits)] + first
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
        volumes = []
    }

    static func commonSpacing(of records: [SliceRecord]) -> (row: Double, column: Double)? {
        let planes = records.compactMap(\.candidate.plane)
        guard let first = planes.first, planes.count == records.count,
            planes.allSatisfy({ $0.hasPixelSpacing(of: first) })
        else { return nil }
        return (first.rowSpacing, first.columnSpacing)
    }
}
