/// What the radiologists said about one patient; slices count from 1 in the numbering of version 1.3.1.
struct CohortFindings: Sendable {
    /// The free text of the column "Condition on file", with the typing of the real table.
    let condition: String
    let bleeding: [HaemorrhageKind: [ClosedRange<Int>]]
    /// How many bleeding slices, from the lowest, also show a fracture.
    let fracturedBleeding: Int
    /// How many slices just below the bleeding show a fracture.
    let fracturedBelow: Int
    /// Fractures of a patient without bleeding.
    let fractureOnly: ClosedRange<Int>?

    init(
        _ condition: String, _ bleeding: [HaemorrhageKind: [ClosedRange<Int>]] = [:], fracture: (Int, Int) = (0, 0),
        fractureOnly: ClosedRange<Int>? = nil
    ) {
        self.condition = condition
        self.bleeding = bleeding
        fracturedBleeding = fracture.0
        fracturedBelow = fracture.1
        self.fractureOnly = fractureOnly
    }

    /// The 36 patients with bleeding, and 95 with a fracture only; everyone else is normal.
    ///
    /// The positive slices are those of the real set; which kind they show is made to fit its totals: slices 24, 73, 18,
    /// 173, 56 and patients 5, 16, 7, 21, 4 by kind, 293 slices with one kind, 24 with two and one with three, 195
    /// slices with a fracture of which 74 do not bleed. The text contradicts the table for 50, 58, 82, 89 and 95, as it
    /// does there.
    static let byPatient: [Int: CohortFindings] = [
        49: .init(
            "Intracranial HGE+ Extradural HGE ",
            [.epidural: [14...17, 20...23], .intraparenchymal: [21...21, 27...27]], fracture: (7, 3)),
        50: .init("Subdural HGE ", [.intraparenchymal: [15...26]]),
        51: .init("Extradural HGE ", [.epidural: [23...41]], fracture: (12, 5)),
        52: .init("Extadural HGE ", [.epidural: [11...19]], fracture: (1, 1)),
        53: .init("Extradural HGE ", [.subarachnoid: [18...20], .epidural: [22...28]], fracture: (6, 4)),
        58: .init("Normal CT", [.intraparenchymal: [13...14]]),
        66: .init("Extradural HGE ", [.epidural: [13...21], .subarachnoid: [22...24]], fracture: (8, 4)),
        67: .init("Intracranial HGE + IVH", [.intraparenchymal: [17...21], .intraventricular: [17...20]]),
        68: .init("Extradural HGE ", [.epidural: [6...15]], fracture: (6, 4)),
        69: .init("ICH", [.intraparenchymal: [17...18]]),
        70: .init("Chronic Intracranial HGE ", [.intraparenchymal: [13...26]]),
        71: .init("Subdural HGE+ Intracranial HGE ", [.intraparenchymal: [11...15], .subdural: [12...29]]),
        72: .init("Intracranial HGE ", [.intraparenchymal: [13...14]]),
        73: .init("Intracranial HGE ", [.epidural: [26...29], .subarachnoid: [30...31]], fracture: (4, 3)),
        74: .init(
            "Subdural HGE +Intracranial HGE + IVH",
            [
                .subdural: [12...16, 18...25], .intraventricular: [12...16],
                .intraparenchymal: [16...16, 18...19],
            ]),
        75: .init("Extradural HGE ", [.epidural: [16...27], .subarachnoid: [28...31]], fracture: (10, 5)),
        76: .init("Intracranial HGE + Subdural HGE ", [.intraparenchymal: [28...28, 30...30], .subdural: [30...42]]),
        77: .init("Extradural HGE ", [.epidural: [10...21]], fracture: (8, 4)),
        78: .init(
            "Intracranial HGE+ Extradural HGE ", [.epidural: [11...17], .intraparenchymal: [19...22]],
            fracture: (7, 3)),
        79: .init("Intracranial HGE ", [.intraparenchymal: [19...19]]),
        80: .init(
            "Extradural HGE + Intracranial HGE + Extradural HGE ",
            [.epidural: [8...10, 13...16], .intraparenchymal: [17...20]], fracture: (7, 3)),
        81: .init("Extradural HGE ", [.epidural: [31...43], .subarachnoid: [44...45]], fracture: (9, 5)),
        82: .init("Extradural HGE ", [.subarachnoid: [10...11]]),
        83: .init("Extradural HGE ", [.epidural: [19...24]], fracture: (4, 3)),
        84: .init("Intracranial HGE ", [.epidural: [31...34]], fracture: (3, 2)),
        85: .init("Intracranial HGE + IVH", [.intraparenchymal: [21...21], .intraventricular: [21...22]]),
        86: .init("Extradural HGE ", [.epidural: [14...20]], fracture: (4, 3)),
        87: .init("Extradural HGE ", [.epidural: [15...24], .subarachnoid: [25...26]], fracture: (7, 4)),
        88: .init("Extradural HGE ", [.epidural: [22...27]], fracture: (4, 3)),
        89: .init("Subdural HGE ", [.epidural: [17...24]], fracture: (5, 3)),
        90: .init("Extadural HGE ", [.epidural: [13...16]], fracture: (2, 2)),
        91: .init("Extradural HGE ", [.epidural: [15...21]], fracture: (5, 3)),
        92: .init(
            "Intracranial HGE ",
            [.intraparenchymal: [15...16, 21...23, 28...30], .intraventricular: [19...23, 27...27]]),
        93: .init("Intracranial HGE ", [.epidural: [18...21]], fracture: (2, 1)),
        94: .init("Subdural HGE ", [.subdural: [19...30]]),
        95: .init("Normal CT", fractureOnly: 12...17),
        97: .init("Intracranial HGE ", [.intraparenchymal: [16...21], .intraventricular: [18...24]]),
    ]

    static let normal = CohortFindings("Normal CT")
}
