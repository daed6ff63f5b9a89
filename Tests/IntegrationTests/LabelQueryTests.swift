import SQLInterface
import TestSupport
import Testing
import Warehouse

/// What the named queries and views say of labels, counted by hand.
@Suite("Queries about labels") struct LabelQueryTests {
    private static let types = ["intraventricular", "intraparenchymal", "subarachnoid", "epidural", "subdural"]

    /// Answers about six slices: all types with one present, all absent, epidural not asked without and with another
    /// one present, and the question about any alone, present and absent.
    private static func addHaemorrhages(to rows: AssertedCatalogue) async throws {
        let table = try await rows.source("table")
        let answers: [(slice: Int, types: [String], present: String)] = [
            (0, types, "epidural"), (1, types, ""), (2, types.filter { $0 != "epidural" }, ""),
            (3, types.filter { $0 != "epidural" }, "subdural"), (4, ["any_haemorrhage"], "any_haemorrhage"),
            (5, ["any_haemorrhage"], ""),
        ]
        for answer in answers {
            for domain in answer.types {
                try await rows.add(
                    answer: .init(
                        domain: domain, family: domain == "any_haemorrhage" ? nil : "haemorrhage",
                        term: domain == answer.present ? "present" : "absent", slice: answer.slice, source: table))
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `any haemorrhage is absent only where it or every type was said to be`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let rows = try await AssertedCatalogue(place, patients: 1, slices: 6)
            try await Self.addHaemorrhages(to: rows)
            let wide = try await rows.answer("slice_label_wide", [:], "slice_index", "epidural", "any_haemorrhage")
            #expect(wide.sorted() == ["0 1 1", "1 0 0", "2 - -", "3 - 1", "4 - 1", "5 - 0"])
            let legacy = try await rows.answer("processed_data", [:], "is_label", "slice_number", "no_hemorrhage")
            #expect(
                legacy.filter { $0.hasPrefix("1") }.sorted()
                    == ["1 1 0", "1 2 1", "1 3 -", "1 4 0", "1 5 0", "1 6 1"])
            let types = try await rows.answer(
                "positive_slices_by_type", [:], "domain_name", "positive_slice_count", "slice_count")
            #expect(types.contains("any_haemorrhage 1 2") && types.contains("epidural 1 2"), "\(types)")

            // Marks on three slices: all absent, not asked, any absent. The three positive ones have none.
            for slice in [1, 2, 5] { try await rows.add(mark: .init(slice: slice, count: 4)) }
            let odd = try await rows.answer("positive_slice_without_mask", [:], "slice_id", "is_marked")
            let expected = [(0, 0), (1, 1), (3, 0), (4, 0), (5, 1)].map { slice, isMarked in
                "\(rows.catalogue.sliceID(0, slice)) \(isMarked)"
            }
            #expect(odd.sorted() == expected.sorted())
        }
    }

    /// Grades of five slices. R1: 0 1 2 0 1; in another file of R1 the first again and 2 for the last. R2: 0 1 1 1 1,
    /// of which the third was corrected to 0 and then to 2.
    private static func addGrades(to rows: AssertedCatalogue) async throws {
        let sources = [
            "a": try await rows.source("R1", content: "a"), "b": try await rows.source("R1", content: "b"),
            "R2": try await rows.source("R2"), "corrections": try await rows.source("corrections"),
        ]
        @discardableResult
        func add(_ grade: Int, _ slice: Int, _ name: String, again: Int = 0) async throws -> (Int64, Int64) {
            let source = try #require(sources[name])
            let label = try await rows.add(
                answer: .init(
                    domain: "grade", term: "g\(grade)", ordinal: grade, slice: slice, source: source,
                    occurrence: again))
            return (label, source)
        }
        for (slice, grade) in [0, 1, 2, 0, 1].enumerated() { try await add(grade, slice, "a") }
        try await add(0, 0, "b")
        try await add(2, 4, "b")
        for (slice, grade) in [(0, 0), (1, 1), (3, 1), (4, 1)] { try await add(grade, slice, "R2") }
        let wrong = try await add(1, 2, "R2")
        let first = try await add(0, 2, "corrections")
        let second = try await add(2, 2, "corrections", again: 1)
        try await rows.correct(wrong, by: first)
        try await rows.correct(first, by: second)
    }

