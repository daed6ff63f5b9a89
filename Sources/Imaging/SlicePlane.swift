/// Where one slice lies in the patient.
///
/// **Units** millimetres, DICOM LPS world (x to the left, y to the back, z to the head).
/// **Source** DICOM PS3.3 C.7.6.2.1.1.
package struct SlicePlane: Sendable, Equatable {
    /// Centre of pixel [0][0].
    package let origin: SIMD3<Double>
    /// Unit vector along a row, the direction of increasing column index: the first triplet of Image Orientation.
    package let rowDirection: SIMD3<Double>
    /// Unit vector down a column, the direction of increasing row index.
    package let columnDirection: SIMD3<Double>
    /// Between the centres of neighbouring rows: the first number of Pixel Spacing.
    package let rowSpacing: Double
    /// Between the centres of neighbouring columns.
    package let columnSpacing: Double

    /// Adopts a plane; directions are brought to length 1.
    ///
    /// **Throws** `invalidGeometry` when a number is not finite, a spacing not positive, a direction null or more than
    /// 1% off length 1, or the two directions more than about 0.6 degrees off a right angle.
    package init(
        origin: SIMD3<Double>, rowDirection: SIMD3<Double>, columnDirection: SIMD3<Double>,
        rowSpacing: Double, columnSpacing: Double
    ) throws(ImagingError) {
        guard origin.isFinite, rowSpacing.isFinite, columnSpacing.isFinite, rowSpacing > 0, columnSpacing > 0 else {
            throw .invalidGeometry(reason: "a slice needs a finite position and positive pixel spacings")
        }
        guard let row = rowDirection.unit, let column = columnDirection.unit,
            abs(length(rowDirection) - 1) < 0.01, abs(length(columnDirection) - 1) < 0.01,
            abs(dot(row, column)) < 0.01
        else {
            throw .invalidGeometry(reason: "the directions of a slice are not perpendicular unit vectors")
        }
        self.origin = origin
        self.rowDirection = row
        self.columnDirection = column
        self.rowSpacing = rowSpacing
        self.columnSpacing = columnSpacing
    }

    /// From the values of Image Position (3 numbers), Image Orientation (6) and Pixel Spacing (2).
    ///
    /// **Throws** `invalidGeometry` as above, and for another number of values.
    package init(
        imagePosition: [Double], imageOrientation: [Double], pixelSpacing: [Double]
    ) throws(ImagingError) {
        guard imagePosition.count == 3, imageOrientation.count == 6, pixelSpacing.count == 2 else {
            throw .invalidGeometry(reason: "a slice needs 3 position, 6 orientation and 2 spacing values")
        }
        try self.init(
            origin: SIMD3(imagePosition), rowDirection: SIMD3(imageOrientation[0..<3]),
            columnDirection: SIMD3(imageOrientation[3..<6]), rowSpacing: pixelSpacing[0],
            columnSpacing: pixelSpacing[1])
    }

    /// Row direction x column direction: from feet to head for an ordinary axial slice.
    package var normal: SIMD3<Double> { cross(rowDirection, columnDirection) }

    /// Whether the rasters of two planes lie on each other: three corners within a tolerance.
    ///
    /// **Units** mm
    package func coincides(with other: SlicePlane, rows: Int, columns: Int, tolerance: Double) -> Bool {
        zip(corners(rows: rows, columns: columns), other.corners(rows: rows, columns: columns)).allSatisfy {
            length($0 - $1) <= tolerance
        }
    }

    /// Centres of the first pixel, of the last of the first row, and of the last of the first column.
    private func corners(rows: Int, columns: Int) -> [SIMD3<Double>] {
        [
            origin, origin + rowDirection * (columnSpacing * Double(columns - 1)),
            origin + columnDirection * (rowSpacing * Double(rows - 1)),
        ]
    }

    /// Pixel coordinates of a point, and its distance from the plane along the normal in mm.
    package func pixel(world point: SIMD3<Double>) -> (column: Double, row: Double, distance: Double) {
        let offset = point - origin
        return (
            dot(offset, rowDirection) / columnSpacing, dot(offset, columnDirection) / rowSpacing, dot(offset, normal)
        )
    }
}
