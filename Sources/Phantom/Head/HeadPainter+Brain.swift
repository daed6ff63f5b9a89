extension HeadPainter {
    /// The sulcal field at a point: 0 in the middle of a sulcus, rising to about 10 between sulci (millimetres).
    ///
    /// Sulci are the zero crossings of smooth noise: sheets that fold and branch as cortical sulci do.
    @inline(__always)
    func sulcus(x: Float, y: Float, z: Float) -> Float {
        let origin = anatomy.noiseOffset
        let wave = noise.value(x / 15 + origin.x, y / 15 + origin.y, z / 19 + origin.z)
        let ripple = noise.value(x / 7 + origin.x + 31, y / 7 + origin.y + 17, z / 11 + origin.z + 5)
        return abs(wave + 0.28 * ripple) * 19
    }

    /// Brain tissue `depth` millimetres below the inner surface of the skull.
    @inline(__always)
    func brain(x: Float, y: Float, z: Float, depth: Float) -> Float {
        let belowTentorium = Self.ramp(y, 12, 22) * Self.ramp(10 + (y - 40) * 0.12 - z, 0, 3)
        let cerebrum = belowTentorium < 1 ? cerebralTissue(x: x, y: y, z: z, depth: depth) : 0
        guard belowTentorium > 0 else { return cerebrum }
        let folia = noise.value(x / 9 + 3, y / 4.5 + 5, z / 6 + anatomy.noiseOffset.z)
        var cerebellum = anatomy.greyMatterHU - 2.5 + 3 * folia
        cerebellum += (6 - cerebellum) * max(0, min(1, (0.9 - depth) / 0.8))
        return cerebrum + (cerebellum - cerebrum) * belowTentorium
    }

    private func cerebralTissue(x: Float, y: Float, z: Float, depth: Float) -> Float {
        let buried = max(0, depth - 17) * 0.9
        let toFluid = min(depth, sulcus(x: x, y: y, z: z) + buried)
        let cortex = max(0, min(1, (4.2 - toFluid) / 1.6 + 0.5))
        var value = anatomy.whiteMatterHU + (anatomy.greyMatterHU - anatomy.whiteMatterHU) * cortex
        // Sulci narrow with depth, so that only their mouths reach fluid density.
        let halfWidth = anatomy.sulcusHalfWidth * (1.3 - min(1, depth / 16))
        let fluid = max(0, min(1, (halfWidth - toFluid) / 1.1 + 0.5))
        value += (7 - value) * fluid
        return value
    }

    /// Deep grey matter, ventricles, cisterns, falx, calcifications.
    func paintInterior(_ canvas: inout SliceCanvas) {
        paintDeepGrey(&canvas)
        paintMidline(&canvas)
        paintVentricles(&canvas)
        paintCisterns(&canvas)
    }

    private func paintDeepGrey(_ canvas: inout SliceCanvas) {
        let grey = anatomy.greyMatterHU
        for side in [-1, 1] as [Float] {
            canvas.paint(Ellipsoid(side * 29, -4, 22, radii: SIMD3(15, 24, 20)), anatomy.whiteMatterHU, opacity: 0.8)
            canvas.paint(Ellipsoid(side * 11, 10, 21, radii: SIMD3(8, 13, 9), turns: side * 0.06), grey)
            canvas.paint(Ellipsoid(side * 24, -6, 19, radii: SIMD3(6, 15, 10), turns: side * 0.05), grey)
            canvas.paint(Ellipsoid(side * 38, -4, 18, radii: SIMD3(2.5, 17, 14), turns: side * 0.03), grey)
            canvas.paint(Ellipsoid(side * 14, -26, 25, radii: SIMD3(4.5, 8, 10), turns: side * 0.05), grey)
        }
        canvas.paint(Ellipsoid(0, 16, -8, radii: SIMD3(15, 12, 22)), anatomy.whiteMatterHU + 2)
    }

    /// The ventricles: horns, bodies and atria of the lateral pair, the third and the fourth.
    private func paintVentricles(_ canvas: inout SliceCanvas) {
        let v = anatomy.ventricleFactor
        for solid in Self.lateralVentricles(factor: v) { canvas.paint(solid, 6) }
        for side in [-1, 1] as [Float] {
            canvas.paint(Ellipsoid(side * 24, 28, 23, radii: SIMD3(5.5 * v, 9, 9 * v), turns: side * -0.06), 6)
        }
        canvas.paint(Ellipsoid(0, 3, 17, radii: SIMD3(1.9 * v, 13, 9)), 6)
        canvas.paint(Ellipsoid(0, 31, -13, radii: SIMD3(6, 4.5, 8)), 6)
        if anatomy.pinealIsCalcified {
            canvas.paint(Ellipsoid(0.5, 21, 17, radii: SIMD3(2.2, 2.6, 2.4)), 190)
            canvas.paint(Ellipsoid(-24, 31, 23, radii: SIMD3(1.8, 3, 2.5)), 130)
            canvas.paint(Ellipsoid(24, 31, 23, radii: SIMD3(1.8, 3, 2.5)), 140)
        }
    }

    static func lateralVentricles(factor v: Float) -> [Capsule] {
        ([-1, 1] as [Float]).flatMap { side in
            [
                Capsule(SIMD3(side * 14, -31, 24), SIMD3(side * 7, -12, 33), radius: 3.6 * v),
                Capsule(SIMD3(side * 8, -12, 35), SIMD3(side * 16, 17, 37), radius: 4.8 * v),
                Capsule(SIMD3(side * 17, 17, 35), SIMD3(side * 25, 29, 24), radius: 5 * v),
                Capsule(SIMD3(side * 25, 31, 22), SIMD3(side * 20, 54, 20), radius: 2.8 * v),
                Capsule(SIMD3(side * 28, 24, 12), SIMD3(side * 33, 0, -6), radius: 1.8 * v),
            ]
        }
    }

    private func paintCisterns(_ canvas: inout SliceCanvas) {
        let wide = 0.7 + anatomy.sulcusHalfWidth * 0.6
        canvas.paint(Ellipsoid(0, -7, 5, radii: SIMD3(12 * wide, 9, 5)), 8)
        canvas.paint(Ellipsoid(0, 27, 12, radii: SIMD3(11 * wide, 3.5, 6)), 8)
        canvas.paint(Ellipsoid(0, 3, -6, radii: SIMD3(16, 3, 14)), 9, opacity: 0.8)
        for side in [-1, 1] as [Float] {
            canvas.paint(Capsule(SIMD3(side * 14, -9, 5), SIMD3(side * 38, -16, 8), radius: 1.6 * wide), 8)
            canvas.paint(Capsule(SIMD3(side * 40, -16, 9), SIMD3(side * 52, 12, 26), radius: 1.9 * wide), 8)
            canvas.paint(Capsule(SIMD3(side * 12, 16, 8), SIMD3(side * 11, 27, 10), radius: 1.3 * wide), 9)
        }
    }

    /// The interhemispheric fissure with the falx in it, and the tentorium seen as a faint band.
    private func paintMidline(_ canvas: inout SliceCanvas) {
        let z = canvas.z
        let half = 0.6 + anatomy.sulcusHalfWidth * 0.9
        let front = Ellipsoid(0, -58, 46, radii: SIMD3(half * 1.6, 34, 52))
        let top = Ellipsoid(0, 5, 78, radii: SIMD3(half * 1.6, 92, 34))
        let back = Ellipsoid(0, 66, 44, radii: SIMD3(half * 1.4, 26, 40))
        let inside: (Float, Float, Float, Float) -> Float = { old, _, _, weight in
            old < 100 && old > -50 ? old + (9 - old) * weight : old
        }
        canvas.blend(front, inside)
        canvas.blend(top, inside)
        canvas.blend(back, inside)
        let falx: (Float, Float, Float, Float) -> Float = { old, _, _, weight in
            old < 100 && old > -50 ? old + (50 - old) * weight * 0.8 : old
        }
        canvas.blend(Ellipsoid(0, -66, 48, radii: SIMD3(0.8, 24, 48)), falx)
        canvas.blend(Ellipsoid(0, 4, 82, radii: SIMD3(0.8, 90, 24)), falx)
        canvas.blend(Ellipsoid(0, 68, 40, radii: SIMD3(1.1, 24, 38)), falx)
        guard z > -4, z < 22 else { return }
        for side in [-1, 1] as [Float] {
            let reach = 22 - z
            canvas.blend(Capsule(SIMD3(side * 8, 30, 20), SIMD3(side * (14 + reach * 1.6), 66, 2), radius: 1), falx)
        }
    }
}
