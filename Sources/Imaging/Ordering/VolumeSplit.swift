/// The volumes that one series holds, each with its slices in order.
///
/// A series ought to be one volume. Scanners put several into one: two matrices, planes of a scout, two kernels, phases
/// of a heart, echoes, b-values. The traits of `VolumeTrait` are tried in their order:
///
/// 1. matrix, orientation, stack and kernel split wherever they differ (orientation only where its values are shared by
///    two slices on the average, or a radial scan would fall apart);
/// 2. the others split only volumes in which several slices lie at one place, and only where every slice has the trait,
///    its values are shared by two slices on the average, and fewer slices share a place afterwards.
///
/// A slice without a plane is no volume by that. It goes with the slices of its own orientation, where it says it, else
/// with the most common orientation among those of its stack and kernel, and ``SliceOrdering`` finds a rule for them
/// all. Only an image type that no slice with a plane has keeps it apart (a dose screen of the matrix of its scan).
///
/// So the split depends on the slices alone, not on the order in which they came. Volumes follow each other by the
/// values of the traits (numbers as numbers), matrices and orientations by their number of slices, the most first.
package struct VolumeSplit: Sendable, Equatable {
    package struct Volume: Sendable, Equatable {
        /// Indices into the candidates, in the order of their slices.
        package let order: [Int]
        /// What tells it from the others: values as the source writes them.
        package let values: [VolumeTrait: String]
        /// Of its slices alone; its `order` counts in `order` of this.
        package let ordering: SliceOrdering
    }

    /// At least one, which may be empty.
    package let volumes: [Volume]

    package init(_ candidates: [SliceCandidate]) {
        var groups = [Group(members: Array(candidates.indices), values: [:])]
        let orientations = OrientationClasses(candidates)
        for trait in VolumeTrait.allCases {
            let value: (Int) -> String? = { candidates[$0].traits[trait] }
            groups = groups.flatMap { group -> [Group] in
                if trait == .orientation { return Self.splitOrientations(in: group, candidates, orientations) }
                if trait.splitsAlways { return Self.parts(of: group, by: trait, value) }
                return Self.splitRepeats(in: group, by: trait, candidates, value)
            }
            if trait == .kernel { groups = groups.flatMap { Self.splitScreens(in: $0, candidates) } }
        }
        volumes = groups.map { group in
            let ordering = SliceOrdering(group.members.map { candidates[$0] })
            return Volume(
                order: ordering.order.map { group.members[$0] }, values: group.values, ordering: ordering)
        }
    }

    /// The traits that told the volumes apart, in their order; empty for one volume.
    package var traits: [VolumeTrait] {
        Set(volumes.flatMap(\.values.keys)).sorted()
    }

    private struct Group {
        var members: [Int]
        var values: [VolumeTrait: String]
    }

    // MARK: Splitting

    /// Splits where slices say that they are turned otherwise; those that say nothing follow the others.
    private static func splitOrientations(
        in group: Group, _ candidates: [SliceCandidate], _ orientations: OrientationClasses
    ) -> [Group] {
        let known = group.members.filter { orientations.name(of: $0) != nil }
        guard Set(known.map { orientations.name(of: $0) }).count > 1 else { return [group] }
        let kinds = Dictionary(grouping: known) { Kind(of: candidates[$0]) }.mapValues(orientations.largest(among:))
        let largest = orientations.largest(among: known)
        let parts = parts(of: group, by: .orientation) { member in
            orientations.name(of: member) ?? kinds[Kind(of: candidates[member])] ?? largest
        }
        return 2 * parts.count <= known.count ? parts : [group]
    }

    /// What slices of one orientation have in common.
    private struct Kind: Hashable {
        let stack: String?
        let kernel: String?

        init(of candidate: SliceCandidate) {
            stack = candidate.traits[.stack]
            kernel = candidate.traits[.kernel]
        }
    }

    /// Takes slices without a plane from those with one where their image types are none of theirs.
    private static func splitScreens(in group: Group, _ candidates: [SliceCandidate]) -> [Group] {
        let placed = group.members.filter { candidates[$0].plane != nil }
        let types = Set(placed.compactMap { candidates[$0].traits[.imageType] })
        guard !types.isEmpty, placed.count < group.members.count else { return [group] }
        let shared = types.sorted(by: isInNaturalOrder).joined(separator: ", ")
        let parts = parts(of: group, by: .imageType) { member in
            // A slice that is silent is taken for one of them.
            guard candidates[member].plane == nil, let type = candidates[member].traits[.imageType] else {
                return shared
            }
            return types.contains(type) ? shared : type
        }
        let isPlaced = { (part: Group) in part.members.contains { candidates[$0].plane != nil } }
        return parts.filter(isPlaced) + parts.filter { !isPlaced($0) }
    }

    private static func splitRepeats(
        in group: Group, by trait: VolumeTrait, _ candidates: [SliceCandidate], _ value: (Int) -> String?
    ) -> [Group] {
        guard group.members.count > 2, group.members.allSatisfy({ value($0) != nil }) else { return [group] }
        let before = repeats(group.members, candidates)
        guard before > 0 else { return [group] }
        let parts = parts(of: group, by: trait, value)
        guard parts.count > 1, 2 * parts.count <= group.members.count,
            parts.map({ repeats($0.members, candidates) }).reduce(0, +) < before
        else { return [group] }
        return parts
    }

    /// Slices that lie where another one of these lies. They are compared as points, so that tiles of one plane differ.
    private static func repeats(_ members: [Int], _ candidates: [SliceCandidate]) -> Int {
        let places = members.compactMap { index -> [Int]? in
            let candidate = candidates[index]
            if let origin = candidate.plane?.origin { return [origin.x, origin.y, origin.z].map(millionths) }
            return candidate.sliceLocation.map { [millionths($0)] }
        }
        return places.count - Set(places).count
    }

    /// Positions are compared at `SliceOrdering.positionTolerance`, a thousandth of a millimetre.
    private static func millionths(_ millimetres: Double) -> Int {
        Int(exactly: (millimetres / SliceOrdering.positionTolerance).rounded()) ?? .max
    }

    private static func parts(of group: Group, by trait: VolumeTrait, _ value: (Int) -> String?) -> [Group] {
        var byValue: [String: [Int]] = [:]
        for member in group.members { byValue[value(member) ?? "", default: []].append(member) }
        guard byValue.count > 1 else { return [group] }
        return byValue.sorted { first, second in
            if trait == .matrix || trait == .orientation, first.value.count != second.value.count {
                return first.value.count > second.value.count
            }
            return isInNaturalOrder(first.key, second.key)
        }.map { key, members in
            Group(members: members, values: group.values.merging([trait: key]) { _, new in new })
        }
    }
}

