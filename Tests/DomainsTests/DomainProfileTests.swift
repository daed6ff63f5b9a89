import Testing

@testable import Domains

@Suite struct DomainProfileTests {
    /// The 13 values of the column `Condition on file` of CT-ICH 1.0.0 with their counts over 82 patients.
    static let conditions: [(String, Int)] = [
        ("Normal CT", 47), ("Extradural HGE ", 13), ("Intracranial HGE ", 7), ("Subdural HGE ", 3),
        ("Intracranial HGE+ Extradural HGE ", 2), ("Extadural HGE ", 2), ("Intracranial HGE + IVH", 2), ("ICH", 1),
        ("Chronic Intracranial HGE ", 1), ("Subdural HGE+ Intracranial HGE ", 1),
        ("Extradural HGE + Intracranial HGE + Extradural HGE ", 1), ("Subdural HGE +Intracranial HGE + IVH", 1),
        ("Intracranial HGE + Subdural HGE ", 1),
    ]

    static func profile() -> DomainProfile {
        var profile = DomainProfile()
        for (row, condition) in conditions.enumerated() {
            profile.record(.values([condition.0]), count: condition.1, at: .init(source: "a.csv", position: row))
        }
        return profile
    }

    /// Cumulative counts by hand: 47, 60, 67, 70, 72, 74, 76, then six single values; 95% of 82 is 77.9.
    @Test func `values come by frequency, and the tail begins once the coverage is reached`() {
        let values = Self.profile().values(coverage: 0.95)
        #expect(values.map(\.count) == [47, 13, 7, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1])
        #expect(values[0].share == 47.0 / 82)
        #expect(values[6].cumulativeShare == 76.0 / 82)
        #expect(values.map(\.isTail) == Array(repeating: false, count: 9) + Array(repeating: true, count: 4))
        #expect(values[12].cumulativeShare == 1)
        #expect(values[4].raw == "Extadural HGE ")
    }

    @Test func `full coverage leaves no tail, and none puts all in it`() {
        #expect(Self.profile().values(coverage: 1).allSatisfy { !$0.isTail })
        #expect(Self.profile().values(coverage: 0).allSatisfy { $0.isTail })
        #expect(Self.profile().tailRule(coverage: 1) == nil)
    }

    @Test func `a tail rule drops exactly the tail`() throws {
        let rule = try #require(Self.profile().tailRule(coverage: 0.85))
        let terms = [LabelTerm(name: "any")]
        let domain = LabelDomain(
            name: "x", levels: [.patient], valueKind: .term, terms: terms, rules: [rule], unmatched: .term("any"))
        let cleaned = Self.profile().cleaned(by: try Ruleset(domain, vocabulary: "test"))
        // 85% of 82 is 69.7: the first four values, 70 patients, reach it.
        #expect(cleaned.observationCounts == [.clean: 70, .dropped: 12])
    }

    @Test func `absent, removed, empty and multiple values are told apart`() {
        var profile = DomainProfile()
        let observations: [DomainProfile.Observation] = [
            .absent, .absent, .removed, .values([]), .values([" "]), .values(["", ""]), .values(["a"]),
            .values(["a", "b"]), .values(["a\\b"]),
        ]
        for (position, observation) in observations.enumerated() {
            profile.record(observation, at: .init(source: "s", position: position))
        }
        #expect(profile.totalCount == 9)
        #expect(profile.absentCount == 2)
        #expect(profile.removedCount == 1)
        #expect(profile.emptyCount == 3)
        #expect(profile.multipleCount == 1)
        #expect(profile.valuedCount == 3)
        #expect(profile.values().map(\.raw) == [#"a\b"#, "a"])
    }

    @Test func `distinct values are counted before and after folding`() {
        var profile = DomainProfile()
        for (position, raw) in ["HEAD", "Head ", "head", "H EAD", "h  ead"].enumerated() {
            profile.record(.values([raw]), at: .init(source: "s", position: position))
        }
        #expect(profile.distinctCount == 5)
        #expect(profile.distinctFoldedCount == 2)
    }

    @Test func `parts merge into the same whole in any order, with the first three examples`() {
        var parts: [DomainProfile] = []
        for part in 0..<4 {
            var profile = DomainProfile()
            for row in 0..<5 {
                let reference = DomainProfile.Reference(source: "file \(3 - part)", position: 4 - row)
                profile.record(row == 4 ? .absent : .values(["v\(row % 2)"]), at: reference)
            }
            parts.append(profile)
        }
        var forwards = DomainProfile()
        for part in parts { forwards.merge(part) }
        var backwards = DomainProfile()
        for part in parts.reversed() { backwards.merge(part) }
        #expect(forwards == backwards)
        #expect(forwards.totalCount == 20)
        #expect(
            forwards.values().first?.examples == [
                .init(source: "file 0", position: 2), .init(source: "file 0", position: 4),
                .init(source: "file 1", position: 2),
            ])
    }

    @Test func `an empty profile has no values and no division by nothing`() throws {
        let domain = LabelDomain(name: "x", levels: [.patient], valueKind: .text, rules: [.text])
        let cleaned = DomainProfile().cleaned(by: try Ruleset(domain, vocabulary: "test"))
        #expect(DomainProfile().values().isEmpty)
        #expect(cleaned == CleanedProfile(answers: [], observationCounts: [:], unread: []))
    }
}
