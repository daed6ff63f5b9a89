import CanonicalJSON
import TestSupport
import Testing

@testable import Training

/// The two methods against `Tests/split-oracle`, which was written from docs/formats.md with Python's hashlib.
@Suite("Split methods")
struct SplitMethodTests {
    private static let shares = [("train", 0.7), ("validation", 0.15), ("test", 0.15)]

    @Test(arguments: [0, 1, -5, 9_007_199_254_740_993] as [Int64])
    func `hash: folds are those of an independent implementation`(seed: Int64) async throws {
        let keys = (0..<2_000).map { String(Int64($0) * 4_611_686_018_427_387 + 17) }
        let folds = HashFolds(shares: Self.shares.map(\.1))
        let ours = Dictionary(
            uniqueKeysWithValues: keys.map { key in
                (key, Self.shares[folds.fold(of: UnitHash(seed: seed, unitKey: key))].0)
            })
        let theirs = try await Self.oracle("hash", seed: seed, shares: Self.shares, keys.map { ($0, "") })
        #expect(ours == theirs.mapValues(\.fold))
        // 2,000 coins: five standard deviations around 1,400.
        #expect((1_297...1_503).contains(ours.values.count { $0 == "train" }))
    }

    @Test(arguments: [2, 3, 5, 10])
    func `balanced: folds and merged strata are those of an independent implementation`(count: Int) async throws {
        let strata = ["a": 40, "b": 23, "c": 11, "d": 4, "e": 3, "f": 1, "g+h": 2]
        let units = strata.sorted { $0.key < $1.key }.flatMap { name, count in
            (0..<count).map { ("\(name.utf8.first ?? 0)\($0)", name) }
        }
        for shares in [Self.shares, SplitFold.equal(count: count).map { ($0.name, $0.share ?? 0) }] {
            let ours = Self.balanced(units, shares: shares, seed: 11)
            let theirs = try await Self.oracle("balanced", seed: 11, shares: shares, units)
            #expect(ours.mapValues(\.fold) == theirs.mapValues(\.fold))
            #expect(ours.mapValues(\.stratum) == theirs.mapValues(\.stratum))
        }
    }

    @Test func `balanced: every stratum has its share of every fold, to one unit`() {
        let units = ["x": 50, "y": 21, "z": 9].flatMap { name, count in (0..<count).map { ("\(name)\($0)", name) } }
        let placed = Self.balanced(units, shares: Self.shares, seed: 3)
        for (stratum, count) in ["x": 50, "y": 21, "z": 9] {
            for (fold, share) in Self.shares {
                let there = placed.values.count { $0.stratum == stratum && $0.fold == fold }
                #expect(abs(Double(there) - share * Double(count)) <= 1, "\(stratum) \(fold)")
            }
        }
    }

    @Test func `strata that cannot fill the smallest fold are merged`() {
        let merge = StratumMerge(counts: ["big": 30, "small": 6, "tiny": 2, "fair": 8], shares: [0.7, 0.15, 0.15])
        #expect(merge.minimumCount == 7)
        #expect(merge.merged == [.init(name: "small", count: 6), .init(name: "tiny", count: 2)])
        #expect(merge.stratum("tiny") == "merged" && merge.stratum("fair") == "fair")
        // One small one takes the next smallest along.
        let pair = StratumMerge(counts: ["big": 30, "tiny": 2, "fair": 8], shares: [0.7, 0.15, 0.15])
        #expect(pair.merged.map(\.name) == ["fair", "tiny"])
        #expect(StratumMerge(counts: ["only": 2], shares: [0.5, 0.5]).merged.isEmpty)
        #expect(StratumMerge(counts: ["a": 3], shares: [1.0 / 3, 1.0 / 3, 1.0 / 3]).minimumCount == 3)
        // A fold of next to nothing ends no program: all strata become one.
        let next = StratumMerge(counts: ["a": 3, "b": 300], shares: [1, 1e-30])
        #expect(next.stratum("a") == next.stratum("b") && next.minimumCount == 1 << 53)
    }

    @Test func `identities are connected components, named by their smallest patient`() {
        let identities = ConnectedIdentities(links: [(5, 9), (2, 7), (7, 9), (20, 30)])
        #expect(identities.members(of: 9) == [2, 5, 7, 9])
        #expect([2, 5, 7, 9, 20, 30, 4].map(identities.smallest(of:)) == [2, 2, 2, 2, 20, 20, 4])
        #expect(SplitUnit.units(of: [9, 4, 30, 5], identities).map(\.key) == ["2", "4", "20"])
        #expect(SplitUnit.units(of: [9, 4, 30, 5], identities)[0].patients == [5, 9])
    }

