internal import Imaging

/// A chest CT of simple shapes: a body, two lungs, a trachea, and nodules in the lungs.
///
/// Values are Hounsfield units. Voxels are a pure function of seed and index, so slices may be made in any order.
struct ChestStack: Sendable {
    /// A ball of soft tissue in a lung.
    struct Nodule: Sendable {
        /// Voxel coordinates: column, row, slice.
        let centre: SIMD3<Double>
        /// **Units** mm
        let radius: Double
    }

    /// What the lung mask of LUNA16 has at a voxel.
    enum Region: UInt8 {
        case outside = 0
        case rightLung = 3
        case leftLung = 4
        case trachea = 5
    }

    let seed: UInt64
    let size: Int
    let sliceCount: Int
    /// Of a column, a row and a slice. **Units** mm
    let spacing: SIMD3<Double>
    let nodules: [Nodule]

    init(
        seed: UInt64, size: Int, sliceCount: Int, spacing: SIMD3<Double>, nodules: [Nodule]
    ) {
        self.seed = seed
        self.size = size
        self.sliceCount = sliceCount
        self.spacing = spacing
        self.nodules = nodules
    }

    func region(column: Int, row: Int) -> Region {
        let x = (Double(column) + 0.5) / Double(size) - 0.5
        let y = (Double(row) + 0.5) / Double(size) - 0.5
        if Self.isInside(x, y, centre: (-0.18, 0), radii: (0.13, 0.24)) { return .rightLung }
        if Self.isInside(x, y, centre: (0.18, 0), radii: (0.13, 0.24)) { return .leftLung }
        return Self.isInside(x, y, centre: (0, -0.05), radii: (0.03, 0.03)) ? .trachea : .outside
    }

    /// Hounsfield units of one slice, row-major.
    func slice(_ index: Int) -> [Int16] {
        var noise = SeededGenerator(seed: seed, key: UInt64(index), 0x63_68)
        var values = [Int16](repeating: 0, count: size * size)
        for row in 0..<size {
            for column in 0..<size {
                let grain = noise.uniform(-15...15)
                values[row * size + column] = Int16(Float(tissue(column: column, row: row)) + grain)
            }
        }
        for nodule in nodules { paint(nodule, into: &values, slice: index) }
        return values
    }

    private func tissue(column: Int, row: Int) -> Int {
        switch region(column: column, row: row) {
        case .rightLung, .leftLung: return -850
        case .trachea: return -980
        case .outside:
            let x = (Double(column) + 0.5) / Double(size) - 0.5
            let y = (Double(row) + 0.5) / Double(size) - 0.5
            return Self.isInside(x, y, centre: (0, 0), radii: (0.46, 0.36)) ? 40 : -1000
        }
    }

    private func paint(_ nodule: Nodule, into values: inout [Int16], slice index: Int) {
        let reach = Int((nodule.radius / min(spacing.x, spacing.y)).rounded(.up)) + 1
        let (column, row) = (Int(nodule.centre.x.rounded()), Int(nodule.centre.y.rounded()))
        for y in max(0, row - reach)...min(size - 1, row + reach) {
            for x in max(0, column - reach)...min(size - 1, column + reach) {
                let step = (SIMD3(Double(x), Double(y), Double(index)) - nodule.centre) * spacing
                if (step * step).sum() <= nodule.radius * nodule.radius { values[y * size + x] = 30 }
            }
        }
    }

    private static func isInside(
        _ x: Double, _ y: Double, centre: (Double, Double), radii: (Double, Double)
    ) -> Bool {
        let (a, b) = ((x - centre.0) / radii.0, (y - centre.1) / radii.1)
        return a * a + b * b <= 1
    }
}
