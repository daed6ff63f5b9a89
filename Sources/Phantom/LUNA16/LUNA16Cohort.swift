internal import Imaging

/// One series of the look-alike with its nodules; the volume may or may not be written.
struct LUNA16Scan: Sendable {
    let number: Int
    let uid: String
    let stack: ChestStack
    let isCompressed: Bool

    /// Direction of the axes, as the number says: straight, flipped in the plane, or oblique.
    func geometry() throws -> VolumeGeometry {
        let rows: [SIMD3<Double>]
        switch number % 4 {
        case 1: rows = [SIMD3(-1, 0, 0), SIMD3(0, -1, 0), SIMD3(0, 0, 1)]
        // Turned by 3-4-5 angles about x and z: exact in binary to the last digit or nearly so.
        case 3: rows = [SIMD3(0.8, 0.6, 0), SIMD3(-0.48, 0.64, 0.6), SIMD3(0.36, -0.48, 0.8)]
        default: rows = [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
        }
        do {
            return try VolumeGeometry(
                columns: stack.size, rows: stack.size, slices: stack.sliceCount,
                origin: SIMD3(-195.5, -180.25 + Double(number), -378.75), rowDirection: rows[0],
                columnDirection: rows[1], sliceDirection: rows[2], columnSpacing: stack.spacing.x,
                rowSpacing: stack.spacing.y, sliceSpacing: stack.spacing.z)
        } catch {
            throw PhantomError.encodingFailed(uid, underlying: error)
        }
    }
}

/// The 601 series that have nodules, 1,186 of them: 310 series with one, the others with two to twelve.
struct LUNA16Cohort: Sendable {
    let scans: [LUNA16Scan]
    let options: LUNA16Options

    init(_ options: LUNA16Options) {
        self.options = options
        scans = (0..<601).map { Self.scan($0, options) }
    }

    /// One nodule in the first 310 series, twelve in the next one; the others share the rest evenly.
    private static func noduleCount(_ number: Int) -> Int {
        if number < 310 { return 1 }
        if number == 310 { return 12 }
        let (others, rest) = (290, 1_186 - 310 - 12)
        return rest / others + (number - 311 < rest % others ? 1 : 0)
    }

    private static func scan(_ number: Int, _ options: LUNA16Options) -> LUNA16Scan {
        var random = SeededGenerator(seed: options.seed, key: UInt64(number), 0x6C_75)
        let size = options.matrixSize
        let spacing = SIMD3(0.703125 * 512 / Double(size), 0.703125 * 512 / Double(size), 2.5)
        let nodules = (0..<noduleCount(number)).map { _ in
            let side = random.index(below: 2) == 0 ? -0.18 : 0.18
            let x = (side + 0.5 + Double(random.uniform(-0.06...0.06))) * Double(size)
            let y = (0.5 + Double(random.uniform(-0.15...0.15))) * Double(size)
            let z = Double(random.uniform(1...Float(options.slices - 2)))
            return ChestStack.Nodule(
                centre: SIMD3(x.rounded(), y.rounded(), z.rounded()),
                radius: Double(random.uniform(1.63...9)))
        }
        let stack = ChestStack(
            seed: random.next(), size: size, sliceCount: options.slices, spacing: spacing, nodules: nodules)
        return LUNA16Scan(
            number: number, uid: SyntheticUID.make(seed: options.seed, UInt64(number)), stack: stack,
            isCompressed: number % 3 == 2)
    }
}
