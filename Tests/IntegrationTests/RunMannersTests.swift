import Foundation
import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// What a run looks at, what it refuses to do, and what it says when there is nothing to do.
@Suite("Runs")
struct RunMannersTests {
    @Test(arguments: TestEngine.available, [true, false])
    func `a data set is filled with pseudonyms or with identifiers, never with both`(
        engine: WarehouseEngine, keepsFirst: Bool
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try TinySeries().write(0..<2, to: folder)
            try await ingest.run(folder.path) { $0.keepIdentifiers = keepsFirst }
            try TinySeries().write(2..<3, to: folder)
            await #expect {
                try await ingest.run(folder.path) { $0.keepIdentifiers = !keepsFirst }
            } throws: { ($0 as? IngestionError)?.code == .badOption && "\($0)".contains("stored twice") }
            #expect(try await place.count("SELECT count(*) FROM slice") == 2)
            let other = try await ingest.run(folder.path) {
                $0.keepIdentifiers = !keepsFirst
                $0.datasetName = "other"
            }
            // Files whose names were kept are known by them, tokens are not known without the key.
            #expect(other.stored == (keepsFirst ? 1 : 3))
        }
    }

    @Test func `a layout that the folder does not have is refused, and its description given`() async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try TinySeries().write(0..<2, to: folder)
        try await TestWarehouse.with(.sqlite) { place in
            let ingest = try TestIngest(into: place, home: home)
            await #expect {
                try await ingest.run(folder.path) { $0.adapterName = "physionet-ct-ich-nifti" }
            } throws: { ($0 as? IngestionError)?.code == .badOption && "\($0)".contains("ct_scans") }
            #expect(try await place.count("SELECT count(*) FROM source_file") == 0)
        }
    }

    @Test func `a run with nothing to do says why`() async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(.sqlite) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            #expect(ingest.observer.notices == ["There is no file here, so nothing was read."])
            try TinySeries().write(0..<2, to: folder)
            try await ingest.run(folder.path)
            try await ingest.run(folder.path) { $0.datasetName = "renamed" }
            #expect(ingest.observer.notices.last?.hasPrefix("All 2 files are known") == true)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a marked folder is ignored in every run, and known in none`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try TinySeries().write(0..<2, to: folder)
        try folder.write("", to: "pictures/.slicehouse-ignore")
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let first = try await ingest.run(folder.path)
            #expect(first.stored == 2 && first.ignored == 1 && first.isBalanced, "\(first)")
            for _ in 0..<2 {
                let again = try await ingest.run(folder.path)
                #expect(again.seen == 3 && again.known == 2 && again.isBalanced, "\(again)")
                #expect(again.ignoredByReason == first.ignoredByReason, "\(again)")
            }
            // Beside a file that is new too.
            try folder.write(try TinySeries().file(2), to: "series/IM3")
            let more = try await ingest.run(folder.path)
            #expect(more.known == 2 && more.stored == 1 && more.ignored == 1 && more.isBalanced, "\(more)")
            try await ingest.run(folder.path) { $0.datasetName = "renamed" }
            #expect(ingest.observer.notices.last?.hasPrefix("All 3 files are known") == true)
            #expect(try await place.count("SELECT count(*) FROM source_file") == 4)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test func `a file that is named is looked at alone, and the warehouse never reads itself`() async throws {
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try TinySeries().write(0..<3, to: folder)
        let place = try TestWarehouse(url: "sqlite:" + folder.path("w.sqlite"))
        let ingest = try TestIngest(into: place, home: home)
        let one = try await ingest.run(folder.path("series/IM2"))
        #expect(one.seen == 1 && one.stored == 1)
        let all = try await ingest.run(folder.path)
        #expect(all.seen == 3 && all.ignored == 0, "\(all)")
    }

    @Test(arguments: TestEngine.available)
    func `a file has one standing rejection however often it is read`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try folder.write([UInt8](), to: "zero.dcm")
        try folder.write(Array(try TinySeries().file(0).dropLast(20)), to: "half.dcm")
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            for _ in 0..<3 { #expect(try await ingest.run(folder.path) { $0.rehash = true }.rejected == 2) }
            #expect(try await place.count("SELECT count(*) FROM rejection WHERE replayed_at IS NULL") == 2)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `files with hostile names are one rejection each, and the next run knows them`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try TinySeries().write(0..<2, to: folder)
        let made = try await Program(home: home).run(
            tool: "/bin/sh",
            ["-c", "cd \"$0\" && : > \"$(printf 'M\\374ller')\" && : > \"$(printf 'a\\377')\"", folder.path])
        #expect(made.exitCode == 0, "\(made.error)")
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let first = try await ingest.run(folder.path)
            #expect(first.stored == 2 && first.rejectedByCode == ["name_not_utf8": 2], "\(first)")
            #expect(try await ingest.run(folder.path).known == 4)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the name of a broken link is a token, though nothing else is there`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try folder.link("DOE_JANE_19700101.dcm", to: folder.path("nowhere"))
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            #expect(try await ingest.run(folder.path).rejectedByCode == ["broken_link": 1])
            let path = try await place.rows("SELECT relative_path FROM source_file").first?.get(at: 0, as: String.self)
            #expect(path?.hasPrefix("hmac-") == true)
            #expect(!ingest.observer.notices.contains { $0.contains("DOE") })
        }
    }

    @Test(arguments: TestEngine.available)
    func `two copies of a data set below one folder are one data set`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.smallICH()
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        for name in ["one", "two"] { try folder.copy(cohort.path("ich"), to: name) }
        try await TestWarehouse.with(engine) { place in
            let summary = try await TestIngest(into: place, home: home).run(folder.path)
            #expect(summary.rejected == 0 && summary.seriesStored == 10 && summary.isBalanced, "\(summary)")
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test func `a vocabulary that cannot be read stops the run before anything is stored`() async throws {
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        let library = try TemporaryFolder()
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path(percentEncoded: false)
        for name in ["migrations", "sql", "etl"] { try library.copy(repository + "/" + name, to: name) }
        let path = "etl/vocabularies/ct-ich.yaml"
        let text = String(decoding: try library.read(path), as: UTF8.self)
        try library.write(text.replacing("levels: [patient", with: "levels: [nonsense, patient"), to: path)
        try TinySeries().write(0..<2, to: folder)
        try await TestWarehouse.with(.sqlite) { place in
            let program = try Program(home: home).with("SLICEHOUSE_HOME", library.path)
            let result = try await program.run("ingest", "--database", place.url, folder.path)
            #expect(result.exitCode == 64, "\(result.error)")
            #expect(result.error.contains("\"nonsense\" is not one of the words"), "\(result.error)")
            #expect(try await place.count("SELECT count(*) FROM slice") == 0)
            // None that failed, after which the next would look for what it left.
            #expect(try await place.count("SELECT count(*) FROM ingest_run") == 0)
        }
    }
}
