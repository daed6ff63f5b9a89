import CanonicalJSON
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Values of a table that no rule of the vocabulary understands: stored, told, and counted nowhere.
@Suite("Values that are not understood") struct NotUnderstoodTests {
    private static let vocabulary = "home/etl/vocabularies/ct-ich.yaml"

    private struct Place {
        let folder: TemporaryFolder
        let program: Program
        let warehouse: TestWarehouse

        init(_ warehouse: TestWarehouse) throws {
            folder = try TemporaryFolder()
            program = try DeclaredHome(in: folder, sources: ["ward": DeclaredHome.ward]).program
            self.warehouse = warehouse
        }

        /// One cell a slice, in order.
        func writeTable(_ cells: [String]) throws {
            let rows = cells.enumerated().map { "\(TinySeries().uid).9.\($0.offset),\($0.element)\n" }
            try folder.write("image,epidural\n" + rows.joined(), to: "labels/ward.csv")
        }

        /// The summary of a run, and what it said.
        func ingest(_ name: String) async throws -> (summary: JSONValue, said: String) {
            let run = try await program.run("ingest", "--database", warehouse.url, "--json", folder.path(name))
            #expect(run.exitCode == 0, "\(run.error)")
            return (try JSONValue(parsing: run.output), run.error)
        }

        func sentences() async throws -> [String] {
            try await warehouse.rows(
                "SELECT sentence FROM quality_finding WHERE check_name = 'label_quarantined' ORDER BY sentence"
            ).map { try $0.get("sentence") }
        }
    }

    @Test(arguments: TestEngine.available)
    func `they are counted in the summary and told per table, until the table or the vocabulary is mended`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let place = try Place(warehouse)
            try TinySeries().write(0..<3, to: place.folder)
            _ = try await place.ingest("series")
            try place.writeTable(["ja", "nein", "1"])
            let table = try await place.ingest("labels")
            #expect(table.summary["labels_stored"]?.number == 3)
            #expect(table.summary["labels_quarantined"]?.number == 2)
            let told = try await place.sentences()
            #expect(told.count == 1 && told[0].hasPrefix("2 values of epidural in the table ward of dicom"), "\(told)")
            let sentence = told.first ?? ""
            #expect(sentence.contains("slicehouse domains epidural --tail"))
            #expect(table.said.contains(sentence), "\(table.said)")

            try place.writeTable(["ja", "0", "1"])
            let corrected = try await place.ingest("labels")
            #expect(corrected.summary["labels_quarantined"]?.number == 1)
            let fewer = try await place.sentences()
            #expect(fewer.count == 1 && fewer[0].hasPrefix("1 value of epidural in the table ward"), "\(fewer)")

            let original = String(decoding: try place.folder.read(Self.vocabulary), as: UTF8.self)
            let taught = original.replacing(#"aliases: ["1", "yes"]"#, with: #"aliases: ["1", "yes", "ja"]"#)
            #expect(taught != original)
            try place.folder.write(taught, to: Self.vocabulary)
            let cleaned = try await place.program.run("domains", "clean", "--database", warehouse.url)
            #expect(cleaned.exitCode == 0, "\(cleaned.error)")
            #expect(try await place.sentences() == [])
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `one that a person corrects is told no longer`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let place = try Place(warehouse)
            try TinySeries().write(0..<2, to: place.folder)
            _ = try await place.ingest("series")
            try place.writeTable(["ja", "1"])
            _ = try await place.ingest("labels")
            #expect(try await place.sentences().count == 1)
            let run = try await place.program.run(
                "domains", "correct", "epidural", "--database", warehouse.url, "--image", "\(TinySeries().uid).9.0",
                "--value", "1", "--author", "A. Reader", "--reason", "ja is yes")
            #expect(run.exitCode == 0, "\(run.error)")
            #expect(try await place.sentences() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `labels that waited for their images are counted by the run that brings these`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { warehouse in
            let place = try Place(warehouse)
            try TinySeries(uid: "2.25.200").write(0..<1, to: place.folder, below: "other")
            _ = try await place.ingest("other")
            try place.writeTable(["ja", "1"])
            let table = try await place.ingest("labels")
            #expect(table.summary["labels_unresolved"]?.number == 2)
            #expect(table.summary["labels_quarantined"]?.number == 0)
            #expect(try await place.sentences() == [])
            try TinySeries().write(0..<2, to: place.folder)
            let images = try await place.ingest("series")
            #expect(images.summary["labels_quarantined"]?.number == 1)
            #expect(try await place.sentences().count == 1)

            try place.writeTable(["ja", "1"])
            let text = try await place.program.run("ingest", "--database", warehouse.url, place.folder.path("labels"))
            #expect(!text.output.contains("not understood"), "\(text.output)")
            try place.writeTable(["oui", "1"])
            let other = try await place.program.run("ingest", "--database", warehouse.url, place.folder.path("labels"))
            #expect(other.output.contains("not understood: 1 label waits for a person"), "\(other.output)")
        }
    }
}
