/// A closed polygon on one slice, in the order in which its reader drew it.
///
/// **Units** pixels: x is the column, y the row, (0, 0) the centre of the first pixel. The last point is joined to the
/// first.
package struct PixelContour: Sendable, Equatable {
    package let points: [SIMD2<Double>]
    /// False where the polygon cuts its inside out of the others on its slice.
    package let isInclusion: Bool

    package init(points: [SIMD2<Double>], isInclusion: Bool = true) {
        self.points = points
        self.isInclusion = isInclusion
    }

    /// The pixels that the polygon lists, nearest to each point.
    func listedPixels(rows: Int, columns: Int) -> [(row: Int, column: Int)] {
        points.compactMap { point in
            let (row, column) = (Int(point.y.rounded()), Int(point.x.rounded()))
            guard (0..<rows).contains(row), (0..<columns).contains(column) else { return nil }
            return (row, column)
        }
    }

    /// The rows and columns that the polygon can reach, cut at the edges of the raster; `nil` outside it.
    func box(rows: Int, columns: Int) -> PixelBox? {
        let (x, y) = (points.map(\.x), points.map(\.y))
        guard let left = x.min(), let right = x.max(), let top = y.min(), let bottom = y.max(),
            right >= 0, bottom >= 0, left < Double(columns), top < Double(rows)
        else { return nil }
        return PixelBox(
            minimumRow: Int(max(0, top)), minimumColumn: Int(max(0, left)),
            maximumRow: Int(min(bottom, Double(rows - 1))), maximumColumn: Int(min(right, Double(columns - 1))))
    }
}

extension PixelContour {
    /// Area by Green's theorem ("shoelace"), in units of the spacings' product. Points on a line enclose none.
    package func area(columnSpacing: Double, rowSpacing: Double) -> Double {
        var doubled = 0.0
        for (index, point) in points.enumerated() {
            let next = points[(index + 1) % points.count]
            doubled += point.x * next.y - next.x * point.y
        }
        return abs(doubled) / 2 * columnSpacing * rowSpacing
    }

    /// The largest distance between two of its points; `nil` for a single one.
    package func diameter(columnSpacing: Double, rowSpacing: Double) -> Double? {
        guard points.count > 1 else { return nil }
        let scale = SIMD2(columnSpacing, rowSpacing)
        var largest = 0.0
        for (index, first) in points.enumerated() {
            for second in points[(index + 1)...] {
                let step = (first - second) * scale
                largest = max(largest, (step * step).sum())
            }
        }
        return largest.squareRoot()
    }
}
