/// The method `balanced`: units are placed one after the other, each into the fold that lacks most.
///
/// Among the n units of its stratum placed before, of which cᵢ in fold i, a unit goes to the fold with the greatest
/// shareᵢ × (n + 1) − cᵢ; ties go to the greatest such number over all strata, then to the first fold. Creation places
/// strata in order of name (as bytes), the units of each in order of their hash. Later units continue from the counts
/// as they stand, so nobody moves.
package struct BalancedFolds: Sendable {
    private let shares: [Double]
    private var countsByStratum: [String: [Int]] = [:]
    private var totals: [Int]

    package init(shares: [Double]) {
        self.shares = shares
        totals = Array(repeating: 0, count: shares.count)
    }

    /// A unit that has its place already.
    package mutating func count(stratum: String, fold: Int) {
        countsByStratum[stratum, default: Array(repeating: 0, count: shares.count)][fold] += 1
        totals[fold] += 1
    }

    /// Places the next unit and gives its fold.
    package mutating func place(stratum: String) -> Int {
        let counts = countsByStratum[stratum] ?? Array(repeating: 0, count: shares.count)
        let lacking = Self.lack(shares, counts)
        let lackingOverall = Self.lack(shares, totals)
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
