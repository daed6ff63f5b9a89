extension HeadPainter {
    /// Orbits, nose, sinuses, cheekbones, jaws, ears.
    func paintFace(_ canvas: inout SliceCanvas) {
        paintNoseAndEars(&canvas)
        paintFacialBones(&canvas)
        paintSinuses(&canvas)
        paintOrbits(&canvas)
        paintJaws(&canvas)
    }

    private func paintNoseAndEars(_ canvas: inout SliceCanvas) {
        canvas.paint(Ellipsoid(0, -95, -28, radii: SIMD3(13, 18, 21)), 40)
        for side in [-1, 1] as [Float] {
            canvas.paint(Capsule(SIMD3(side * 77, 6, -14), SIMD3(side * 88, 22, -2), radius: 2), 30)
            canvas.paint(Capsule(SIMD3(side * 88, 22, -2), SIMD3(side * 84, 30, -24), radius: 2), 30)
            canvas.paint(Capsule(SIMD3(side * 78, 10, -34), SIMD3(side * 84, 26, -24), radius: 2.5), 10)
        }
    }

    private func paintFacialBones(_ canvas: inout SliceCanvas) {
        let cortical = anatomy.corticalHU * 0.75
        for side in [-1, 1] as [Float] {
            canvas.paint(Capsule(SIMD3(side * 3, -97, -4), SIMD3(side * 7, -92, -18), radius: 1.4), cortical)
            canvas.paint(Capsule(SIMD3(side * 47, -68, 10), SIMD3(side * 46, -70, -16), radius: 4.5), cortical)
            canvas.paint(Ellipsoid(side * 46, -70, -24, radii: SIMD3(8, 7, 8)), cortical)
            canvas.paint(Capsule(SIMD3(side * 52, -62, -24), SIMD3(side * 66, -20, -22), radius: 2.4), cortical)
            canvas.paint(Capsule(SIMD3(side * 47, -66, 6), SIMD3(side * 52, -38, 0), radius: 2.2), cortical)
            canvas.paint(Capsule(SIMD3(side * 52, -38, 0), SIMD3(side * 22, -30, -2), radius: 2.4), cortical)
            canvas.paint(Capsule(SIMD3(side * 18, -24, -20), SIMD3(side * 20, -26, -46), radius: 2.6), cortical * 0.8)
            canvas.paint(Ellipsoid(side * 56, -42, -8, radii: SIMD3(7, 15, 14)), 58)
            canvas.paint(Ellipsoid(side * 58, -34, -52, radii: SIMD3(7, 15, 20)), 60)
            canvas.paint(Ellipsoid(side * 36, -22, -38, radii: SIMD3(10, 12, 16)), 58)
            canvas.paint(Ellipsoid(side * 60, -4, -52, radii: SIMD3(9, 12, 18)), 5)
        }
    }

    private func paintSinuses(_ canvas: inout SliceCanvas) {
        let wall = anatomy.corticalHU * 0.5
        if canvas.z < 16 {
            let labyrinth = Ellipsoid(0, -58, -6, radii: SIMD3(14, 27, 18))
            canvas.paint(labyrinth, wall)
            paintCells(&canvas, labyrinth, wall: 330, cellSize: 6, openness: 0.24)
        }
        let nasal = Ellipsoid(0, -62, -36, radii: SIMD3(15, 36, 20))
        canvas.paintCavity(nasal, wall: 1.6, bone: wall, inside: -980)
        for side in [-1, 1] as [Float] {
            canvas.paint(Capsule(SIMD3(side * 9, -80, -40), SIMD3(side * 9, -40, -40), radius: 3.6), 45)
            canvas.paint(Capsule(SIMD3(side * 8, -74, -27), SIMD3(side * 8, -44, -27), radius: 2.6), 45)
            let maxillary = Ellipsoid(side * 31, -58, -34, radii: SIMD3(14, 17, 16), turns: side * 0.05)
            canvas.paintCavity(maxillary, wall: 1.8, bone: wall, inside: -985)
        }
        canvas.paint(Ellipsoid(0.8, -62, -34, radii: SIMD3(1.1, 33, 22)), 210)
    }

    /// Air between the tables of the frontal bone; painted after the vault.
    func paintFrontalSinuses(_ canvas: inout SliceCanvas) {
        let f = anatomy.frontalSinusFactor
        guard f > 0 else { return }
        for side in [-1, 1] as [Float] {
            let chamber = Ellipsoid(side * 9 * f, -81.5, 16, radii: SIMD3(8.5 * f, 3.2, 12 * f), turns: side * 0.03)
            canvas.paintCavity(chamber, wall: 2, bone: anatomy.corticalHU * 0.8, inside: -985)
        }
    }

    private func paintOrbits(_ canvas: inout SliceCanvas) {
        for side in [-1, 1] as [Float] {
            var socket = Ellipsoid(side * 30, -57, -1, radii: SIMD3(16, 26, 15), turns: side * -0.055)
            socket.radii += 1.5
            if canvas.z < 14 { canvas.paint(socket, anatomy.corticalHU * 0.4, opacity: 0.7) }
            socket.radii -= 1.5
            canvas.paint(socket, -90)
            let apex = SIMD3<Float>(side * 14, -30, -1)
            canvas.paint(Capsule(SIMD3(side * 30, -62, -1), apex, radius: 2.2), 32)
            canvas.paint(Capsule(SIMD3(side * 19, -66, -1), apex, radius: 1.9), 52)
            canvas.paint(Capsule(SIMD3(side * 43, -64, -1), apex, radius: 1.9), 52)
            canvas.paint(Capsule(SIMD3(side * 31, -66, 10), apex, radius: 2), 52)
            canvas.paint(Capsule(SIMD3(side * 31, -66, -12), apex, radius: 2), 52)
            canvas.paint(Ellipsoid(side * 31, -74, -1, radii: SIMD3(12.2, 12.2, 12.2)), 62)
            canvas.paint(Ellipsoid(side * 31, -74, -1, radii: SIMD3(11.2, 11.2, 11.2)), 12)
            canvas.paint(Ellipsoid(side * 31, -82, -1, radii: SIMD3(5, 2.4, 5)), 88)
        }
    }

    private func paintJaws(_ canvas: inout SliceCanvas) {
        guard canvas.z < -18 else { return }
        let cortical = anatomy.corticalHU * 0.8
        canvas.paint(Ellipsoid(0, -58, -80, radii: SIMD3(24, 30, 22)), 62)
        for side in [-1, 1] as [Float] {
            canvas.paint(Capsule(SIMD3(side * 52, -6, -26), SIMD3(side * 47, -16, -82), radius: 4.2), cortical)
            canvas.paint(Capsule(SIMD3(side * 47, -16, -84), SIMD3(side * 33, -58, -94), radius: 5.5), cortical)
            canvas.paint(Capsule(SIMD3(side * 33, -58, -94), SIMD3(side * 8, -82, -96), radius: 5.5), cortical)
            canvas.paint(Capsule(SIMD3(side * 29, -50, -58), SIMD3(side * 22, -76, -58), radius: 5.5), cortical)
            canvas.paint(Capsule(SIMD3(side * 22, -76, -58), SIMD3(0, -88, -58), radius: 5.5), cortical)
            paintTeeth(&canvas, side)
        }
    }

    /// Two rows of teeth of 1,900 HU.
    private func paintTeeth(_ canvas: inout SliceCanvas, _ side: Float) {
        for tooth in 0..<7 {
            let t = Float(tooth) / 6
            let x = side * (3 + 25 * t * (1.6 - 0.6 * t))
            let y = -88 + 38 * t * t
            canvas.paint(Capsule(SIMD3(x, y, -64), SIMD3(x, y, -70), radius: 3.2), 1900)
            canvas.paint(Capsule(SIMD3(x * 0.95, y + 2, -74), SIMD3(x, y + 2, -82), radius: 3), 1900)
        }
    }

    /// Petrous ridges with their air cells, clivus, sella, ear canals, condyles.
    func paintSkullBase(_ canvas: inout SliceCanvas) {
        let cortical = anatomy.corticalHU * 0.85
        canvas.paint(Ellipsoid(0, 3, -22, radii: SIMD3(13, 9, 22)), 480)
        canvas.paintCavity(
            Ellipsoid(0, -19, -14, radii: SIMD3(12, 11, 7)), wall: 2, bone: cortical * 0.6, inside: -985)
        canvas.paint(Ellipsoid(0, 4, 2, radii: SIMD3(9, 2, 6)), cortical * 0.8)
        for side in [-1, 1] as [Float] {
            canvas.paint(Capsule(SIMD3(side * 18, 6, -14), SIMD3(side * 58, 26, -13), radius: 7.5), cortical)
            canvas.paint(Ellipsoid(side * 60, 26, -20, radii: SIMD3(10, 13, 18)), cortical * 0.9)
            paintCells(
                &canvas, Ellipsoid(side * 59, 26, -20, radii: SIMD3(9, 12, 17)), wall: 700, cellSize: 4, openness: 0.1)
            canvas.paint(Ellipsoid(side * 40, 16, -13, radii: SIMD3(4, 2, 2)), -300)
            canvas.paint(Capsule(SIMD3(side * 46, 14, -18), SIMD3(side * 80, 12, -18), radius: 3), -950)
            canvas.paint(Ellipsoid(side * 52, -4, -26, radii: SIMD3(5.5, 6, 6)), cortical)
            canvas.paint(Ellipsoid(side * 17, 32, -46, radii: SIMD3(6, 12, 7), turns: side * 0.08), cortical * 0.7)
            canvas.paint(Ellipsoid(side * 38, -12, -25, radii: SIMD3(14, 12, 3)), cortical * 0.6)
        }
    }

    /// Honeycomb of air and bone inside a body: cells where the noise exceeds `openness`.
    private func paintCells(
        _ canvas: inout SliceCanvas, _ solid: Ellipsoid, wall: Float, cellSize: Float, openness: Float
    ) {
        let z = canvas.z
        let origin = anatomy.noiseOffset
        canvas.blend(solid) { old, x, y, weight in
            let field = noise.value(x / cellSize + origin.x, y / cellSize + origin.y, z / cellSize + origin.z)
            let air = max(0, min(1, (abs(field) - openness) * 6))
            return old + (wall - (wall + 960) * air - old) * weight
        }
    }
}
