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

    private static func fill(
        _ contour: PixelContour, with value: UInt8, _ raster: inout [UInt8], rows: Int, columns: Int
    ) {
        guard let box = contour.box(rows: rows, columns: columns) else { return }
        for row in box.minimumRow...box.maximumRow {
            for column in box.minimumColumn...box.maximumColumn
            where contour.contains(SIMD2(Double(column), Double(row))) {
                raster[row * columns + column] = value
            }
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
        guard points.count > 2, var previous = points.last else { return false }
        var isInside = false
        // As pylidc hands points over, the row is the first coordinate: the ray runs along rows of constant column.
        var wasAbove = previous.x >= point.x
        for vertex in points {
            let isAbove = vertex.x >= point.x
            if wasAbove != isAbove {
                let left = (vertex.x - point.x) * (previous.y - vertex.y)
                let right = (vertex.y - point.y) * (previous.x - vertex.x)
                if (left >= right) == isAbove { isInside.toggle() }
            }
            wasAbove = isAbove
            previous = vertex
        }
        return isInside
    }
}
