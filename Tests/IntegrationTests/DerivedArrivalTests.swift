import CanonicalJSON
import Foundation
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Files that `denoise` wrote may come into another warehouse, before their source or after it.
@Suite("Derived files over time") struct DerivedArrivalTests {
    enum Source: CaseIterable { case clinicalDICOM, publishedNIfTI }

    /// A folder with images of one or more patients, and the series of it that is denoised.
    private static func images(_ source: Source, in home: TemporaryFolder) async throws -> String {
        switch source {
        case .clinicalDICOM: return try await export("export", seed: 2_018, in: home)
        case .publishedNIfTI: return try await Cohorts.smallICH().path("ich/ct-ich-1.3.1")
        }
    }

    private static func export(
        _ name: String, seed: UInt64, named person: String? = nil, in home: TemporaryFolder
    ) async throws -> String {
        var options = DICOMPhantomOptions()
        options.seed = seed
        options.canaries.name = person
        options.patientCount = 1
        options.slicesPerSeries = 12
        options.matrixSize = 48
        _ = try await DICOMPhantom(options).write(to: home.path(name))
        return home.path(name)
    }

    private static let waiting: SQL = "SELECT count(*) FROM quality_finding WHERE check_name = 'derived_without_source'"
    private static let linked: SQL = "SELECT count(*) FROM series WHERE derived_from IS NOT NULL"
    private static let patients: SQL = "SELECT count(*) FROM patient"

    /// Denoises the largest series of each data set.
    private static func denoise(_ place: TestWarehouse, _ program: Program, out: String) async throws {
        let rows = try await place.rows(
            """
            SELECT series.series_id, patient.dataset_id FROM series JOIN patient USING (patient_id)
            WHERE role = 'image' AND geometry_kind = 'volume' ORDER BY slice_count DESC, series_id
            """)
        var seen: Set<Int64> = []
        let ids = try rows.filter { seen.insert(try $0.get("dataset_id")).inserted }.map {
            String(try $0.get("series_id", as: Int64.self))
        }
        try await denoise(ids, place, program, out: out)
    }

    private static func denoise(
        _ ids: [String], _ place: TestWarehouse, _ program: Program, out: String,
        method: [String] = ["--method", "mppca"]
    ) async throws {
        let run = try await program.run(["denoise", "--database", place.url, "--out", out] + method + ids)
        #expect(run.exitCode == 0, "\(run.error)")
    }

    private static func ids(_ place: TestWarehouse, where condition: SQL) async throws -> [String] {
        try await place.rows(
            """
            SELECT series_id FROM series WHERE role = 'image' AND geometry_kind = 'volume' AND \(sql: condition)
            ORDER BY slice_count DESC, series_id
            """
        ).map { String(try $0.get("series_id", as: Int64.self)) }
    }

