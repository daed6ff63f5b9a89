extension VolumeGeometry {
    /// The largest distance of a slice from its place on the even grid, as a share of the slice spacing.
    package static let evenSpacingTolerance = 0.05

    /// The grid that ordered planes form; `nil` when they form none and the series is a stack.
    ///
    /// The planes need one orientation (1e-4), one pixel spacing (0.1%) and origins on a straight line at even steps
    /// (5% of a step, which admits positions rounded to a tenth of a millimetre). The slice direction is the line through
    /// the origins, so a tilted gantry gives a sheared grid, not a wrong one.
    ///
    /// - Parameter sliceSpacing: the spacing of a single plane, which cannot show its own; ignored otherwise.
    package init?(planes: [SlicePlane], columns: Int, rows: Int, sliceSpacing: Double? = nil) {
        guard let first = planes.first, let last = planes.last else { return nil }
        let step: SIMD3<Double>
        if planes.count == 1 {
            guard let sliceSpacing else { return nil }
            step = first.normal * sliceSpacing
        } else {
            step = (last.origin - first.origin) / Double(planes.count - 1)
        }
        let tolerance = length(step) * Self.evenSpacingTolerance
        for (index, plane) in planes.enumerated() {
            guard plane.hasOrientation(of: first), plane.hasPixelSpacing(of: first),
                length(plane.origin - (first.origin + step * Double(index))) <= tolerance
            else { return nil }
        }
        guard let direction = step.unit else { return nil }
        try? self.init(
            columns: columns, rows: rows, slices: planes.count, origin: first.origin,
            rowDirection: first.rowDirection, columnDirection: first.columnDirection, sliceDirection: direction,
            columnSpacing: first.columnSpacing, rowSpacing: first.rowSpacing, sliceSpacing: length(step))
    }
}

extension SlicePlane {
    /// Every component of both directions within 1e-4: headers print six decimals, and 1e-4 is 0.03 mm over a head.
    package func hasOrientation(of other: SlicePlane) -> Bool {
        largestComponent(rowDirection - other.rowDirection) <= 1e-4
            && largestComponent(columnDirection - other.columnDirection) <= 1e-4
    }

    /// Both spacings within 0.1%.
    package func hasPixelSpacing(of other: SlicePlane) -> Bool {
        abs(rowSpacing - other.rowSpacing) <= other.rowSpacing * 1e-3
            && abs(columnSpacing - other.columnSpacing) <= other.columnSpacing * 1e-3
    }
}

private func largestComponent(_ vector: SIMD3<Double>) -> Double {
    max(abs(vector.x), abs(vector.y), abs(vector.z))
}
