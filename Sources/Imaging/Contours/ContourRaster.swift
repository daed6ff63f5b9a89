/// Draws polygons into a raster.
package enum ContourRaster {
    /// Which pixels a polygon marks.
    package enum Edge: String, Sendable {
        /// Pixels whose centre is inside, without those that the polygon lists: readers of LIDC-IDRI traced the first
        /// pixels outside the nodule.
        case excluded
        /// Pixels whose centre is inside.
        case byCentre = "by-centre"
    }

    /// The pixels that the polygons of one slice mark: first all inclusions, then all exclusions cut out.
    ///
    /// A polygon of one or two points has no inside. **Throws** `invalidMask` for a raster without pixels.
    /// **Source** pylidc, `Annotation.boolean_mask`.
    package static func mask(
        of contours: [PixelContour], rows: Int, columns: Int, edge: Edge
    ) throws(ImagingError) -> RunLengthMask {
        var raster = [UInt8](repeating: 0, count: max(0, rows * columns))
        for contour in contours where contour.isInclusion {
            fill(contour, with: 1, &raster, rows: rows, columns: columns)
            if edge == .excluded { clearListed(contour, &raster, rows: rows, columns: columns) }
        }
        for contour in contours where !contour.isInclusion {
            fill(contour, with: 0, &raster, rows: rows, columns: columns)
            if edge == .excluded { clearListed(contour, &raster, rows: rows, columns: columns) }
        }
        return try RunLengthMask(mask: raster, rows: rows, columns: columns)
    }

    /// Scans along the columns: an edge that crosses one flips every pixel above its crossing.
    private static func fill(
        _ contour: PixelContour, with value: UInt8, _ raster: inout [UInt8], rows: Int, columns: Int
    ) {
        guard let box = contour.box(rows: rows, columns: columns) else { return }
        var flips = [Bool](repeating: false, count: box.maximumRow - box.minimumRow + 2)
        for column in box.minimumColumn...box.maximumColumn {
            contour.forEachCrossing(ofColumn: Double(column), rows: box.minimumRow...box.maximumRow) {
                flips[$0 - box.minimumRow].toggle()
            }
            var isInside = false
            for row in (box.minimumRow...box.maximumRow).reversed() {
                let end = row + 1 - box.minimumRow
                if flips[end] { isInside.toggle() }
                flips[end] = false
                if isInside { raster[row * columns + column] = value }
            }
            flips[0] = false
        }
    }

    private static func clearListed(_ contour: PixelContour, _ raster: inout [UInt8], rows: Int, columns: Int) {
        for pixel in contour.listedPixels(rows: rows, columns: columns) {
            raster[pixel.row * columns + pixel.column] = 0
        }
    }
}

extension PixelContour {
    /// Whether a point is inside, by the even-odd rule.
    ///
    /// A ray along the columns is counted against edges that are half open in the row, so that a vertex counts once.
    /// Points exactly on an edge fall to either side, always the same one. **Source** Haines, "Point in polygon
    /// strategies", Graphics Gems IV (1994), the rule of Matplotlib's `Path.contains_points`.
    package func contains(_ point: SIMD2<Double>) -> Bool {
        var isInside = false
        forEachEdge(across: point.x) { if $0.isPast(point) { isInside.toggle() } }
        return isInside
    }

    /// The first of the rows that lies behind each edge that crosses a column; one after the last where none does.
    fileprivate func forEachCrossing(ofColumn column: Double, rows: ClosedRange<Int>, _ body: (Int) -> Void) {
        forEachEdge(across: column) { edge in
            // The rule decides, in its own rounding; the quotient only says where to look.
            let near = edge.row(atColumn: column)
            var row = near > Double(rows.lowerBound) ? Int(min(near, Double(rows.upperBound))) : rows.lowerBound
            while row <= rows.upperBound, edge.isPast(SIMD2(column, Double(row))) { row += 1 }
            while row > rows.lowerBound, !edge.isPast(SIMD2(column, Double(row - 1))) { row -= 1 }
            body(row)
        }
    }

    private func forEachEdge(across column: Double, _ body: (Edge) -> Void) {
        guard points.count > 2, var previous = points.last else { return }
        for vertex in points {
            // As pylidc hands points over, the row is the first coordinate: the ray runs along rows of constant column.
            if (previous.x >= column) != (vertex.x >= column) { body(Edge(from: previous, to: vertex)) }
            previous = vertex
        }
    }

    /// One side of the polygon, whose ends lie on either side of a column.
    private struct Edge {
        let from: SIMD2<Double>
        let to: SIMD2<Double>

        /// The ray from the point, towards rising rows, meets the edge. In a column that holds up to some row.
        func isPast(_ point: SIMD2<Double>) -> Bool {
            let left = (to.x - point.x) * (from.y - to.y)
            let right = (to.y - point.y) * (from.x - to.x)
            return (left >= right) == (to.x >= point.x)
        }

        func row(atColumn column: Double) -> Double { to.y - (to.x - column) * (from.y - to.y) / (from.x - to.x) }
    }
}
