/// One marked object as polygons on the slices of a series.
package struct ContourStack: Sendable, Equatable {
    package struct Level: Sendable, Equatable {
        package let contour: PixelContour
        /// Index of the slice.
        package let slice: Int
        /// Along the slice normal. **Units** mm
        package let position: Double

        package init(contour: PixelContour, slice: Int, position: Double) {
            self.contour = contour
            self.slice = slice
            self.position = position
        }
    }

    package let levels: [Level]

    package init(_ levels: [Level]) {
        self.levels = levels
    }

    /// The mean of all its points as (column, row, slice); `nil` where there is none.
    package var centroid: SIMD3<Double>? {
        let count = levels.reduce(0) { $0 + $1.contour.points.count }
        guard count > 0 else { return nil }
        let sum = levels.reduce(SIMD3<Double>()) { sum, level in
            level.contour.points.reduce(sum) { $0 + SIMD3($1.x, $1.y, Double(level.slice)) }
        }
        return sum / Double(count)
    }

    /// The largest distance between two points of one slice; `nil` where no polygon has two. **Units** mm
    package func diameter(columnSpacing: Double, rowSpacing: Double) -> Double? {
        levels.compactMap { $0.contour.diameter(columnSpacing: columnSpacing, rowSpacing: rowSpacing) }.max()
    }

    /// Area times height of each polygon, exclusions subtracted.
    ///
    /// A polygon reaches halfway to its neighbours among the slices that have polygons, beyond the first and the last as
    /// far as between them. `sliceThickness` stands in where all lie on one slice. **Units** mm³ **Source** pylidc,
    /// `Annotation.volume`.
    package func volume(columnSpacing: Double, rowSpacing: Double, sliceThickness: Double) -> Double {
        let positions = Set(levels.map(\.position)).sorted()
        return levels.reduce(0) { sum, level in
            let area = level.contour.area(columnSpacing: columnSpacing, rowSpacing: rowSpacing)
            let height = Self.height(at: level.position, among: positions) ?? sliceThickness
            return sum + (level.contour.isInclusion ? area : -area) * height
        }
    }

    private static func height(at position: Double, among positions: [Double]) -> Double? {
        guard positions.count > 1, let index = positions.firstIndex(of: position) else { return nil }
        let below = index == 0 ? 2 * positions[0] - positions[1] : positions[index - 1]
        let last = positions.count - 1
        let above = index == last ? 2 * positions[last] - positions[last - 1] : positions[index + 1]
        return (above - below) / 2
    }

    /// The smallest distance between a point of one and a point of the other, in steps of the scale.
    ///
    /// - Parameter scale: What one column, one row and one slice count; ones for pylidc's distance in index units.
    package func distance(to other: ContourStack, scale: SIMD3<Double>) -> Double {
        var smallest = Double.infinity
        for mine in levels {
            for theirs in other.levels {
                let across = Double(mine.slice - theirs.slice) * scale.z
                guard across * across < smallest else { continue }
                for first in mine.contour.points {
                    for second in theirs.contour.points {
                        let (x, y) = ((first.x - second.x) * scale.x, (first.y - second.y) * scale.y)
                        smallest = min(smallest, x * x + y * y + across * across)
                    }
                }
            }
        }
        return smallest.squareRoot()
    }
}
