import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// A database that has no more room: the library's own limit, which needs neither a shell nor a mount.
@Suite("A full database")
struct FullDatabaseTests {
    /// Pages of 16 KiB; the empty schema takes about 180 of them.
    @Test(arguments: [220, 260, 320])
    func `a run into a full SQLite file fails as disk full, and a rerun with room completes it`(
        pages: Int
    ) async throws {
        let cohort = try await Cohorts.mixed()
        let home = try TemporaryFolder()
        let contents = try await TestWarehouse.with(.sqlite) { place in
            try await place.open(.write(create: true)) { _ in }
            let ingest = try TestIngest(into: place, home: home)
            var limits = SQLiteLimits()
            limits.maximumPageCount = pages
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
