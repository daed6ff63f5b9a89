/// Smooth, periodic noise in three dimensions: the gyri, the fat between muscles, the cells of the mastoid.
///
/// Random values in −1...1 sit on a lattice of 64³ points; between them the value is trilinear in smoothed coordinates.
/// The smallest feature is about one lattice step, which the caller scales to millimetres. Immutable and shared by all
/// workers. **Cost** 1 MiB.
struct NoiseField: Sendable {
    private static let side = 64
    private let lattice: [Float]

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed, key: 0x6E6F_6973_65)
        lattice = (0..<Self.side * Self.side * Self.side).map { _ in generator.uniform(-1...1) }
    }

    /// The noise at a point in lattice steps; it repeats every 64 steps along each axis.
    @inline(__always)
    func value(_ x: Float, _ y: Float, _ z: Float) -> Float {
        let (x0, fx) = Self.cell(x)
        let (y0, fy) = Self.cell(y)
        let (z0, fz) = Self.cell(z)
        let x1 = (x0 + 1) & 63
        let row00 = (z0 << 12) + (y0 << 6)
        let row01 = (z0 << 12) + (((y0 + 1) & 63) << 6)
        let row10 = (((z0 + 1) & 63) << 12) + (y0 << 6)
        let row11 = (((z0 + 1) & 63) << 12) + (((y0 + 1) & 63) << 6)
        let near = Self.blend(
            Self.blend(lattice[row00 + x0], lattice[row00 + x1], fx),
            Self.blend(lattice[row01 + x0], lattice[row01 + x1], fx), fy)
        let far = Self.blend(
            Self.blend(lattice[row10 + x0], lattice[row10 + x1], fx),
            Self.blend(lattice[row11 + x0], lattice[row11 + x1], fx), fy)
        return Self.blend(near, far, fz)
    }

    @inline(__always)
    private static func cell(_ coordinate: Float) -> (index: Int, fraction: Float) {
        // 4096 is a multiple of the period and keeps the truncation on the positive side.
        let shifted = coordinate + 4096
        let whole = Int(shifted)
        let fraction = shifted - Float(whole)
        return (whole & 63, fraction * fraction * (3 - 2 * fraction))
    }

    @inline(__always)
    private static func blend(_ a: Float, _ b: Float, _ t: Float) -> Float { a + (b - a) * t }
}