    @Test(arguments: [
        "", "train", "train=0.5", "train=0.5,train=0.5", "train=0,test=1", "a=0.5,b=-0.5,c=1", "a b=1,=0",
    ])
    func `folds that make no sense are refused`(text: String) {
        #expect(throws: TrainingError.self) { try SplitFold.list(parsing: text) }
    }

    @Test(arguments: [
        ("train=70,test=30", "parts of 1 and not percent; write train=0.7,test=0.3"),
        ("a=0.5,b=-0.5,c=1", "the share of b is -0.5, and must be above 0"),
        ("train=0,test=1", "the share of train is 0, and must be above 0"),
        ("train,test=1", "train is no name with a share"), ("train=x", "train=x is no name with a share"),
        ("train=0.5,test=0.25", "the shares add up to 0.75"), ("train=nan", "train=nan is no name with a share"),
    ])
    func `what is wrong with folds is said`(text: String, says: String) {
        let error = #expect(throws: TrainingError.self) { try SplitFold.list(parsing: text) }
        #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }

    @Test func `newcomers of strata that stay too small are counted together`() {
        let merge = StratumMerge(counts: ["big": 30, "small": 6, "tiny": 2], shares: [0.7, 0.15, 0.15])
        #expect(merge.merged.map(\.name) == ["small", "tiny"])
        let later = merge.extended(
            placed: ["big": 30, "merged": 8, "alone": 1],
            arriving: ["tiny": 9, "alone": 1, "rare": 6, "many": 7, "big": 1])
        #expect(
            later.merged == [
                .init(name: "alone", count: 2), .init(name: "rare", count: 6), .init(name: "small", count: 6),
                .init(name: "tiny", count: 11),
            ])
        // Large enough by itself, then and now.
        #expect(later.stratum("many") == "many" && later.stratum("big") == "big")
        #expect(later.stratum("rare") == "merged" && later.stratum("small") == "merged")
    }

    @Test func `the first newcomer of a stratum goes where most is lacking over all, and not to the largest fold`() {
        var folds = BalancedFolds(shares: [0.7, 0.15, 0.15], isExtending: true)
        for (fold, count) in [8, 2, 0].enumerated() {
            for _ in 0..<count { folds.count(stratum: "old", fold: fold) }
        }
        // Of eleven, 7.7, 1.65 and 1.65 are due.
        let (first, second) = (folds.place(stratum: "new"), folds.place(stratum: "new"))
        #expect(first == 2 && second == 0)
    }

    // MARK: Steps

    private typealias Place = (fold: String, stratum: String)

    private static func balanced(
        _ units: [(String, String)], shares: [(String, Double)], seed: Int64
    ) -> [String: Place] {
        let counts = Dictionary(units.map { ($0.1, 1) }, uniquingKeysWith: +)
        let merge = StratumMerge(counts: counts, shares: shares.map(\.1))
        var folds = BalancedFolds(shares: shares.map(\.1))
        var placed: [String: Place] = [:]
        let ranked = units.map { ($0.0, merge.stratum($0.1), UnitHash(seed: seed, unitKey: $0.0)) }
            .sorted { $0.1 == $1.1 ? $0.2 < $1.2 : $0.1 < $1.1 }
        for (key, stratum, _) in ranked { placed[key] = (shares[folds.place(stratum: stratum)].0, stratum) }
        return placed
    }

    private static func oracle(
        _ method: String, seed: Int64, shares: [(String, Double)], _ units: [(String, String)]
    ) async throws -> [String: Place] {
        let folder = try TemporaryFolder()
        // The seed as text: JSON numbers of ours have 53 bits.
        let shareTexts = shares.map { JSONValue.array([.string($0.0), .number($0.1)]).text }
        let unitTexts = units.map { JSONValue.strings([$0.0, $0.1]).text }
        try folder.write(
            "{\"method\":\"\(method)\",\"seed\":\(seed),\"shares\":[\(shareTexts.joined(separator: ","))],"
                + "\"units\":[\(unitTexts.joined(separator: ","))]}", to: "task.json")
        let rows = try await PythonScript("split-oracle").table([folder.path("task.json")])
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], ($0[1], $0[2])) })
    }
}
