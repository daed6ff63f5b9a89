/// Paints one thin plane of a head: soft tissue, face, base and vault of the skull, brain.
///
/// The order is that of a painter: what lies on top comes last. Values are Hounsfield units: air −1000, fat −95,
/// muscle 55, CSF 6, white matter 28, grey matter 37, bone 300...1500.
struct HeadPainter: Sendable {
    let anatomy: HeadAnatomy
    let placement: Placement
    let noise: NoiseField
    let directions: Directions
    /// The form of this head by direction, from ``Directions/shape(_:)``.
    let shape: [Float]

    /// The plane at height `z`, before blood, fractures and scanner noise.
    func plane(z: Float, fracture: Fracture? = nil) -> (canvas: SliceCanvas, level: HeadLevel) {
        let level = HeadLevel(anatomy, z: z, directions: directions, shape: shape)
        var canvas = SliceCanvas(placement, z: z)
        paintTable(&canvas)
        guard z < HeadAnatomy.innerVertex + anatomy.skullThickness + anatomy.scalpThickness + 2 else {
            return (canvas, level)
        }
        paintSoftTissue(&canvas, level)
        if z < 40 { paintFace(&canvas) }
        if z < -35 { paintNeck(&canvas) }
        paintSkullAndBrain(&canvas, level, fracture)
        if z > -46 { paintInterior(&canvas) }
        if z < 12, z > -48 { paintSkullBase(&canvas) }
        if z < 36, z > -4 { paintFrontalSinuses(&canvas) }
        return (canvas, level)
    }

    /// The curved head rest: a thin bright arc below the head, in scanner coordinates.
    private func paintTable(_ canvas: inout SliceCanvas) {
        let size = placement.size
        let arc: Float = 150
        let back = 96 * anatomy.scale + anatomy.shift.y + 14
        for row in 0..<size {
            let y = Placement.scanner(row, size, placement.spacing) - (back - arc)
            guard y > arc * 0.45 else { continue }
            for column in 0..<size {
                let x = Placement.scanner(column, size, placement.spacing)
                let offset = abs((x * x + y * y).squareRoot() - arc)
                let weight = max(0, min(1, (1.6 - offset) / max(1, placement.spacing) + 0.5))
                if weight > 0 { canvas.hu[row * size + column] = -1000 + weight * 1150 }
            }
        }
    }

    /// Skin, fat and muscle inside the outline of the head; muscle bellies come from the noise field.
    private func paintSoftTissue(_ canvas: inout SliceCanvas, _ level: HeadLevel) {
        let origin = anatomy.noiseOffset
        let muscular = max(0, min(1, (6 - level.z) / 25))
        for index in canvas.hu.indices {
            let boundary = level.scalp[Int(placement.direction[index])]
            let depth = boundary - placement.radius[index]
            let coverage = 0.5 + depth / canvas.edge
            guard coverage > 0 else { continue }
            let (x, y) = (placement.x[index], placement.y[index])
            let belly = noise.value(x / 13 + origin.x + 5, y / 13 + origin.y + 9, level.z / 26 + origin.z)
            let threshold = 0.85 - 1.15 * muscular
            let muscle = max(0, min(1, (belly - threshold + 0.12) * 6))
            let inside = -92 + 147 * muscle
            let value = depth < 2.4 ? 52 : inside
            canvas.hu[index] += (value - canvas.hu[index]) * min(1, coverage)
        }
    }

    /// Lowest height of the cranial cavity at a place: orbital roofs in front, middle fossae at the sides, the posterior
    /// fossa open downwards.
    @inline(__always)
    static func floorHeight(x: Float, y: Float) -> Float {
        let side = abs(x)
        let lateral = ramp(side, 14, 24)
        let (ox, oy) = ((side - 31) / 17, (y + 56) / 26)
        let roof = -5 + 17 * ramp(-y, 26, 78) + 9 * max(0, 1 - ox * ox - oy * oy) + 6 * ramp(side, 34, 58)
        let (mx, my) = ((side - 43) / 22, (y + 3) / 26)
        let sella = -9 + 10 * ramp(-y, 0, 24)
        let middle = sella * (1 - lateral) - lateral * (14 + 12 * max(-1, 1 - mx * mx - my * my))
        let wing = -24 - 8 * ramp(side, 25, 60)
        let front = 1 - ramp(y, wing - 4, wing + 4)
        let back = ramp(y, 12 + side * 0.25, 22 + side * 0.25)
        return roof * front + (1 - front) * (middle * (1 - back) - 60 * back)
    }

    /// 0 below `low`, 1 above `high`, linear in between.
    @inline(__always)
    static func ramp(_ value: Float, _ low: Float, _ high: Float) -> Float {
        max(0, min(1, (value - low) / (high - low)))
    }
}
