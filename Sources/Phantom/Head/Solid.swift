/// A simple body that can be painted into a slice: it knows its bounds at a height and a signed distance.
protocol Solid: Sendable {
    /// A circle in the plane at height `z` that holds the body, or nil when the plane misses it by more than `margin`.
    func bounds(z: Float, margin: Float) -> (x: Float, y: Float, radius: Float)?
    /// Distance to the surface in millimetres, negative inside; exact near the surface, approximate far from it.
    func distance(x: Float, y: Float, z: Float) -> Float
}

/// An ellipsoid, turned about the vertical axis.
struct Ellipsoid: Solid {
    var center: SIMD3<Float>
    var radii: SIMD3<Float>
    private let cosine: Float
    private let sine: Float

    init(_ x: Float, _ y: Float, _ z: Float, radii: SIMD3<Float>, turns: Float = 0) {
        center = SIMD3(x, y, z)
        self.radii = radii
        cosine = Trigonometry.cosine(turns: turns)
        sine = Trigonometry.sine(turns: turns)
    }

    func bounds(z: Float, margin: Float) -> (x: Float, y: Float, radius: Float)? {
        guard abs(z - center.z) < radii.z + margin else { return nil }
        return (center.x, center.y, max(radii.x, radii.y) + margin)
    }

    @inline(__always)
    func distance(x: Float, y: Float, z: Float) -> Float {
        let (dx, dy) = (x - center.x, y - center.y)
        let local = SIMD3(dx * cosine + dy * sine, dy * cosine - dx * sine, z - center.z) / radii
        let length = (local * local).sum().squareRoot()
        let gradient = local / radii
        let steepness = (gradient * gradient).sum().squareRoot()
        guard steepness > 0 else { return -radii.min() }
        return length * (length - 1) / steepness
    }
}

/// A round bar between two points.
struct Capsule: Solid {
    let start: SIMD3<Float>
    let end: SIMD3<Float>
    let radius: Float
    private let axis: SIMD3<Float>
    private let inverseLengthSquared: Float

    init(_ start: SIMD3<Float>, _ end: SIMD3<Float>, radius: Float) {
        self.start = start
        self.end = end
        self.radius = radius
        axis = end - start
        inverseLengthSquared = 1 / max((axis * axis).sum(), 1e-6)
    }

    func bounds(z: Float, margin: Float) -> (x: Float, y: Float, radius: Float)? {
        guard z > min(start.z, end.z) - radius - margin, z < max(start.z, end.z) + radius + margin else { return nil }
        let middle = (start + end) / 2
        let half = ((axis.x * axis.x + axis.y * axis.y).squareRoot()) / 2
        return (middle.x, middle.y, half + radius + margin)
    }

    @inline(__always)
    func distance(x: Float, y: Float, z: Float) -> Float {
        let offset = SIMD3(x, y, z) - start
        let along = max(0, min(1, (offset * axis).sum() * inverseLengthSquared))
        let away = offset - axis * along
        return (away * away).sum().squareRoot() - radius
    }
}