    @Test(arguments: TestEngine.available)
    func `agreement counts subjects, with what a person corrected`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let rows = try await AssertedCatalogue(place, patients: 1, slices: 5)
            try await Self.addGrades(to: rows)
            func agreement(_ first: String, _ second: String) async throws -> [String] {
                try await rows.answer(
                    "label_agreement", ["domain_name": "grade", "first_source": first, "second_source": second],
                    "subjects", "accuracy", "majority_accuracy", "quadratic_weighted_kappa", "first_subjects",
                    "second_subjects", "undecided_subjects")
            }
            // Of the last slice R1 says 1 and 2. The others: (0, 0) (1, 1) (2, 2) (0, 1), so that the squares of the
            // differences add up to 1; by chance, from the margins 2 1 1 and 1 2 1, they would add up to
            // (2·2·1 + 2·1·4 + 1·1·1 + 1·1·1 + 1·1·4 + 1·2·1) / 4 = 5. Kappa is 1 - 1 / 5.
            #expect(try await agreement("R1", "R2") == ["4 0.75 0.5 0.8 5 5 1"])
            #expect(try await agreement("R1", "R1") == ["4 1 0.5 1 5 5 1"])
            #expect(try await agreement("R1", "misspelt") == ["0 - - - 5 0 1"])
            try await rows.execute("UPDATE label_source SET is_active = \(false) WHERE name = 'R2'")
            #expect(try await agreement("R1", "R2") == ["0 - - - 5 0 1"])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a patient's labels are in one order, and what waits for a person is shown as written`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let rows = try await AssertedCatalogue(place, patients: 1, slices: 5)
            let table = try await rows.source("table")
            let weights = ["80": 80.0, "70.5": 70.5]
            for (slice, text) in ["80", "heavy", "70.5"].enumerated() {
                try await rows.add(
                    answer: .init(
                        domain: "weight", term: text, slice: slice, source: table, number: weights[text],
                        isQuarantined: weights[text] == nil))
            }
            for (slice, text) in ["ja", "present", "?", "present", "ja"].enumerated() {
                try await rows.add(
                    answer: .init(
                        domain: "epidural", term: text, slice: slice, source: table,
                        isQuarantined: text != "present"))
            }
            let facts = try await rows.answer(
                "patient", ["patient_key": "p0000"], "kind", "name", "value", "number_value", "status", "fact_count")
            #expect(
                facts.filter { $0.hasPrefix("label") } == [
                    "label epidural ? - quarantined 1", "label epidural ja - quarantined 2",
                    "label epidural present - clean 2", "label weight - 70.5 clean 1", "label weight - 80 clean 1",
                    "label weight heavy - quarantined 1",
                ])
        }
    }

    @Test(arguments: TestEngine.available)
    func `patients are counted by type at the levels where somebody asserted it`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let rows = try await AssertedCatalogue(place, patients: 3, slices: 2)
            let table = try await rows.source("table")
            // Of fracture there are labels of patients only, of epidural labels of slices only, of subdural both.
            for (patient, term) in ["present", "absent", "present"].enumerated() {
                try await rows.add(answer: .init(domain: "fracture", term: term, patient: patient, source: table))
                try await rows.add(
                    answer: .init(
                        domain: "subdural", family: "haemorrhage", term: "absent", patient: patient, source: table))
                // Both slices of the first patient, one of the second, none of the third.
                for slice in 0..<2 {
                    let epidural = patient + slice < 2 ? "present" : "absent"
                    try await rows.add(
                        answer: .init(
                            domain: "epidural", family: "haemorrhage", term: epidural, patient: patient, slice: slice,
                            source: table))
                }
            }
            try await rows.add(
                answer: .init(domain: "subdural", family: "haemorrhage", patient: 1, slice: 0, source: table))
            let counts = try await rows.answer(
                "patients_by_type", [:], "domain_name", "patient_count_by_patient_label", "patient_count_by_slice_label"
            )
            #expect(counts == ["epidural - 2", "fracture 2 -", "subdural 0 1"])
        }
    }
}
