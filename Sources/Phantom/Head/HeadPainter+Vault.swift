/// A thin break of the vault in one direction.
struct Fracture: Sendable {
    /// Direction of the break, turns.
    let direction: Float
    /// Width of the gap in standard millimetres.
    let width: Float
}

extension HeadPainter {
    /// Bone between the tables and brain inside the inner one; nothing below the floor of the cavity.
    func paintSkullAndBrain(_ canvas: inout SliceCanvas, _ level: HeadLevel, _ fracture: Fracture?) {
        guard level.z > -46 else { return }
        let z = level.z
        let origin = anatomy.noiseOffset
        for index in canvas.hu.indices {
            let direction = Int(placement.direction[index])
            let radius = placement.radius[index]
            let outer = level.outerTable[direction]
            let outerCoverage = 0.5 + (outer - radius) / canvas.edge
            guard outerCoverage > 0 else { continue }
            let (x, y) = (placement.x[index], placement.y[index])
            let clearance = z < 16 ? z - Self.floorHeight(x: x, y: y) : 100
            let base = min(1, 0.5 + (clearance + 3.5) / 1.2)
            guard base > 0 else { continue }
            let depth = level.innerTable[direction] - radius
            let inside = min(max(0, 0.5 + depth / canvas.edge), max(0, min(1, 0.5 + clearance / 1.2)))
            var value: Float = 0
            if inside < 1 {
                let grain = noise.value(x / 2.2 + origin.x, y / 2.2 + origin.y, z / 4 + origin.z)
                value = bone(depth: -depth, thickness: outer - level.innerTable[direction], grain)
                if let fracture { value = broken(value, fracture, direction: direction, radius: radius) }
            }
            if inside > 0 {
                let tissue = brain(x: x, y: y, z: z, depth: min(depth * level.obliquity, clearance))
                value += (tissue - value) * inside
            }
            canvas.hu[index] += (value - canvas.hu[index]) * min(1, outerCoverage) * base
        }
    }

    /// Two compact tables with marrow (diploe) between them.
    private func bone(depth: Float, thickness: Float, _ grain: Float) -> Float {
        guard thickness > 3.5 else { return anatomy.corticalHU * 0.85 + grain * 40 }
        let fraction = max(0, min(1, depth / thickness))
        let fromMiddle = abs(fraction - 0.47) / 0.5
        let compact = max(0, min(1, (fromMiddle - 0.42) * 4))
        let marrow = 560 + grain * 150
        return marrow + (anatomy.corticalHU + grain * 50 - marrow) * compact
    }

    private func broken(_ value: Float, _ fracture: Fracture, direction: Int, radius: Float) -> Float {
        let turns = (Float(direction) + 0.5) / Float(HeadLevel.directionCount)
        var apart = abs(turns - fracture.direction)
        apart = min(apart, 1 - apart)
        let offset = apart * 2 * Float.pi * radius
        let gap = max(0, min(1, (fracture.width - offset) / 0.8 + 0.5))
        return value + (35 - value) * gap
    }
}
