import SQLInterface
import TestSupport
import Testing
import Training
import Warehouse

/// Identities that turn out to be in two folds of a split.
@Suite("Identities in two folds")
struct TornIdentityTests {
    @Test(arguments: TestEngine.available)
    func `an alias that joins two folds is found, moves nobody, and leaves later patients without a fold`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let (original, trained, tested) = try await Self.split(place)
            var catalogue = original
            let folds = try await Self.folds(place)
            // The newcomer is the link between the two: neither pair alone says so.
            catalogue.patients = 20..<21
            try await catalogue.write(to: place)
            try await Self.alias(place, catalogue, trained[0], 20)
            try await Self.alias(place, catalogue, tested, 20)
            let audit = try await place.open { try await SplitAudit($0).run("s") }
            #expect(audit.map(\.check) == ["identity_in_one_fold", "patient_of_torn_identity"])
            #expect(audit.last?.sentence.hasSuffix("make a new split") == true)
            try await Self.expectTorn([trained[0], tested], in: place, catalogue)
            let report = try await place.open(.write(create: false)) { try await SplitExtension($0).extend("s") }
            #expect(report.contestedCount == 1 && report.newPatientCount == 0)
            #expect(try await Self.folds(place) == folds)
        }
    }

    /// A chain of shared pictures, the aliases of a reader between them, and a split that is whole.
    @Test(arguments: TestEngine.available)
    func `identities are followed through patients without folds, aliases and pictures`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let (original, trained, tested) = try await Self.split(place)
            var catalogue = original
            // 20 has the picture of one who trains, 21 that of another who does: nobody is in two folds yet.
            catalogue.patients = 20..<23
            catalogue.sharedPictures = [20: trained[0], 21: trained[1], 22: tested]
            try await catalogue.write(to: place)
            try await Self.alias(place, catalogue, 20, 21)
            #expect(try await SyntheticCatalogue.brokenPromises(of: place) == [])
            try await Self.alias(place, catalogue, 21, 22)
            try await Self.expectTorn([trained[0], trained[1], tested], in: place, catalogue)
        }
    }

    @Test(arguments: TestEngine.available)
    func `samples of a patient whom no fold is right for are refused with what can be done`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let (original, trained, tested) = try await Self.split(place)
            var catalogue = original
            catalogue.patients = 20..<22
            try await catalogue.write(to: place)
            try await Self.alias(place, catalogue, trained[0], 20)
            try await Self.alias(place, catalogue, tested, 20)
            let home = try TemporaryFolder()
            let said = try await Program(home: home).run(
                "training-set", "create", "t", "--split", "s", "--recipe", "brain-window-512", "--sample", "slice",
                "--target", "none", "--database", place.url)
            // Three slices each of patient 20, who is the link, and of patient 21, whom nobody knows.
            #expect(said.exitCode == 0, "\(said.error)")
            let all = said.output + said.error
            #expect(all.contains("whose identity is in several folds of split s"), "\(all)")
            #expect(all.contains("slicehouse split extend s gives them one"), "\(all)")
        }
    }

    // MARK: Steps

    /// A split of twenty people: all who train, and one who does not.
    private static func split(
        _ place: TestWarehouse
    ) async throws -> (catalogue: SyntheticCatalogue, trained: [Int], tested: Int) {
        let catalogue = SyntheticCatalogue()
        try await catalogue.write(to: place)
        try await FrozenSets.split(place)
        let folds = try await folds(place)
        let trained = (0..<20).filter { folds[catalogue.patientID($0)] == "train" }
        return (catalogue, trained, try #require((0..<20).first { !trained.contains($0) }))
    }

    private static func folds(_ place: TestWarehouse) async throws -> [Int64: String] {
        let rows = try await place.rows("SELECT patient_id, fold FROM split_assignment")
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.get(at: 0), try $0.get(at: 1)) })
    }

    private static func alias(
        _ place: TestWarehouse, _ catalogue: SyntheticCatalogue, _ one: Int, _ other: Int
    ) async throws {
        let ids = [catalogue.patientID(one), catalogue.patientID(other)].sorted()
        try await FrozenSets.write(
            place,
            """
            INSERT INTO patient_alias (patient_id, alias_patient_id, reason, evidence, created_at)
            VALUES (\(ids[0]), \(ids[1]), 'declared', 'test', \(SQLTimestamp(microseconds: 0)))
            """)
    }

    /// `patient_in_one_fold` has these patients, and no others.
    private static func expectTorn(
        _ patients: [Int], in place: TestWarehouse, _ catalogue: SyntheticCatalogue
    ) async throws {
        let rows = try await place.open { warehouse in
            let checks = warehouse.sqlLibrary.checks(engine: warehouse.engine)
            let check = try #require(checks.first { $0.name == "patient_in_one_fold" })
            return try await warehouse.withConnection { try await $0.rows(try check.sql()) }
        }
        let found = try rows.map { try $0.get("patient_id", as: Int64.self) }
        #expect(found.sorted() == patients.map { catalogue.patientID($0) }.sorted())
    }
}
