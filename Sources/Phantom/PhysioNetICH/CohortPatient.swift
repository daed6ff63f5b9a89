/// One person of the cohort with both versions' slice numbers.
///
/// The two published versions show the same scan: version 1.3.1 has `offset` more slices below and the rest above the
/// slices of version 1.0.0. Everything here is counted in 1.3.1 numbers, also for the seven patients whose volume was
/// never published.
struct CohortPatient: Sendable {
    let entry: CohortEntry
    let condition: String
    let note: String
    let offset: Int
    /// Slices with blood by kind, ascending, from 1.
    let bleeding: [HaemorrhageKind: [Int]]
    let fractures: Set<Int>

    init(_ entry: CohortEntry) {
        let findings = CohortFindings.byPatient[entry.number] ?? .normal
        self.entry = entry
        condition = findings.condition
        note = entry.number == 70 ? "Special case, CT scan was after about two weeks of the accident" : ""
        offset = CohortEntry.offsets[entry.number] ?? 0
        bleeding = findings.bleeding.mapValues { $0.flatMap { $0 } }
        let positive = Set(bleeding.values.joined()).sorted()
        var fractures = Set(positive.prefix(findings.fracturedBleeding))
        if let first = positive.first { fractures.formUnion(first - findings.fracturedBelow..<first) }
        if let only = findings.fractureOnly { fractures.formUnion(only) }
        self.fractures = fractures
    }

    static let all = CohortEntry.all.map(CohortPatient.init)

    var number: Int { entry.number }

    /// `049`: the name of the patient's folder and volume.
    var key: String {
        let digits = String(entry.number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }

    /// Slices of the whole scan: the volume's, or the JPEG's where there is no volume.
    var scanCount: Int { entry.niftiCount ?? entry.jpegCount }

    /// The kinds seen in a slice, by its number in 1.3.1, in column order.
    func kinds(slice: Int) -> [HaemorrhageKind] {
        HaemorrhageKind.allCases.filter { bleeding[$0]?.contains(slice) ?? false }
    }

    /// The scan to render; slices there count from 0.
    var plan: HeadStack.Plan {
        HeadStack.Plan(
            patient: entry.number, ageYears: Double(entry.age) ?? 30, isMale: entry.sex == .male, sliceCount: scanCount,
            topSlice: offset + entry.jpegCount - 1, bleeding: bleeding.mapValues { $0.map { $0 - 1 } },
            fractures: fractures.map { $0 - 1 }, isChronic: entry.number == 70)
    }

    /// Side of the square field of view in millimetres.
    ///
    /// The real volumes have 0.3145 mm pixels (the newborn, 85) to 0.4785 mm at 512 columns.
    func fieldOfView(seed: UInt64) -> Float {
        if entry.number == 85 { return 0.3145 * 512 }
        var generator = SeededGenerator(seed: seed, key: 4, UInt64(entry.number))
        let age = Double(entry.age) ?? 30
        let range: ClosedRange<Float> = age < 2 ? 0.36...0.40 : age < 12 ? 0.42...0.4785 : 0.4400...0.4785
        return generator.uniform(range) * 512
    }
}
