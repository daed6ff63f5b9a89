/// One thin plane of the head while it is painted, in Hounsfield units.
///
/// **Shape** `[rows][columns]`. Edges are soft over about one pixel; partial volume along z comes from averaging several
/// planes.
struct SliceCanvas {
    let placement: Placement
    let z: Float
    var hu: [Float]
    /// Width of a soft edge in standard millimetres.
    let edge: Float

    init(_ placement: Placement, z: Float) {
        self.placement = placement
        self.z = z
        hu = [Float](repeating: -1000, count: placement.size * placement.size)
        edge = max(0.7, placement.step)
    }

    /// Fills a body with a value; `opacity` below 1 mixes with what is there.
    mutating func paint(_ solid: some Solid, _ value: Float, opacity: Float = 1) {
        blend(solid) { hu, _, _, weight in hu + (value - hu) * weight * opacity }
    }

    /// Paints a body in bone and leaves a hollow of `inside` HU, with a wall of `wall` millimetres.
    mutating func paintCavity(_ solid: Ellipsoid, wall: Float, bone: Float, inside: Float) {
        var shell = solid
        shell.radii += wall
        paint(shell, bone)
        paint(solid, inside)
    }

    /// Calls `mix(old, x, y, coverage)` for the pixels a body covers, coverage in 0...1.
    @inline(__always)
    mutating func blend(_ solid: some Solid, _ mix: (Float, Float, Float, Float) -> Float) {
        guard let bounds = solid.bounds(z: z, margin: edge) else { return }
        let center = placement.pixel(x: bounds.x, y: bounds.y)
        // 4 mm more than the body: the warp may move it by 2.5 mm.
        let reach = Int((bounds.radius + 4) / placement.step) + 1
        let rows = max(0, center.row - reach)..<max(0, min(placement.size, center.row + reach + 1))
        let columns = max(0, center.column - reach)..<max(0, min(placement.size, center.column + reach + 1))
        guard !rows.isEmpty, !columns.isEmpty else { return }
        for row in rows {
            for index in row * placement.size + columns.lowerBound..<row * placement.size + columns.upperBound {
                let (x, y) = (placement.x[index], placement.y[index])
                let coverage = 0.5 - solid.distance(x: x, y: y, z: z) / edge
                if coverage > 0 { hu[index] = mix(hu[index], x, y, min(1, coverage)) }
            }
        }
    }
}
