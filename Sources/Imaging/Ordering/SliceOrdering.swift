/// The order of a series' slices, the rule that gave it, and what is odd about it.
///
/// The rules are tried in turn: projection of the image position on the normal (every slice has a plane and all planes
/// one orientation), slice location, instance number, natural order of names. A rule must cover every slice and tell at
/// least two apart. Ties go to the instance number, then the name, so the order never depends on that of the input.
package struct SliceOrdering: Sendable, Equatable {
    /// Indices into the candidates.
    package let order: [Int]
    package let rule: OrderingRule
    /// Millimetres along the normal (or slice locations), in order; `nil` for the rules that know no distance.
    package let positions: [Double]?
    /// The median step between neighbouring different positions, mm.
    package let spacing: Double?
    package let findings: [OrderingFinding]

    package init(_ candidates: [SliceCandidate]) {
        let planes = PlaneSurvey(candidates)
        let (rule, keys) = Self.decide(candidates, planes: planes)
        order = Self.sorted(candidates, by: keys)
        self.rule = rule
        guard let keys, rule != .instanceNumber else {
            positions = nil
            spacing = nil
            findings = planes.findings + Self.samePlace(planes.projections)
            return
        }
        let positions = order.map { keys[$0] }
        let steps = SliceSteps(positions: positions)
        self.positions = positions
        spacing = steps.median
        let planesInOrder = rule == .imagePosition ? order.compactMap { candidates[$0].plane } : []
        findings = planes.findings + steps.findings + Self.line(of: planesInOrder)
    }

    /// Two positions closer than this are one, mm.
    static let positionTolerance = 1e-3

    /// The first rule that applies and the number it sorts by; names need none.
    private static func decide(
        _ candidates: [SliceCandidate], planes: PlaneSurvey
    ) -> (rule: OrderingRule, keys: [Double]?) {
        if let keys = planes.projections, separates(keys) { return (.imagePosition, keys) }
        let locations = candidates.compactMap(\.sliceLocation).filter(\.isFinite)
        if locations.count == candidates.count, separates(locations) { return (.sliceLocation, locations) }
        let numbers = candidates.compactMap(\.instanceNumber).map(Double.init)
        if numbers.count == candidates.count, separates(numbers) { return (.instanceNumber, numbers) }
        return (.fileName, nil)
    }

    private static func separates(_ keys: [Double]) -> Bool {
        guard let minimum = keys.min(), let maximum = keys.max() else { return false }
        return keys.count == 1 || maximum - minimum > positionTolerance
    }

    private static func sorted(_ candidates: [SliceCandidate], by keys: [Double]?) -> [Int] {
        candidates.indices.sorted { first, second in
            if let keys, keys[first] != keys[second] { return keys[first] < keys[second] }
            // Slices without an instance number come last, or three ties could form a circle.
            let left = candidates[first].instanceNumber ?? .max
            let right = candidates[second].instanceNumber ?? .max
            if keys != nil, left != right { return left < right }
            if candidates[first].name != candidates[second].name {
                return isInNaturalOrder(candidates[first].name, candidates[second].name)
            }
            return first < second
        }
    }

    /// Positions that tell no two slices apart are all one.
    private static func samePlace(_ projections: [Double]?) -> [OrderingFinding] {
        guard let projections, projections.count > 1, !separates(projections) else { return [] }
        return [.duplicatePosition(count: projections.count - 1)]
    }

    /// How far origins are off the line from the first to the last one, as ``VolumeGeometry`` admits it; else the angle
    /// between that line and the normal, if it exceeds 0.1 degrees.
    private static func line(of planes: [SlicePlane]) -> [OrderingFinding] {
        guard let first = planes.first, let last = planes.last, let line = (last.origin - first.origin).unit else {
            return []
        }
        let distance = planes.map { length(cross($0.origin - first.origin, line)) }.max() ?? 0
        let step = length(last.origin - first.origin) / Double(planes.count - 1)
        if distance > step * VolumeGeometry.evenSpacingTolerance { return [.shift(millimetres: distance)] }
        guard let degrees = first.tiltDegrees(towards: last.origin), degrees > 0.1 else { return [] }
        return [.tilt(degrees: degrees)]
    }
}