/// Which slices have one orientation, named by it.
private struct OrientationClasses {
    private let names: [String?]

    init(_ candidates: [SliceCandidate]) {
        var classes: [(plane: SlicePlane, name: String)] = []
        names = candidates.map { candidate -> String? in
            guard let plane = candidate.plane ?? Self.unplaced(candidate) else { return nil }
            if let known = classes.first(where: { $0.plane.hasOrientation(of: plane) }) { return known.name }
            let name = Self.name(of: plane)
            classes.append((plane, name))
            return name
        }
    }

    /// `nil` where the slice does not say how it is turned.
    func name(of candidate: Int) -> String? { names[candidate] }

    /// The orientation of most of these slices, the first by name of several.
    func largest(among members: [Int]) -> String? {
        let counts = Dictionary(members.compactMap { names[$0] }.map { ($0, 1) }, uniquingKeysWith: +)
        return counts.max { first, second in
            first.value != second.value ? first.value < second.value : isInNaturalOrder(second.key, first.key)
        }?.key
    }

    /// A slice may say how it is turned without saying where it lies.
    private static func unplaced(_ candidate: SliceCandidate) -> SlicePlane? {
        guard let text = candidate.traits[.orientation] else { return nil }
        let numbers = text.split(separator: "\\").compactMap { Double($0) }
        return try? SlicePlane(imagePosition: [0, 0, 0], imageOrientation: numbers, pixelSpacing: [1, 1])
    }

    /// The six numbers of Image Orientation, to three decimals.
    private static func name(of plane: SlicePlane) -> String {
        let (row, column) = (plane.rowDirection, plane.columnDirection)
        return [row.x, row.y, row.z, column.x, column.y, column.z]
            .map { String(($0 * 1000).rounded() / 1000 + 0) }.joined(separator: "\\")
    }
}
