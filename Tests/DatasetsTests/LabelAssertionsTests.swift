import Datasets
import Domains
import Tables
import Testing

@Suite struct LabelAssertionsTests {
    private func assertions(_ answers: [(slice: Int, domain: String, value: String)]) -> LabelAssertions {
        var assertions = LabelAssertions()
        for (index, answer) in answers.enumerated() {
            let key = LabelKey(level: .slice, patient: "049", slice: answer.slice)
            assertions.append(key, domain: answer.domain, rawValue: answer.value, row: index + 1)
        }
        return assertions
    }

    @Test func `what went in comes out in order`() {
        let table = assertions([(1, "epidural", "0"), (2, "any", " 1"), (1, "any", "")])
        #expect(table.map(\.domain) == ["epidural", "any", "any"])
        #expect(table.map(\.rawValue) == ["0", " 1", ""])
        #expect(table.map(\.instanceNumber) == [1, 2, 1])
        #expect(table.map(\.row) == [1, 2, 3])
        #expect(table.keys.count == 2)
    }

    @Test func `the same answer twice counts once, another answer is kept beside it`() {
        var table = assertions([
            (1, "epidural", "0"), (1, "epidural", "0"), (2, "epidural", "0"), (1, "epidural", "1"), (1, "any", "0"),
            (1, "epidural", "1"), (1, "epidural", "x"),
        ])
        let settled = table.settleRepetitions()
        #expect(settled.repeated == 2)
        #expect(settled.contradictions == 2)
        #expect(table.map(\.row) == [1, 3, 4, 5, 7])
        #expect(table.indices.map(table.occurrence) == [0, 0, 1, 0, 2])
    }

    /// "yes" is an alias of present, which 1 means too; 2 and 3 are for a person to look at.
    @Test func `two spellings of one answer are no contradiction`() throws {
        let vocabulary = try YAMLDocument.decode(
            Vocabulary.self,
            from: """
                vocabulary: test
                version: "1"
                description: one question
                domains:
                  - name: epidural
                    levels: [slice]
                    values: term
                    description: Blood between skull and dura
                    terms:
                      - {name: absent, ordinal: 0, aliases: ["0"]}
                      - {name: present, ordinal: 1, aliases: ["1", "yes"]}
                    rules: [trim, case_fold, alias]
                    columns: [epidural]
                """)
        let rulesets = try Dictionary(uniqueKeysWithValues: vocabulary.rulesets().map { ($0.domain.name, $0) })
        var table = assertions([
            (1, "epidural", "1"), (1, "epidural", "YES"), (2, "epidural", "1"), (2, "epidural", "0"),
            (2, "epidural", "yes"), (3, "epidural", "2"), (3, "epidural", "3"), (4, "epidural", "1"),
            (4, "epidural", "2"), (5, "epidural", "0"),
        ])
        let settled = table.settleRepetitions()
        #expect(settled.contradictions == 5)
        #expect(table.contradictionCount(under: rulesets) == 2)
        #expect(table.count == 10)
    }

    /// The row that is read late must not take the number of an answer that is stored.
    @Test func `answers of late rows are numbered behind those of the others`() {
        var table = assertions([
            (1, "epidural", "1"), (2, "epidural", "0"), (1, "epidural", "0"), (2, "epidural", "0"),
        ])
        let settled = table.settleRepetitions(late: [1, 2])
        #expect(settled.repeated == 1 && settled.contradictions == 1)
        #expect(table.map(\.row) == [1, 3, 4])
        #expect(table.indices.map(table.occurrence) == [1, 0, 0])
    }

    @Test func `some rows can be read alone`() {
        var table = assertions([(1, "epidural", "0"), (2, "epidural", "1"), (3, "epidural", "0")])
        table.keep(rows: [2])
        #expect(table.map(\.instanceNumber) == [2])
    }

    @Test func `some domains can be read alone, and some rows with them`() {
        var table = assertions([(1, "epidural", "0"), (1, "any", "1"), (2, "any", "0"), (3, "any", "1")])
        #expect(table.domainNames(outside: []) == ["epidural", "any"])
        #expect(table.domainNames(outside: [1]) == ["any"])
        // Rows are numbered from 1 in the order above.
        table.keep(rows: [1], domains: [])
        #expect(table.map(\.row) == [1])
        table = assertions([(1, "epidural", "0"), (1, "any", "1"), (2, "any", "0"), (3, "epidural", "1")])
        table.keep(rows: [1], domains: ["any"])
        #expect(table.map(\.row) == [1, 2, 3])
    }
}
