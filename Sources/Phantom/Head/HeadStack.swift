/// An axial CT of one synthetic head: slices of 5 mm, ordered from the neck to the vertex.
///
/// ``slice(_:)`` is a pure function of the stack and the index, so slices may be rendered in any order on any thread.
/// **Units** Hounsfield units, rounded; millimetres. **Cost** about 10 MiB of working memory a call at 512².
struct HeadStack: Sendable {
    /// One rendered slice. **Shape** `[rows][columns]`, row 0 at the face, column 0 at the patient's right.
    struct Slice: Sendable {
        let hu: [Int16]
        /// 0 or 255; nil where nobody drew an outline.
        let mask: [UInt8]?
    }

    let sliceCount: Int
    let size: Int
    /// Pixel spacing in millimetres.
    let spacing: Float
    static let sliceThickness: Float = 5

    private let seed: UInt64
    private let patient: Int
    private let painter: HeadPainter
    /// The slice that just reaches the brain's top.
    private let topSlice: Int
    private let topHeight: Float
    private let haemorrhages: [Haemorrhage]
    private let fractureSlices: Set<Int>
    private let fracture: Fracture

    /// A description of what to render; the anatomy follows from seed, patient, age and sex.
    struct Plan: Sendable {
        let patient: Int
        let ageYears: Double
        let isMale: Bool
        let sliceCount: Int
        /// Index of the last slice that still shows brain.
        let topSlice: Int
        /// Slices with blood by kind, zero-based.
        let bleeding: [HaemorrhageKind: [Int]]
        /// Slices with a fracture, zero-based.
        let fractures: [Int]
        /// The bleeding is weeks old and nearly as dark as brain.
        let isChronic: Bool
    }

    init(seed: UInt64, plan: Plan, size: Int, fieldOfView: Float, atlas: Atlas) {
        self.seed = seed
        self.size = size
        patient = plan.patient
        sliceCount = plan.sliceCount
        topSlice = plan.topSlice
        spacing = fieldOfView / Float(size)
        let anatomy = HeadAnatomy(seed: seed, patient: plan.patient, ageYears: plan.ageYears, isMale: plan.isMale)
        let placement = Placement(anatomy, noise: atlas.noise, size: size, spacing: spacing)
        painter = HeadPainter(
            anatomy: anatomy, placement: placement, noise: atlas.noise, directions: atlas.directions,
            shape: atlas.directions.shape(anatomy))
        var generator = SeededGenerator(seed: seed, key: 2, UInt64(plan.patient))
        let usual = HeadAnatomy.innerVertex - 11 + generator.uniform(-3...2)
        topHeight = Self.topHeight(usual, plan: plan, step: Self.sliceThickness / anatomy.scale)
        let kinds = HaemorrhageKind.allCases.filter { !(plan.bleeding[$0] ?? []).isEmpty }
        var bleedings: [Haemorrhage] = []
        for kind in kinds {
            bleedings.append(
                Haemorrhage(
                    kind: kind, slices: plan.bleeding[kind] ?? [], isChronic: plan.isChronic, generator: &generator))
        }
        haemorrhages = bleedings
        fractureSlices = Set(plan.fractures)
        let near = bleedings.first { $0.kind == .epidural }?.direction ?? generator.uniform(0...1)
        fracture = Fracture(direction: near, width: generator.uniform(0.5...1.1))
    }

    /// The height of the top slice, raised where the lowest blood would otherwise lie below the brain.
    private static func topHeight(_ usual: Float, plan: Plan, step: Float) -> Float {
        let positive = plan.bleeding.values.joined()
        guard let lowest = positive.min(), let highest = positive.max() else { return usual }
        let wanted = -3 + Float(plan.topSlice - lowest) * step
        let ceiling = HeadAnatomy.innerVertex - 8 + Float(plan.topSlice - highest) * step
        return max(usual, min(wanted, ceiling))
    }

    /// What all heads share and nobody changes.
    struct Atlas: Sendable {
        let noise: NoiseField
        let directions = Directions()

        init(seed: UInt64) {
            noise = NoiseField(seed: seed)
        }
    }

    /// Renders slice `index`, 0-based from the neck, as a soft-tissue reconstruction.
    func slice(_ index: Int) -> Slice {
        let tissue = tissue(index)
        return Slice(hu: scan(tissue.hu, slice: index, kernel: .soft), mask: tissue.mask)
    }

    /// What the scanner makes of the tissue of slice `index`.
    func scan(_ tissue: [Float], slice index: Int, kernel: ReconstructionKernel) -> [Int16] {
        ScannerNoise(seed: seed, patient: patient, slice: index, kernel: kernel).apply(to: tissue, size: size)
    }

    /// The tissue of slice `index` without blur and noise, and the outline drawn on it.
    func tissue(_ index: Int) -> (hu: [Float], mask: [UInt8]?) {
        let present = haemorrhages.compactMap { bleeding in bleeding.size(slice: index).map { (bleeding, $0) } }
        let bloodPainter = HaemorrhagePainter(painter: painter)
        let fractureHere = fractureSlices.contains(index) ? fracture : nil
        let middle = height(of: index)
        let step = Self.sliceThickness / painter.anatomy.scale / 3
        var sum = [Float](repeating: 0, count: size * size)
        var mask: [UInt8]?
        for offset in [-step, 0, step] {
            var (canvas, level) = painter.plane(z: middle + offset, fracture: fractureHere)
            for (bleeding, extent) in present { bloodPainter.paint(bleeding, size: extent, into: &canvas, level) }
            for pixel in sum.indices { sum[pixel] += canvas.hu[pixel] }
            guard offset == 0, !present.isEmpty else { continue }
            var outline = [UInt8](repeating: 0, count: size * size)
            for (bleeding, extent) in present {
                bloodPainter.outline(bleeding, size: extent, into: &outline, canvas: canvas, level)
            }
            mask = outline
        }
        for pixel in sum.indices { sum[pixel] *= 1 / 3 }
        return (sum, mask)
    }

    /// True for slices that show eyes, nose or mouth: between 12 mm above the sella and the chin.
    func isFacial(_ index: Int) -> Bool { (-105...12).contains(height(of: index)) }

    /// The row 62 mm in front of the sella.
    func firstRowBehindFace() -> Int {
        max(0, min(size, painter.placement.pixel(x: 0, y: -62).row))
    }

    /// A stream of random numbers for one purpose in one slice.
    func noiseGenerator(purpose: UInt64, slice: Int) -> SeededGenerator {
        SeededGenerator(seed: seed, key: purpose, UInt64(patient), UInt64(slice))
    }

    /// Height of a slice's middle in the standard head.
    private func height(of index: Int) -> Float {
        topHeight + Float(index - topSlice) * Self.sliceThickness / painter.anatomy.scale
    }
}
