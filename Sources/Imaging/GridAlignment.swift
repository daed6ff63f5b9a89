/// How the voxels of one grid are those of another: axes exchanged and turned round, nothing in between.
package struct GridAlignment: Sendable, Equatable {
    /// Axis of the other grid that runs along column, row and slice of this one: 0 column, 1 row, 2 slice.
    package let axes: [Int]
    /// Whether that axis runs the other way.
    package let isReversed: [Bool]
    /// Columns, rows and slices of the other grid.
    private let counts: [Int]

    /// Corners of the two grids differ by no more. **Units** mm
    package static let tolerance = 1e-3

    /// `nil` where the grids differ in more than the order and sense of their axes.
    package init?(of other: VolumeGeometry, on grid: VolumeGeometry) {
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        for axes in orders {
            for signs in 0..<8 {
                let candidate = GridAlignment(
                    axes: axes, isReversed: (0..<3).map { signs >> $0 & 1 == 1 }, counts: other.counts)
                if candidate.holds(of: other, on: grid) {
                    self = candidate
                    return
                }
            }
        }
        return nil
    }

    private init(axes: [Int], isReversed: [Bool], counts: [Int]) {
        self.axes = axes
        self.isReversed = isReversed
        self.counts = counts
    }

    private func holds(of other: VolumeGeometry, on grid: VolumeGeometry) -> Bool {
        let ends = grid.counts
        guard (0..<3).allSatisfy({ ends[$0] == counts[axes[$0]] }) else { return false }
        return (0..<8).allSatisfy { corner in
            let place = (0..<3).map { corner >> $0 & 1 == 1 ? ends[$0] - 1 : 0 }
            let found = index(column: place[0], row: place[1], slice: place[2])
            let distance =
                grid.world(column: Double(place[0]), row: Double(place[1]), slice: Double(place[2]))
                - other.world(column: Double(found[0]), row: Double(found[1]), slice: Double(found[2]))
            return (distance * distance).sum().squareRoot() <= Self.tolerance
        }
    }

    /// Column, row and slice in the other grid of a voxel of this one.
    package func index(column: Int, row: Int, slice: Int) -> [Int] {
        var index = [0, 0, 0]
        for (axis, value) in [column, row, slice].enumerated() {
            index[axes[axis]] = isReversed[axis] ? counts[axes[axis]] - 1 - value : value
        }
        return index
    }

    /// Each slice of the one is a slice of the other.
    package var keepsSlices: Bool { axes[2] == 2 }
}

extension VolumeGeometry {
    fileprivate var counts: [Int] { [columns, rows, slices] }
}
