internal import Glibc

/// The planes of a series: their common orientation and grid, and who deviates.
struct PlaneSurvey {
    /// Position along the normal per candidate; `nil` unless every candidate has a plane of one orientation.
    let projections: [Double]?
    let findings: [OrderingFinding]

    init(_ candidates: [SliceCandidate]) {
        let planes = candidates.compactMap(\.plane)
        let common = mostCommon(planes) { $0.hasOrientation(of: $1) }
        let odd = common.map { common in planes.count { !$0.hasOrientation(of: common) } } ?? 0
        let grid = mostCommon(planes) { $0.hasPixelSpacing(of: $1) }
        let oddGrid = grid.map { grid in planes.count { !$0.hasPixelSpacing(of: grid) } } ?? 0
        var findings: [OrderingFinding] = []
        if odd > 0 { findings.append(.mixedOrientation(count: odd)) }
        if oddGrid > 0 { findings.append(.mixedGrid(count: oddGrid)) }
        self.findings = findings
        if let common, odd == 0, planes.count == candidates.count {
            let normal = common.normal
            projections = planes.map { dot($0.origin, normal) }
        } else {
            projections = nil
        }
    }
}

/// The first plane of the largest class; the earlier class wins a tie. Series have one to three classes.
private func mostCommon(_ planes: [SlicePlane], by isAlike: (SlicePlane, SlicePlane) -> Bool) -> SlicePlane? {
    var classes: [(plane: SlicePlane, count: Int)] = []
    for plane in planes {
        if let index = classes.firstIndex(where: { isAlike(plane, $0.plane) }) {
            classes[index].count += 1
        } else {
            classes.append((plane, 1))
        }
    }
    return classes.reduce(nil as (plane: SlicePlane, count: Int)?) { best, next in
        guard let best, best.count >= next.count else { return next }
        return best
    }?.plane
}

/// The steps between ordered positions.
struct SliceSteps {
    /// Between neighbouring different positions; `nil` when there is no step.
    let median: Double?
    let findings: [OrderingFinding]

    init(positions: [Double]) {
        let all = zip(positions, positions.dropFirst()).map { $1 - $0 }
        let isStep = all.map { $0 > SliceOrdering.positionTolerance }
        let steps = zip(all, isStep).filter(\.1).map(\.0)
        median = Self.median(of: steps)
        var findings: [OrderingFinding] = []
        if steps.count < all.count { findings.append(.duplicatePosition(count: all.count - steps.count)) }
        if let median, let minimum = steps.min(), let maximum = steps.max(),
            maximum - minimum > median * VolumeGeometry.evenSpacingTolerance
        {
            findings.append(.nonUniformSpacing(minimum: minimum, maximum: maximum))
            for (index, step) in all.enumerated() where step > 1.5 * median {
                findings.append(.gap(afterSlice: index, millimetres: step))
            }
        }
        self.findings = findings
    }

    private static func median(of steps: [Double]) -> Double? {
        guard !steps.isEmpty else { return nil }
        let sorted = steps.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension SlicePlane {
    /// The angle between the normal and the line to another slice's origin, 0...90 degrees; `nil` for the same origin.
    func tiltDegrees(towards other: SIMD3<Double>) -> Double? {
        guard let line = (other - origin).unit else { return nil }
        // The arc tangent keeps its precision where the cosine is nearly 1.
        return atan2(length(cross(line, normal)), abs(dot(line, normal))) * 180 / Double.pi
    }
}
