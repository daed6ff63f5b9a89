import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// A database that has no more room: the library's own limit, which needs neither a shell nor a mount.
@Suite("A full database")
struct FullDatabaseTests {
    /// Pages of 16 KiB that the run may add to the empty schema; all of it takes about 90.
    @Test(arguments: [1, 25, 60])
    func `a run into a full SQLite file fails as disk full, and a rerun with room completes it`(
        pages: Int
    ) async throws {
        let cohort = try await Cohorts.mixed()
        let home = try TemporaryFolder()
        let contents = try await TestWarehouse.with(.sqlite) { place in
            try await place.open(.write(create: true)) { _ in }
            let schema = try await place.count("SELECT page_count FROM pragma_page_count()") ?? 0
            let ingest = try TestIngest(into: place, home: home)
            var limits = SQLiteLimits()
            limits.maximumPageCount = schema + pages
            var kind: DatabaseFailureKind?
            do {
                try await ingest.run(cohort.path, limits: limits) { $0.batchSlices = 40 }
            } catch let failure as any DatabaseFailure {
                kind = failure.kind
                #expect(failure.description.contains("full"), "\(failure)")
            }
            #expect(kind == .diskFull)
            try await ingest.run(cohort.path)
            let broken = try await place.brokenPromises()
            #expect(broken == [])
            return try await WarehouseContents(of: place)
        }
        let undisturbed = try await TestWarehouse.with(.sqlite) { place in
            try await TestIngest(into: place, home: home).run(cohort.path)
            return try await WarehouseContents(of: place)
        }
        let differences = contents.differences(from: undisturbed)
        #expect(differences == [])
    }
}
