internal import Glibc

/// A marked ball as a sample shows it: an ellipsoid along the axes, since voxels need not be cubes.
///
/// **Units** voxels of the sample along slices, rows and columns; the centre of the first voxel is 0.
package struct SampleSphere: Sendable, Equatable {
    package let centre: SIMD3<Double>
    /// Half the extent along each axis; positive.
    package let radius: SIMD3<Double>

    package init(centre: SIMD3<Double>, radius: SIMD3<Double>) {
        self.centre = centre
        self.radius = radius
    }

    /// How many numbers describe one: slice, row and column of the centre, then the radius along each.
    package static let numberCount = 6

    package var numbers: [Double] { [centre.x, centre.y, centre.z, radius.x, radius.y, radius.z] }

    /// Nil unless these are its six numbers, the radii positive.
    package init?(numbers: [Double]) {
        guard numbers.count == Self.numberCount, numbers[3...].allSatisfy({ $0 > 0 }) else { return nil }
        self.init(
            centre: SIMD3(numbers[0], numbers[1], numbers[2]), radius: SIMD3(numbers[3], numbers[4], numbers[5]))
    }

    /// Whether any of it lies in a sample of these sides, whose edges are half a voxel beyond its outermost centres.
    package func reaches(into sides: SIMD3<Double>) -> Bool {
        let nearest = centre.clamped(lowerBound: SIMD3(repeating: -0.5), upperBound: sides - 0.5)
        let distance = (centre - nearest) / radius
        return (distance * distance).sum() <= 1
    }

    /// In voxels of what a recipe makes, from voxels of what it is given.
    package func placed(in grid: SampleGrid) -> SampleSphere {
        SampleSphere(centre: (centre - grid.start) / grid.step, radius: radius / grid.step)
    }

    /// As an augmentation moves it: the inverse of the map by which ``AffineSampling`` finds old pixels.
    ///
    /// What is no ball in rows and columns is none along them when it is rotated; its radius stays half of its extent.
    /// - Parameter sides: Of the sample. A single slice is not mirrored: its neighbours, if any, are channels.
    package func changed(by change: SampleChange, sides: SIMD3<Double>) -> SampleSphere {
        var (centre, radius) = (self.centre, self.radius)
        if change.flipsSlices, sides.x > 1 { centre.x = sides.x - 1 - centre.x }
        if change.flipsRows { centre.y = sides.y - 1 - centre.y }
        if change.flipsColumns { centre.z = sides.z - 1 - centre.z }
        guard change.isAffine else { return SampleSphere(centre: centre, radius: radius) }
        let angle = change.rotationDegrees * Double.pi / 180
        let (cosine, sine) = (cos(angle) * change.scale, sin(angle) * change.scale)
        let middle = (sides - 1) / 2
        let (row, column) = (centre.y - middle.y, centre.z - middle.z)
        centre.y = cosine * row - sine * column + middle.y + change.shiftRows * sides.y
        centre.z = sine * row + cosine * column + middle.z + change.shiftColumns * sides.z
        (radius.y, radius.z) = (
            hypot(cosine * radius.y, sine * radius.z), hypot(sine * radius.y, cosine * radius.z)
        )
        return SampleSphere(centre: centre, radius: radius)
    }
}
