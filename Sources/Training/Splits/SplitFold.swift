/// A fold and the share of the units it should get.
package struct SplitFold: Sendable, Hashable {
    package let name: String
    /// 0 to 1; `nil` where the folds are given by others.
    package let share: Double?

    package init(_ name: String, share: Double? = nil) {
        self.name = name
        self.share = share
    }

    /// Reads `train=0.7,validation=0.15,test=0.15`.
    ///
    /// **Throws** `badOption` where a name repeats, or the shares are not above 0 or do not add up to 1 (to 1e-9).
    package static func list(parsing text: String) throws(TrainingError) -> [SplitFold] {
        var folds: [SplitFold] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
            guard sides.count == 2, isName(sides[0]), let share = Double(sides[1]), share.isFinite else {
                throw bad(part.isEmpty ? form : "\(part) is no name with a share; \(form)")
            }
            guard share > 0 else { throw bad("the share of \(sides[0]) is \(sides[1]), and must be above 0; \(form)") }
            folds.append(SplitFold(sides[0], share: share))
        }
        guard Set(folds.map(\.name)).count == folds.count else { throw bad("a fold is named twice") }
        let sum = folds.reduce(0) { $0 + ($1.share ?? 0) }
        if abs(sum - 100) <= 1e-6 {
            let parts = folds.map { "\($0.name)=\(($0.share ?? 0) / 100)" }.joined(separator: ",")
            throw bad("shares are parts of 1 and not percent; write \(parts)")
        }
        guard abs(sum - 1) <= 1e-9 else { throw bad("the shares add up to \(sum), and they must add up to 1") }
        return folds
    }

    private static let form = "write names and shares, such as train=0.7,validation=0.15,test=0.15"

    /// Reads `train=subset0+subset1,test=subset9`: which published folds make up each.
    package static func groups(parsing text: String) throws(TrainingError) -> [(fold: SplitFold, parts: [String])] {
        var groups: [(fold: SplitFold, parts: [String])] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
            let parts = sides.count == 2 ? sides[1].split(separator: "+").map(String.init) : []
            guard sides.count == 2, isName(sides[0]), !parts.isEmpty else {
                throw bad("with --official, write which folds make up each, such as train=subset0+subset1,test=subset9")
            }
            groups.append((SplitFold(sides[0]), parts))
        }
        let all = groups.flatMap(\.parts)
        guard Set(groups.map(\.fold.name)).count == groups.count, Set(all).count == all.count else {
            throw bad("a fold is named twice")
        }
        return groups
    }

    /// `fold-0` … of equal size.
    package static func equal(count: Int) -> [SplitFold] {
        (0..<count).map { SplitFold("fold-\($0)", share: 1 / Double(count)) }
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == 0x2D || byte == 0x5F
            }
    }

    private static func bad(_ reason: String) -> TrainingError { TrainingError(.badOption, "--folds", reason) }
}
