internal import CanonicalJSON
internal import Datasets
internal import Imaging

/// Marks of several readers that mean one nodule, and what the readers agree on.
struct NoduleGroups: Sendable {
    struct Nodule: Sendable {
        /// Indices into the placed marks.
        let members: [Int]
        let masks: [(slice: MarkedSeries.Slice, mask: RunLengthMask)]
        let diameter: Double?
        let rule: JSONValue
        let isAmbiguous: Bool
        let labels: [MarkLabel]
    }

    let nodules: [Nodule]

    static let consensusLevel = 0.5
    static let readerCount = 4

    /// Groups nodules of at least 3 mm by pylidc's rule: distances in index units, the slice thickness as the first
    /// tolerance. **Source** pylidc, `Scan.cluster_annotations`, `consensus`.
    init(_ placed: [PlacedMark], sliceThickness: Double?) throws {
        let candidates = placed.indices.filter { placed[$0].mark.target == "nodule" && placed[$0].stack != nil }
        guard !candidates.isEmpty else {
            nodules = []
            return
        }
        let stacks = candidates.compactMap { placed[$0].stack }
        var distances = stacks.map { _ in stacks.map { _ in 0.0 } }
        for first in stacks.indices {
            for second in stacks.indices where second > first {
                let distance = stacks[first].distance(to: stacks[second], scale: SIMD3(repeating: 1))
                distances[first][second] = distance
                distances[second][first] = distance
            }
        }
        let clusters = ReaderClusters(
            distances: distances, tolerance: sliceThickness ?? 1, readerCount: Self.readerCount)
        nodules = try clusters.groups.map { group in
            try Self.nodule(group.map { candidates[$0] }, placed, tolerance: clusters.tolerance)
        }
    }

    private static func nodule(_ members: [Int], _ placed: [PlacedMark], tolerance: Double) throws -> Nodule {
        let diameters = members.compactMap { placed[$0].diameter }
        let ratings = members.compactMap { member in
            placed[member].mark.ratings.first { $0.characteristic == "malignancy" }?.rating
        }
        let isAmbiguous = members.count > readerCount
        return Nodule(
            members: members, masks: try consensus(members.map { placed[$0] }),
            diameter: diameters.isEmpty ? nil : diameters.reduce(0, +) / Double(diameters.count),
            rule: [
                "source": "consensus", "level": .number(consensusLevel),
                "cluster": "nearest contour points, index units", "tolerance": .number(tolerance),
                "readings": .integer(members.count), "ambiguous": .boolean(isAmbiguous),
                "diameter": "mean of the readings", "volume": "voxels of the mask",
            ],
            isAmbiguous: isAmbiguous,
            labels: MalignancyRule.allCases.map {
                MarkLabel(domain: $0.domain, rawValue: $0.term(of: ratings))
            })
    }

    private static func consensus(
        _ members: [PlacedMark]
    ) throws -> [(slice: MarkedSeries.Slice, mask: RunLengthMask)] {
        let bySlice = Dictionary(grouping: members.flatMap(\.masks)) { $0.slice.index }
        return try bySlice.keys.sorted().compactMap { index in
            guard let own = bySlice[index], let slice = own.first?.slice else { return nil }
            let mask = try MaskConsensus.mask(of: own.map(\.mask), count: members.count, level: consensusLevel)
            return mask.voxelCount > 0 ? (slice, mask) : nil
        }
    }
}

/// How several ratings of malignancy, 1 to 5, become one answer. The ratings are kept beside it.
enum MalignancyRule: String, CaseIterable, Sendable {
    /// Malignant where at least two readers gave 4 or 5. **Source** "Deep Learning with PyTorch", chapter 14.
    case dlwpt
    /// Malignant where the median is above 3, benign where it is below.
    case median

    /// Domain of the vocabulary `lung-nodule`.
    var domain: String { "malignancy_" + rawValue }

    func term(of ratings: [Double]) -> String {
        switch self {
        case .dlwpt: return ratings.count { $0 >= 4 } >= 2 ? "malignant" : "benign"
        case .median:
            guard !ratings.isEmpty else { return "undetermined" }
            let sorted = ratings.sorted()
            let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
            return middle > 3 ? "malignant" : middle < 3 ? "benign" : "undetermined"
        }
    }
}
