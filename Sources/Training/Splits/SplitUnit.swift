/// A connected identity: patients who stay together.
package struct SplitUnit: Sendable, Hashable {
    /// Smallest patient id of the identity, as decimal text.
    package let key: String
    /// Patients of it that the split is about, in order of id.
    package let patients: [Int64]

    package init(key: String, patients: [Int64]) {
        self.key = key
        self.patients = patients
    }

    /// Patients as units, in order of key as a number.
    package static func units(of patients: [Int64], _ identities: ConnectedIdentities) -> [SplitUnit] {
        Dictionary(grouping: patients, by: identities.smallest(of:)).sorted { $0.key < $1.key }.map { key, members in
            SplitUnit(key: String(key), patients: members.sorted())
        }
    }

    /// Each patient alone.
    var single: [SplitUnit] { patients.map { SplitUnit(key: String($0), patients: [$0]) } }
}

/// A unit with its fold.
package struct PlacedUnit: Sendable, Hashable {
    package let unit: SplitUnit
    package let fold: String
    /// `nil` where the split has no strata.
    package let stratum: String?

    package init(unit: SplitUnit, fold: String, stratum: String? = nil) {
        self.unit = unit
        self.fold = fold
        self.stratum = stratum
    }
}
