import SQLInterface
import TestSupport
import Testing
import Warehouse

/// What the named queries and views say of labels, counted by hand.
@Suite("Queries about labels") struct LabelQueryTests {
    private static let types = ["intraventricular", "intraparenchymal", "subarachnoid", "epidural", "subdural"]

    /// Answers about six slices: all types with one present, all absent, epidural not asked without and with another one
    /// present, and the question about any alone, present and absent.
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
}
