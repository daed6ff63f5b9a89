/// Marks of several readers grouped into objects: who meant the same nodule.
///
/// Two marks are neighbours where they are no farther apart than a tolerance; an object is a connected group. There are
/// four readers, so a larger group joins objects that lie side by side: the tolerance shrinks until no group is larger.
/// **Source** pylidc, `Scan.cluster_annotations`.
package struct ReaderClusters: Sendable, Equatable {
    /// Indices of the marks, each group ascending, groups by their first mark.
    package let groups: [[Int]]
    /// The tolerance that gave these groups.
    package let tolerance: Double
    /// A group is larger than there are readers, however small the tolerance was made.
    package let isAmbiguous: Bool

    /// - Parameters:
    ///   - distances: symmetric, `[mark][mark]`.
    ///   - tolerance: where to begin.
    ///   - readerCount: the largest group that can be one object.
    ///   - shrink: factor of each further attempt.
    ///   - leastTolerance: below which no attempt is made.
    package init(
        distances: [[Double]], tolerance: Double, readerCount: Int = 4, shrink: Double = 0.9,
        leastTolerance: Double = 0.1
    ) {
        var tolerance = tolerance
        var groups = Self.components(distances, within: tolerance)
        var isAmbiguous = false
        while groups.contains(where: { $0.count > readerCount }) {
            let smaller = tolerance * shrink
            guard smaller >= leastTolerance else {
                isAmbiguous = true
                break
            }
            tolerance = smaller
            groups = Self.components(distances, within: tolerance)
        }
        self.groups = groups
        self.tolerance = tolerance
        self.isAmbiguous = isAmbiguous
    }

    private static func components(_ distances: [[Double]], within tolerance: Double) -> [[Int]] {
        var group: [Int?] = Array(repeating: nil, count: distances.count)
        var groups: [[Int]] = []
        for start in distances.indices where group[start] == nil {
            var members = [start]
            var open = [start]
            group[start] = groups.count
            while let mark = open.popLast() {
                for other in distances.indices where group[other] == nil && distances[mark][other] <= tolerance {
                    group[other] = groups.count
                    members.append(other)
                    open.append(other)
                }
            }
            groups.append(members.sorted())
        }
        return groups
    }
}
