/// The method `balanced`: units are placed one after the other, each into the fold that lacks most.
///
/// Among the n units of its stratum placed before, of which cᵢ in fold i, a unit goes to the fold with the greatest
/// shareᵢ × (n + 1) − cᵢ; ties go to the greatest such number over all strata, then to the first fold. Creation places
/// strata in order of name (as bytes), the units of each in order of their hash. Later units continue from the counts
/// as they stand, so nobody moves; the first one of a stratum that nobody is in goes where most is lacking over all
/// strata, or each new stratum would begin with the largest fold.
package struct BalancedFolds: Sendable {
    private let shares: [Double]
    private var countsByStratum: [String: [Int]] = [:]
    private var totals: [Int]
    private let isExtending: Bool

    /// - Parameter isExtending: Whether units are later ones.
    package init(shares: [Double], isExtending: Bool = false) {
        self.shares = shares
        self.isExtending = isExtending
        totals = Array(repeating: 0, count: shares.count)
    }

    /// A unit that has its place already.
    package mutating func count(stratum: String, fold: Int) {
        countsByStratum[stratum, default: Array(repeating: 0, count: shares.count)][fold] += 1
        totals[fold] += 1
    }

    /// Places the next unit and gives its fold.
    package mutating func place(stratum: String) -> Int {
        let lackingOverall = Self.lack(shares, totals)
        let lacking =
            countsByStratum[stratum].map { Self.lack(shares, $0) }
            ?? (isExtending ? lackingOverall : Self.lack(shares, Array(repeating: 0, count: shares.count)))
        var best = 0
        for fold in shares.indices.dropFirst() {
            if lacking[fold] > lacking[best]
                || (lacking[fold] == lacking[best] && lackingOverall[fold] > lackingOverall[best])
            {
                best = fold
            }
        }
        count(stratum: stratum, fold: best)
        return best
    }

    private static func lack(_ shares: [Double], _ counts: [Int]) -> [Double] {
        let next = Double(counts.reduce(0, +) + 1)
        return zip(shares, counts).map { $0 * next - Double($1) }
    }
}
