/// The method `hash`: a fold is a function of seed and unit key alone, so nobody moves when others come.
///
/// Unit u goes to the first fold i with u's number below share₀ + … + shareᵢ, added in order in doubles; the last fold
/// takes what is left.
package struct HashFolds: Sendable {
    private let bounds: [Double]

    package init(shares: [Double]) {
        var sum = 0.0
        bounds = shares.dropLast().map { share in
            sum += share
            return sum
        }
    }

    /// Index of the unit's fold.
    package func fold(of hash: UnitHash) -> Int {
        bounds.firstIndex { hash.fraction < $0 } ?? bounds.count
    }
}
