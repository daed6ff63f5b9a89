import SQLInterface
import TestSupport
import Testing
import Warehouse

/// What the named queries say of marks, counted by hand.
@Suite("Queries about marks") struct MarkQueryTests {
    @Test(arguments: TestEngine.available)
    func `marks of a source that was retired or superseded count nowhere`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let rows = try await AssertedCatalogue(place, patients: 1)
            let first = try await rows.source("reading", content: "first", isActive: false)
            let second = try await rows.source("reading", content: "corrected")
            try await rows.add(mark: .init(slice: 0, count: 3, reader: "R1", source: first))
            try await rows.add(mark: .init(slice: 1, count: 4, reader: "R1", source: first))
            try await rows.add(mark: .init(slice: 0, count: 5, reader: "R1", source: second))
            // A mask that is an image itself has no source, and counts.
            try await rows.add(mark: .init(slice: 2, count: 6, reader: "R2"))

            #expect(
                try await rows.answer("mask_size_by_slice", [:], "slice_index", "voxel_count") == ["0 5", "2 6"])
            let marks = try await rows.answer("patient", ["patient_key": "p0000"], "kind", "subject", "fact_count")
            #expect(marks.filter { $0.hasPrefix("mark") } == ["mark R1 1", "mark R2 1"])
            #expect(try await rows.answer("annotation_current", [:], "target").count == 2)
            let masks = try await place.rows(
                "SELECT slice_number, image_blob FROM processed_data WHERE is_label = 1 ORDER BY slice_number")
            #expect(try masks.map { try $0.get("slice_number", as: Int.self) } == [1, 2, 3])
            let runs: [[UInt8]?] = [[0, 5, 11], nil, [0, 6, 10]]
            #expect(try masks.map { try $0.get("image_blob", as: [UInt8]?.self) } == runs)

            try await rows.execute("UPDATE label_source SET is_active = \(false)")
            #expect(try await rows.answer("mask_size_by_slice", [:], "voxel_count") == ["6"])
            #expect(try await rows.answer("annotation_current", [:], "target").count == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a cohort adds up no marks of several targets, readers or drawings`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let rows = try await AssertedCatalogue(place, patients: 1)
            let table = try await rows.source("table")
            // Two readers answer alike of the first slice, which stays one slice.
            for reader in ["A", "B"] {
                try await rows.add(answer: .init(domain: "epidural", slice: 0, source: table, reader: reader))
            }
            try await rows.add(answer: .init(domain: "epidural", slice: 1, source: table))
            try await rows.add(answer: .init(domain: "epidural", term: "absent", slice: 2, source: table))
            // Two lesions of one drawing have 5 + 6 pixels; R2 marks 11 that R1 marks as well.
            try await rows.add(mark: .init(slice: 0, first: 0, count: 5, reader: "R1"))
            try await rows.add(mark: .init(slice: 0, first: 8, count: 6, reader: "R1"))
            try await rows.add(mark: .init(slice: 0, first: 0, count: 11, reader: "R2"))
            for slice in 0..<3 { try await rows.add(mark: .init(slice: slice, count: 16, target: "skull")) }

            func cohort(_ settings: [String: String] = [:]) async throws -> [String] {
                try await rows.answer("cohort", settings, "slice_index", "target", "reader", "marked_voxels")
            }
            #expect(try await cohort() == ["0 haemorrhage R1 11", "0 haemorrhage R2 11", "1 - - 0"])
            #expect(
                try await cohort(["least_voxels": "12", "target": "NULL"]) == ["0 skull - 16", "1 skull - 16"])
            #expect(
                try await cohort(["reader": "R1", "most_voxels": "11"]) == ["0 haemorrhage R1 11", "1 - - 0"])
            #expect(try await cohort(["least_voxels": "12"]) == [])

            // The same reader draws anew in another file, which counts beside the first: neither is added to the other.
            let again = try await rows.source("reading")
            try await rows.add(mark: .init(slice: 0, first: 0, count: 12, reader: "R1", source: again))
            #expect(
                try await cohort(["least_voxels": "1", "reader": "R1"])
                    == ["0 haemorrhage R1 11", "0 haemorrhage R1 12"])
        }
    }
}
