/// Paints bleedings into a plane and draws the radiologist's outline around them.
///
/// The outline is drawn generously, as in the real set: up to 1.5 mm outside the clot, so it contains some bone at the
/// skull.
struct HaemorrhagePainter: Sendable {
    let painter: HeadPainter
    /// How far outside the clot the outline runs, standard millimetres.
    static let outlineMargin: Float = 1.5
    /// How far the outline reaches into the skull, standard millimetres.
    static let boneMargin: Float = 0.4

    /// Adds the blood of `haemorrhage` to the plane, `size` being its size there.
    func paint(_ haemorrhage: Haemorrhage, size: Float, into canvas: inout SliceCanvas, _ level: HeadLevel) {
        let form = Form(haemorrhage, size: size, level: level)
        let noise = painter.noise
        let origin = painter.anatomy.noiseOffset
        for index in canvas.hu.indices {
            let place = locate(index, canvas, level)
            guard place.depth > -1, place.clearance > 0 else { continue }
            let distance = signedDistance(form, place, z: level.z)
            guard distance < 8 else { continue }
            var value = canvas.hu[index]
            if haemorrhage.kind == .intraparenchymal, value > -20, value < 100 {
                let oedema = max(0, min(1, (6 - distance) / 3)) * 0.7
                value += (21 - value) * oedema
            }
            let swirl = noise.value(place.x / 6 + origin.x, place.y / 6 + origin.y, level.z / 8 + 3)
            let weight =
                max(0, min(1, 0.5 - distance / max(1.2, canvas.edge)))
                * max(0, min(1, 0.5 + place.depth / canvas.edge))
            canvas.hu[index] = value + (haemorrhage.hu + 4 * swirl - value) * weight
        }
    }

    /// Marks in `mask` what the outline of `haemorrhage` encloses; at least one pixel.
    func outline(
        _ haemorrhage: Haemorrhage, size: Float, into mask: inout [UInt8], canvas: borrowing SliceCanvas,
        _ level: HeadLevel
    ) {
        let form = Form(haemorrhage, size: size, level: level)
        var marked = false
        for index in mask.indices {
            let place = locate(index, canvas, level)
            guard place.depth > -Self.boneMargin, place.clearance > -Self.boneMargin else { continue }
            if signedDistance(form, place, z: level.z) < Self.outlineMargin {
                mask[index] = 255
                marked = true
            }
        }
        guard !marked else { return }
        let pixel = painter.placement.pixel(x: form.center.x, y: form.center.y)
        let last = painter.placement.size - 1
        mask[max(0, min(last, pixel.row)) * (last + 1) + max(0, min(last, pixel.column))] = 255
    }

    /// A clot in one plane.
    private struct Form {
        let kind: HaemorrhageKind
        let direction: Float
        let center: SIMD2<Float>
        let extent: Float
        let halfLength: Float

        init(_ haemorrhage: Haemorrhage, size: Float, level: HeadLevel) {
            let index = Int(haemorrhage.direction * Float(HeadLevel.directionCount)) % HeadLevel.directionCount
            let radius = max(8, level.innerTable[index])
            kind = haemorrhage.kind
            direction = haemorrhage.direction
            switch haemorrhage.kind {
            case .epidural, .subdural:
                extent = min(haemorrhage.extent * size, radius * 0.4)
                halfLength = haemorrhage.spread * radius * size
                center = haemorrhage.unit * (radius - extent / 2)
            case .subarachnoid:
                extent = min(haemorrhage.extent * size, radius * 0.7)
                halfLength = 0
                center = haemorrhage.unit * radius * 0.85
            case .intraparenchymal:
                extent = min(haemorrhage.extent * size, radius * 0.4)
                halfLength = 0
                center = haemorrhage.unit * radius * 0.56
            case .intraventricular:
                extent = min(haemorrhage.extent * size, radius * 0.3)
                halfLength = 0
                center = SIMD2(min(22, radius * 0.35) * (haemorrhage.unit.x < 0 ? -1 : 1), min(26, radius * 0.4))
            }
        }
    }

    private struct Place {
        let x: Float
        let y: Float
        /// Millimetres inside the inner table, negative in bone.
        let depth: Float
        /// Millimetres above the floor of the cavity.
        let clearance: Float
        /// Radius of the inner table in this direction.
        let boundary: Float
        let turns: Float
    }

    @inline(__always)
    private func locate(_ index: Int, _ canvas: borrowing SliceCanvas, _ level: HeadLevel) -> Place {
        let placement = canvas.placement
        let direction = Int(placement.direction[index])
        let boundary = level.innerTable[direction]
        let (x, y) = (placement.x[index], placement.y[index])
        let clearance = level.z < 16 ? level.z - HeadPainter.floorHeight(x: x, y: y) : 100
        return Place(
            x: x, y: y, depth: boundary - placement.radius[index], clearance: clearance, boundary: boundary,
            turns: (Float(direction) + 0.5) / Float(HeadLevel.directionCount))
    }

    /// Millimetres outside the clot, negative inside.
    @inline(__always)
    private func signedDistance(_ form: Form, _ place: Place, z: Float) -> Float {
        switch form.kind {
        case .epidural, .subdural: return alongSkull(form, place)
        case .subarachnoid: return alongSulci(form, place, z: z)
        case .intraparenchymal: return ball(form, place, stretch: SIMD2(1, 1), roughness: 0.3, z: z)
        case .intraventricular: return ball(form, place, stretch: SIMD2(1, 0.55), roughness: 0.15, z: z)
        }
    }

    /// Between the inner table and an inner border: a lens 1 − ρ² (epidural) or a crescent 1 − ρ⁴ (subdural).
    private func alongSkull(_ form: Form, _ place: Place) -> Float {
        var apart = abs(place.turns - form.direction)
        apart = min(apart, 1 - apart)
        let rho = apart * 2 * Float.pi * place.boundary / form.halfLength
        guard rho < 1.2 else { return 100 }
        let fall = form.kind == .epidural ? rho * rho : rho * rho * rho * rho
        let border = form.extent * (1 - fall)
        return max(place.depth - border, -place.depth)
    }

    /// In the sulci and on the surface, within `extent` of the middle.
    private func alongSulci(_ form: Form, _ place: Place, z: Float) -> Float {
        let offset = SIMD2(place.x, place.y) - form.center
        let away = (offset * offset).sum().squareRoot() - form.extent
        guard away < 8 else { return 100 }
        let toFluid = min(abs(place.depth - 0.8), painter.sulcus(x: place.x, y: place.y, z: z))
        return max(toFluid - 1.9, away)
    }

    private func ball(_ form: Form, _ place: Place, stretch: SIMD2<Float>, roughness: Float, z: Float) -> Float {
        let offset = (SIMD2(place.x, place.y) - form.center) * stretch
        let length = (offset * offset).sum().squareRoot()
        guard length < form.extent * 2 + 8 else { return 100 }
        let origin = painter.anatomy.noiseOffset
        let lump = painter.noise.value(place.x / 11 + origin.y, place.y / 11 + origin.x, z / 15 + origin.z)
        return length * (1 + roughness * lump) - form.extent
    }
}
