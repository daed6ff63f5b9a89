/// The five kinds of intracranial haemorrhage the CT-ICH tables name, in their column order.
package enum HaemorrhageKind: String, Sendable, CaseIterable {
    case intraventricular = "Intraventricular"
    case intraparenchymal = "Intraparenchymal"
    case subarachnoid = "Subarachnoid"
    case epidural = "Epidural"
    case subdural = "Subdural"
}

/// One bleeding of one patient: its kind, the slices it is seen in, and its form.
///
/// Its size follows its run of neighbouring slices as a ball does, so it tapers to both ends of a run. Lengths are
/// standard-head millimetres.
struct Haemorrhage: Sendable {
    let kind: HaemorrhageKind
    /// Zero-based indices of the slices in the stack, ascending.
    let slices: [Int]
    /// Density of the clot: fresh 58...72 HU, two weeks old about 24.
    let hu: Float
    /// Direction from the axis to the middle of the clot, turns; and that direction's unit vector.
    let direction: Float
    let unit: SIMD2<Float>
    /// Largest thickness (epidural, subdural) or radius (others).
    let extent: Float
    /// Half the length along the skull, as a fraction of the radius there (epidural, subdural).
    let spread: Float

    init(kind: HaemorrhageKind, slices: [Int], isChronic: Bool, generator: inout SeededGenerator) {
        self.kind = kind
        self.slices = slices.sorted()
        hu = isChronic ? 23 : generator.uniform(60...71)
        let lateral = generator.uniform(-0.03...0.15)
        let direction = generator.index(below: 2) == 0 ? lateral : 0.5 - lateral
        self.direction = direction < 0 ? direction + 1 : direction
        unit = SIMD2(Trigonometry.cosine(turns: direction), Trigonometry.sine(turns: direction))
        switch kind {
        case .epidural:
            extent = generator.uniform(13...22)
            spread = generator.uniform(0.5...0.75)
        case .subdural:
            extent = generator.uniform(6...10)
            spread = generator.uniform(1.1...1.5)
        case .subarachnoid:
            extent = generator.uniform(24...34)
            spread = 0
        case .intraparenchymal:
            extent = generator.uniform(9...18)
            spread = 0
        case .intraventricular:
            extent = generator.uniform(6...9)
            spread = 0
        }
    }

    /// Size in `slice` against the largest, 0.45...1; nil where there is no blood.
    func size(slice: Int) -> Float? {
        guard slices.contains(slice) else { return nil }
        var first = slice
        var last = slice
        while slices.contains(first - 1) { first -= 1 }
        while slices.contains(last + 1) { last += 1 }
        let half = Float(last - first) / 2 + 0.6
        let t = (Float(slice) - Float(first + last) / 2) / half
        return max(0.45, max(0, 1 - t * t).squareRoot())
    }
}
