extension HeadPainter {
    /// Cervical spine with its canal, airway, and below the jaw the larynx; repeats every 17 mm as vertebrae do.
    func paintNeck(_ canvas: inout SliceCanvas) {
        let z = canvas.z
        canvas.paint(Ellipsoid(0, -20, -62, radii: SIMD3(12, 7, 34)), -985)
        if z < -86 { canvas.paint(Capsule(SIMD3(0, -16, -96), SIMD3(0, -12, -400), radius: 8.5), -985) }
        guard z < -48 else { return }
        paintVessels(&canvas)
        let level = (-48 - z) / 17
        let within = level - level.rounded(.down)
        let isDisc = within > 0.78
        let cortical = anatomy.corticalHU * 0.75
        let bodyHU: Float = isDisc ? 85 : 420
        canvas.paint(flat(0, 24, radii: SIMD2(16, 11), z), isDisc ? 110 : cortical)
        canvas.paint(flat(0, 24, radii: SIMD2(13.6, 9), z), bodyHU)
        for side in [-1, 1] as [Float] {
            canvas.paint(flat(side * 21, 30, radii: SIMD2(7, 6), z), isDisc ? 60 : cortical * 0.7)
            canvas.paint(flat(side * 17, 42, radii: SIMD2(5.5, 9), z), cortical * 0.8)
        }
        if !isDisc {
            canvas.paint(flat(0, 44, radii: SIMD2(18, 14.5), z), cortical * 0.9)
            if within > 0.3 { canvas.paint(flat(0, 58, radii: SIMD2(3.4, 8), z), cortical * 0.8) }
        }
        canvas.paint(flat(0, 43, radii: SIMD2(13, 10.5), z), 10)
        canvas.paint(flat(0, 43, radii: SIMD2(7.5, 6), z), 36)
    }

    private func paintVessels(_ canvas: inout SliceCanvas) {
        for side in [-1, 1] as [Float] {
            canvas.paint(Capsule(SIMD3(side * 27, 2, -40), SIMD3(side * 27, -6, -400), radius: 4), 42)
            canvas.paint(Capsule(SIMD3(side * 32, 8, -40), SIMD3(side * 33, 2, -400), radius: 5.5), 44)
            canvas.paint(Capsule(SIMD3(side * 50, 30, -50), SIMD3(side * 22, -16, -220), radius: 9), 58)
        }
    }

    /// A body that fills the plane it is painted in.
    private func flat(_ x: Float, _ y: Float, radii: SIMD2<Float>, _ z: Float) -> Ellipsoid {
        Ellipsoid(x, y, z, radii: SIMD3(radii.x, radii.y, 100))
    }
}
