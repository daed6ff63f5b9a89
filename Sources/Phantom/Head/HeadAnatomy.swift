/// The measurements of one synthetic head, all derived from (seed, patient, age, sex).
///
/// **Units** Lengths are in millimetres of a standard adult head, which ``scale`` shrinks to the patient. The origin is
/// the sella; x points to the patient's left, y to the back, z to the vertex (DICOM LPS directions).
struct HeadAnatomy: Sendable {
    /// Size of this head against the standard adult, from head circumference by age (WHO and Nellhaus charts, rounded).
    let scale: Float
    /// Thickness of the vault, outer to inner table.
    let skullThickness: Float
    let scalpThickness: Float
    /// Stored value of compact bone: lower in the newborn.
    let corticalHU: Float
    /// Width of the ventricles against the standard.
    let ventricleFactor: Float
    /// Half-width of a sulcus at the surface; grows with age.
    let sulcusHalfWidth: Float
    /// True from childhood on: the pineal gland is calcified in most adults.
    let pinealIsCalcified: Bool
    /// Frontal sinuses grow from the eighth year on; 0 = none.
    let frontalSinusFactor: Float
    /// Asymmetry of the vault: relative amplitude and phase (turns) of the harmonics 2, 3 and 4.
    let harmonics: [(amplitude: Float, phase: Float)]
    /// Rotation of the head in the scanner, turns; and the displacement of its centre, scanner millimetres.
    let rotation: Float
    let shift: SIMD2<Float>
    /// Where in the noise field this head lies, lattice steps.
    let noiseOffset: SIMD3<Float>
    let whiteMatterHU: Float
    let greyMatterHU: Float

    /// Height of the inner table at the vertex.
    static let innerVertex: Float = 84

    init(seed: UInt64, patient: Int, ageYears: Double, isMale: Bool) {
        var generator = SeededGenerator(seed: seed, key: 1, UInt64(patient))
        let age = Float(ageYears)
        scale = Self.circumference(age) / 56.5 * (isMale || age < 12 ? 1.01 : 0.975) * generator.uniform(0.97...1.025)
        skullThickness = Self.vaultThickness(age) * generator.uniform(0.85...1.2)
        scalpThickness = (age < 1 ? 3.2 : 5.5) * generator.uniform(0.8...1.3)
        corticalHU = age < 1 ? 650 : 1350 + 120 * generator.normal()
        let widening: Float = 0.85 + max(0, age - 40) * 0.012
        ventricleFactor = widening * generator.uniform(0.8...1.2)
        sulcusHalfWidth = (age < 2 ? 0.25 : 0.45 + max(0, age - 35) * 0.014) * generator.uniform(0.8...1.2)
        pinealIsCalcified = age > 14 && generator.uniform(0...1) < 0.7
        frontalSinusFactor = age < 8 ? 0 : generator.uniform(0.3...1.25)
        harmonics = (0..<3).map { _ in (generator.uniform(0.002...0.011), generator.uniform(0...1)) }
        rotation = generator.normal() * 0.011
        shift = SIMD2(generator.normal() * 4, generator.normal() * 4 - 6)
        noiseOffset = SIMD3(generator.uniform(0...64), generator.uniform(0...64), generator.uniform(0...64))
        whiteMatterHU = 28.5 + generator.normal() * 0.8 - (age < 1 ? 7 : 0)
        greyMatterHU = 37.5 + generator.normal() * 0.8 - (age < 1 ? 6 : 0)
    }

    /// Head circumference in centimetres by age in years.
    private static let circumference = Curve([
        (0, 34.5), (0.25, 40.5), (0.5, 43.5), (1, 46.5), (2, 48.7), (5, 51.2), (10, 53.6), (18, 56.5),
    ])
    private static let vaultThickness = Curve([(0, 2), (1, 3), (5, 4.2), (12, 5.4), (20, 6.4), (80, 7.2)])
}