    /// A program with a pseudonym key of its own.
    private static func otherSite(_ home: TemporaryFolder) throws -> Program {
        try home.write([UInt8](repeating: 9, count: 32), to: "pseudonym.key")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: home.path("pseudonym.key"))
        return try Program(home: home)
    }

    private static func name(_ row: Row) throws -> String { try row.get("name") }
    private static func patientKey(_ row: Row) throws -> String { try row.get("patient_key") }

    private static func ingest(
        _ path: String, _ place: TestWarehouse, _ program: Program, _ options: String...
    ) async throws {
        let run = try await program.run(["ingest", "--database", place.url, path] + options)
        #expect(run.exitCode == 0, "\(run.error)")
    }

    @Test(arguments: TestEngine.available, Source.allCases)
    func `a derived series waits for its source, and the end is the same`(
        engine: WarehouseEngine, source: Source
    ) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let images = try await Self.images(source, in: home)
        try await TestWarehouse.with(engine) { first in
            try await Self.ingest(images, first, program)
            try await Self.denoise(first, program, out: home.path("out"))
            var found: [WarehouseContents] = []
            for order in [["out", "images"], ["images", "out"]] {
                let contents = try await TestWarehouse.with(engine) { place in
                    try await Self.ingest(order[0] == "out" ? home.path("out") : images, place, program)
                    if order[0] == "out" {
                        #expect(try await place.count(Self.waiting) == 1)
                        #expect(try await place.count(Self.linked) == 0)
                        #expect(try await place.count(Self.patients) == 1)
                        #expect(try await place.brokenPromises() == [])
                        let before = try await place.count("SELECT count(*) FROM slice")
                        try home.copy(home.path("out/dicom"), to: "again")
                        try await Self.ingest(home.path("again"), place, program)
                        try home.remove("again")
                        #expect(try await place.count("SELECT count(*) FROM slice") == before)
                    }
                    try await Self.ingest(order[1] == "out" ? home.path("out") : images, place, program)
                    #expect(try await place.count(Self.waiting) == 0)
                    #expect(try await place.count(Self.linked) == 1)
                    #expect(try await place.brokenPromises() == [])
                    return try await WarehouseContents(of: place)
                }
                found.append(contents)
            }
            let own = try await WarehouseContents(of: first)
            for table in ["dataset", "patient", "study", "series", "slice", "quality_finding"] {
                #expect(found[0].tables[table] == found[1].tables[table], "\(table)")
                #expect(found[1].tables[table] == own.tables[table], "as where it was derived: \(table)")
            }
        }
    }

    /// Another key makes other pseudonyms: only the images themselves can say where the files belong.
    @Test(arguments: TestEngine.available)
    func `under another pseudonym key the source is found by its images, if it is there`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let images = try await Self.images(.clinicalDICOM, in: home)
        try await TestWarehouse.with(engine) { first in
            try await Self.ingest(images, first, program)
            try await Self.denoise(first, program, out: home.path("out"))
        }
        let elsewhere = try TemporaryFolder()
        let other = try Self.otherSite(elsewhere)
        try await TestWarehouse.with(engine) { place in
            try await Self.ingest(images, place, other)
            try await Self.ingest(home.path("out"), place, other)
            #expect(try await place.count(Self.linked) == 1)
            #expect(try await place.count(Self.patients) == 1)
            #expect(try await place.count(Self.waiting) == 0)
            #expect(try await place.brokenPromises() == [])
        }
        try await TestWarehouse.with(engine) { place in
            try await Self.ingest(home.path("out"), place, other)
            try await Self.ingest(images, place, other)
            #expect(try await place.count(Self.linked) == 0)
            let finding = try await place.rows("SELECT sentence FROM quality_finding WHERE check_name LIKE 'derived%'")
            #expect(try finding.first?.get("sentence", as: String.self).contains("belongs to another patient") == true)
        }
    }

    /// One ward keeps its identifiers, the other has pseudonyms, and both hold the same images.
    @Test(arguments: TestEngine.available)
    func `derived files come back to the patients of both, with identifiers and without`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let images = try await Self.export("export", seed: 2_018, in: home)
        try await TestWarehouse.with(engine) { place in
            func ingestBoth(into place: TestWarehouse) async throws {
                try await Self.ingest(images, place, program, "--dataset", "ward", "--keep-identifiers")
                try home.copy(images, to: "copy")
                try await Self.ingest(home.path("copy"), place, program, "--dataset", "clinic")
                try home.remove("copy")
            }
            let homes: SQL = """
                SELECT dataset.name, patient.patient_key, source.patient_id AS source_patient
                FROM series JOIN patient ON patient.patient_id = series.patient_id
                JOIN dataset ON dataset.dataset_id = patient.dataset_id
                JOIN series AS source ON source.series_id = series.derived_from
                    AND source.patient_id = series.patient_id
                ORDER BY dataset.name
                """
            try await ingestBoth(into: place)
            try await Self.denoise(place, program, out: home.path("out"))
            let own = try await place.rows(homes)
            let (names, keys) = (try own.map(Self.name), try own.map(Self.patientKey))
            #expect(names == ["clinic", "ward"])
            #expect(keys[0].hasPrefix("p-") && !keys[1].hasPrefix("p-"), "\(keys)")
            // What names somebody does not claim to be free of names.
            let derived = home.files(below: "out/dicom").filter { $0.hasSuffix("/00001.dcm") }
            #expect(derived.count == 2)
            for file in derived {
                let header = try await program.run("header", home.path(file))
                let isKept = header.output.contains(keys[1])
                #expect(header.output.contains(isKept ? keys[1] : keys[0]))
                #expect(header.output.contains("(0012,0062)") == !isKept, "\(header.output)")
            }
            let counts: SQL = "SELECT (SELECT count(*) FROM patient) * 1000000 + count(*) FROM series"
            let before = try await place.count(counts)
            try home.copy(home.path("out/dicom"), to: "elsewhere")
            try await Self.ingest(home.path("elsewhere"), place, program)
            #expect(try await place.count(counts) == before)
            #expect(try await place.brokenPromises() == [])
            // In a new warehouse with the same two data sets: each run reaches those that are as it is.
            try await TestWarehouse.with(engine) { place in
                try await ingestBoth(into: place)
                try await Self.ingest(home.path("elsewhere"), place, program)
                #expect(Set(try await place.rows(homes).map(Self.name)) == ["clinic"])
                try home.copy(home.path("elsewhere"), to: "again")
                try await Self.ingest(home.path("again"), place, program, "--keep-identifiers")
                let found = try await place.rows(homes)
                #expect(Set(try found.map(Self.name)) == ["clinic", "ward"])
                #expect(Set(try found.map(Self.patientKey)) == Set(keys))
                #expect(try await place.count(Self.patients) == 2)
                #expect(try await place.count(Self.waiting) == 0)
                #expect(try await place.brokenPromises() == [])
            }
            // Before both: a file's word is enough for a pseudonym and not for a name.
            try await TestWarehouse.with(engine) { place in
                try await Self.ingest(home.path("elsewhere"), place, program)
                #expect(try await place.count(Self.waiting) == 2)
                let known = try await place.count("SELECT count(*) FROM patient WHERE patient_key = \(keys[1])")
                #expect(known == 0)
                try await ingestBoth(into: place)
                #expect(try await place.rows(homes).map(Self.name) == ["clinic"])
                #expect(try await place.count(Self.waiting) == 1)
                #expect(try await place.brokenPromises() == [])
            }
        }
    }

    /// The images of one data set with pseudonyms were denoised elsewhere, where their identifiers are kept.
    @Test(arguments: TestEngine.available)
    func `identifiers do not come among pseudonyms by the images that they belong to`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let images = try await Self.export("export", seed: 2_018, named: "ZEISIG", in: home)
        try await TestWarehouse.with(engine) { first in
            try await Self.ingest(images, first, program, "--dataset", "ward", "--keep-identifiers")
            try await Self.denoise(first, program, out: home.path("kept"))
        }
        try await TestWarehouse.with(engine) { place in
            try await Self.ingest(images, place, program, "--dataset", "clinic")
            let before = try await place.count("SELECT count(*) FROM series")
            try await Self.ingest(
                home.path("kept/dicom"), place, program, "--dataset", "ward", "--keep-identifiers")
            let named = try await place.rows(
                """
                SELECT dataset.name FROM series_header JOIN patient USING (patient_id) JOIN dataset USING (dataset_id)
                WHERE CAST(header AS TEXT) LIKE '%ZEISIG%'
                """)
            #expect(try named.map(Self.name) == ["ward"])
            let inClinic = try await place.count(
                """
                SELECT count(*) FROM series JOIN patient USING (patient_id) JOIN dataset USING (dataset_id)
                WHERE dataset.name = 'clinic'
                """)
            #expect(inClinic == before)
            #expect(try await place.count(Self.waiting) == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// The ward of another site has the name of one here, and pseudonyms where this one has identifiers.
    @Test(arguments: TestEngine.available)
    func `a file whose word cannot be taken does not stop the run`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let images = try await Self.images(.clinicalDICOM, in: home)
        try await TestWarehouse.with(engine) { first in
            try await Self.ingest(images, first, program, "--dataset", "ward")
            try await Self.denoise(first, program, out: home.path("out"))
        }
        let elsewhere = try TemporaryFolder()
        let other = try Self.otherSite(elsewhere)
        try await TestWarehouse.with(engine) { place in
            let own = try await Self.export("own", seed: 7, in: elsewhere)
            try await Self.ingest(own, place, other, "--dataset", "ward", "--keep-identifiers")
            _ = try await Self.export("mixed/export", seed: 9, in: elsewhere)
            try elsewhere.copy(home.path("out/dicom"), to: "mixed/derived")
            try await Self.ingest(elsewhere.path("mixed"), place, other)
            let homes = try await place.rows(
                "SELECT dataset.name FROM patient JOIN dataset USING (dataset_id) ORDER BY dataset.name")
            #expect(try homes.map(Self.name) == ["dicom", "dicom", "ward"])
            #expect(try await place.count(Self.waiting) == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a conflicting variant is denoised like any other series`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let images = try await Self.images(.clinicalDICOM, in: home)
        try await TestWarehouse.with(engine) { place in
            try await Self.ingest(images, place, program)
            // Explicit VR little endian: the low byte of the last pixel is the last but one of the file.
            for name in home.files(below: "export") where name.hasSuffix(".dcm") || !name.contains(".") {
                var bytes = try home.read(name)
                let parts = bytes.prefix(400).split(separator: 0)
                let isPlain = parts.contains { $0.suffix(19).elementsEqual("1.2.840.10008.1.2.1".utf8) }
                guard isPlain, bytes.count > 48 * 48 * 2 else { continue }
                for place in stride(from: bytes.count - 200, to: bytes.count, by: 2) { bytes[place] ^= 1 }
                try home.write(bytes, to: "other/" + name)
            }
            try await Self.ingest(home.path("other"), place, program)
            let variant = try #require(try await Self.ids(place, where: "variant = 1").first)
            try await Self.denoise([variant], place, program, out: home.path("out"))
            let derived = try await place.rows("SELECT derived_from FROM series WHERE derived_from IS NOT NULL")
            #expect(try derived.map { String(try $0.get("derived_from", as: Int64.self)) } == [variant])
            #expect(try await place.count(Self.waiting) == 0)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `what was derived from a derived series finds that by its images`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let images = try await Self.images(.clinicalDICOM, in: home)
        try await TestWarehouse.with(engine) { first in
            try await Self.ingest(images, first, program)
            try await Self.denoise(first, program, out: home.path("once"))
            try await Self.denoise(
                try await Self.ids(first, where: "derived_from IS NOT NULL"), first, program, out: home.path("twice"),
                method: ["--store", "0.3"])
        }
        let elsewhere = try TemporaryFolder()
        let other = try Self.otherSite(elsewhere)
        try await TestWarehouse.with(engine) { place in
            for folder in [images, home.path("once/dicom"), home.path("twice/dicom")] {
                try await Self.ingest(folder, place, other)
            }
            #expect(try await place.count(Self.linked) == 2)
            #expect(try await place.count("SELECT count(DISTINCT derived_from) FROM series") == 2)
            #expect(try await place.count(Self.patients) == 1)
            #expect(try await place.count(Self.waiting) == 0)
            #expect(try await place.brokenPromises() == [])
        }
    }
}
