import DICOM
import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Promise 8 of the design: no identifiers leak.
@Suite("Privacy")
struct PrivacyTests {
    /// Strings planted wherever a hospital's files name people. Only the first is in file names.
    private static let name = "CANARYBIRD"
    private static let identifier = "CANARYID4711"
    private static let birthDate = "19370423"
    private static let fileName = "CANARYFILE"
    private static let cell = "CANARYCELL"
    private static let needles = [name, identifier, birthDate, fileName, cell]

    @Test(arguments: TestEngine.available)
    func `planted names, numbers and dates are found nowhere in the warehouse and in nothing that is said`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try await Self.plantedFolder()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            var said: [String] = []
            for arguments in [
                ["ingest", "--database", place.url, folder.path],
                ["ingest", "--database", place.url, "--json", "--rehash", folder.path],
                ["ingest", "--dry-run", folder.path],
                ["status", "--database", place.url], ["status", "--database", place.url, "--rejected"],
                ["series", "--database", place.url], ["verify", "--database", place.url],
                ["domains", "--database", place.url, "--tail"],
            ] {
                let result = try await program.run(arguments)
                said += [result.output, result.error]
            }
            #expect(try await place.count("SELECT count(*) FROM series") ?? 0 > 5)
            #expect(try await place.count("SELECT count(*) FROM rejection") ?? 0 > 3)
            for needle in Self.needles { #expect(!said.contains { $0.contains(needle) }, "said: \(needle)") }
            #expect(try await PlantedText(Self.needles).finds(in: place) == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `with --keep-identifiers they are there, so the search above can find them`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try await Self.plantedFolder()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            try await program.run("ingest", "--database", place.url, "--keep-identifiers", folder.path)
            let found = Set(try await PlantedText(Self.needles).finds(in: place).map(\.needle))
            #expect(found == [Self.name, Self.identifier, Self.birthDate, Self.fileName])
        }
    }

    @Test func `one identifier gives one pseudonym under one key, and another under another key`() async throws {
        let folder = try await Cohorts.export()
        var keys: [[String]] = []
        for byte in [UInt8(7), 7, 9] {
            let home = try TemporaryFolder()
            try home.write(Array(repeating: byte, count: 32), to: "other.key")
            let mode = try await Program(home: home).run(tool: "/bin/chmod", ["600", home.path("other.key")])
            #expect(mode.exitCode == 0)
            try await TestWarehouse.with(.sqlite) { place in
                var ingest = try TestIngest(into: place, home: home)
                ingest.environment["SLICEHOUSE_PSEUDONYM_KEY"] = home.path("other.key")
                try await ingest.run(folder.path)
                keys.append(
                    try await place.rows("SELECT patient_key FROM patient ORDER BY 1").map {
                        try $0.get("patient_key")
                    })
            }
        }
        #expect(keys[0].count == 3)
        #expect(keys[0] == keys[1])
        #expect(Set(keys[0]).isDisjoint(with: keys[2]))
    }

    /// PS3.3 C.7.1.1: the issuer tells from whom the Patient ID is; two of them are two people, in both modes.
    @Test(arguments: TestEngine.available, [true, false])
    func `one number of two issuers is two patients`(engine: WarehouseEngine, keepsIdentifiers: Bool) async throws {
        let folder = try TemporaryFolder()
        for (index, issuer) in ["H", "K", nil].enumerated() {
            let tiny = TinySeries(patientID: "123", uid: "2.25.10\(index)")
            let extra = issuer.map { [tiny.element(0x0010, 0x0021, .LO, $0)] } ?? []
            try folder.write(try tiny.file(0, extra: extra), to: "in/\(index).dcm")
        }
        let program = try Program(home: folder)
        try await TestWarehouse.with(engine) { place in
            let kept = keepsIdentifiers ? ["--keep-identifiers"] : []
            let run = try await program.run(["ingest", "--database", place.url, folder.path("in")] + kept)
            #expect(run.exitCode == 0, "\(run.error)")
            let keys = try await place.rows("SELECT patient_key FROM patient").map {
                try $0.get("patient_key", as: String.self)
            }
            #expect(Set(keys).count == 3)
            if keepsIdentifiers { #expect(keys.sorted() == ["123", "123^^^H", "123^^^K"]) }
        }
    }

    // MARK: Planting and searching

    private static func plantedFolder() async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        var export = DICOMPhantomOptions()
        export.patientCount = 2
        export.slicesPerSeries = 3
        export.matrixSize = 16
        export.includesDefects = true
        export.canaries = .init(name: name, identifier: identifier, birthDate: birthDate, fileName: fileName)
        _ = try await DICOMPhantom(export).write(to: folder.path(fileName + " export"))
        var cohort = PhysioNetICHOptions()
        cohort.matrixSize = 16
        cohort.patients = [49]
        cohort.trees = [.nifti]
        _ = try await PhysioNetICHPhantom(cohort).write(to: folder.path("ich"))
        // A word where a number belongs: the row is refused, and the sentence must not repeat it.
        let table = folder.files().first { $0.hasSuffix("hemorrhage_diagnosis_raw_ct.csv") } ?? ""
        let rows = String(decoding: try folder.read(table), as: UTF8.self)
        try folder.write(rows + "\(cell),1,0,0,0,0,0,1,0\n", to: table)
        return folder
    }
}
