import CanonicalJSON
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Who holds the folder and the pseudonym key finds the files of series and rejections again; the warehouse holds no name.
@Suite("Located files") struct LocatedFileTests {
    private static let names = ["DOE_JANE.nii", "MUELLER/scan.nii"]

    /// Lines of `verb` about clinical files.
    private static func lines(_ program: Program, _ arguments: [String]) async throws -> [JSONValue] {
        let run = try await program.run(arguments + ["--json"])
        #expect(run.exitCode == 0, "\(arguments): \(run.error)")
        return try run.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    }

    @Test(arguments: TestEngine.available)
    func `series without a name are found by the folder they came from, one above, one below, or moved`(
        engine: WarehouseEngine
    ) async throws {
        let (home, folder) = (try TemporaryFolder(), try TemporaryFolder())
        let masks = try await Cohorts.smallICH().path("ich/ct-ich-1.3.1/masks")
        try folder.copy(masks + "/049.nii", to: "export/ward/" + Self.names[0])
        try folder.copy(masks + "/058.nii", to: "export/ward/" + Self.names[1])
        try folder.write("", to: "export/ward/KLEIN.dcm")
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            func lines(_ arguments: String...) async throws -> [JSONValue] {
                try await Self.lines(program, arguments + ["--database", place.url])
            }
            func series(in name: String) async throws -> [String] {
                try await lines("series", "--locate", folder.path(name)).map { $0["file"]?.string ?? "" }.sorted()
            }
            let run = try await program.run("ingest", "--database", place.url, folder.path("export/ward"))
            #expect(run.exitCode == 65, "\(run.error)")
            let stored = try await lines("series", "--files")
            #expect(stored.count == 2)
            for line in stored {
                for name in ["file", "folder"] { #expect(line[name]?.string?.hasPrefix("hmac-") == true, "\(line)") }
            }
            #expect(try await series(in: "export/ward") == Self.names)
            #expect(try await series(in: "export") == Self.names.map { "ward/" + $0 })
            #expect(try await series(in: "export/ward/MUELLER").contains("scan.nii"))
            let rejected = try await lines("status", "--rejected", "--locate", folder.path("export"))
            #expect(rejected.map { $0["file"]?.string } == ["ward/KLEIN.dcm"])
            // Which series it is: the file of the patient whose volume has as many slices as nibabel would say.
            let first = try await lines("series", "--locate", folder.path("export")).first {
                $0["file"]?.string == "ward/" + Self.names[0]
            }
            let id = try #require(first?["series_id"]?.string.flatMap { Int64($0) })
            let header = try folder.read("export/ward/" + Self.names[0])
            // dim[3] of a NIfTI header: a 16-bit number at byte 46.
            let slices = Int(header[46]) | Int(header[47]) << 8
            #expect(try await place.count("SELECT slice_count FROM series WHERE series_id = \(id)") == slices)
            try folder.move("export", to: "archive/2024")
            #expect(try await series(in: "archive") == Self.names.map { "2024/ward/" + $0 })

            let other = try await program.run("series", "--database", place.url, "--locate", home.path)
            #expect(other.exitCode == 0 && other.error.contains("None of these files"), "\(other.error)")
            let keyless = program.with("SLICEHOUSE_PSEUDONYM_KEY", home.path("no.key"))
            let none = try await keyless.run("series", "--database", place.url, "--locate", folder.path("archive"))
            #expect(none.exitCode == 64 && none.error.contains("key file does not exist"), "\(none.error)")
        }
    }

    /// From a value to a file, where the warehouse holds no name.
    @Test(arguments: TestEngine.available)
    func `the example of a count leads to its file`(engine: WarehouseEngine) async throws {
        let (home, folder) = (try TemporaryFolder(), try TemporaryFolder())
        let tiny = TinySeries()
        // X-Ray Tube Current is 200, 200 and 300.
        for index in 0..<3 { try folder.write(try tiny.file(index), to: "in/DOE\(index).dcm") }
        try folder.write(try tiny.object("REPORT"), to: "in/DOE_REPORT.dcm")
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let run = try await program.run("ingest", "--database", place.url, folder.path("in"))
            #expect(run.exitCode == 0, "\(run.error)")
            func files(_ subject: String) async throws -> [String] {
                let arguments = ["series", subject, "--locate", folder.path("in"), "--database", place.url]
                return try await Self.lines(program, arguments).map { $0["file"]?.string ?? "" }.sorted()
            }
            func example(of value: String, _ attribute: String) async throws -> String {
                let counts = try await program.run(
                    "domains", "--attribute", attribute, "--format", "json", "--database", place.url)
                #expect(counts.exitCode == 0 && !counts.output.contains("DOE"), "\(counts.output)\(counts.error)")
                let rows = try counts.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
                let example = rows.first { $0["value"]?.string == value }?["example"]?.string
                return String(try #require(example).split(separator: " ").last ?? "")
            }
            #expect(try await files(example(of: "300", "XRayTubeCurrent")) == ["DOE2.dcm"])
            #expect(try await files(example(of: "SR", "Modality")) == ["DOE_REPORT.dcm"])
            let ids = try await place.rows("SELECT series_id FROM series WHERE modality = 'CT'")
            let id = try #require(try ids.first.map { try $0.get("series_id", as: Int64.self) })
            #expect(try await files(String(id)) == (0..<3).map { "DOE\($0).dcm" })
            let listed = try await Self.lines(program, ["series", String(id), "--database", place.url])
            #expect(listed.map { $0["series_id"]?.string } == [String(id)])
        }
    }

    /// Two folders with files of one name: the folder tells them apart.
    @Test func `files of one name in two ingested folders are told apart`() async throws {
        let (home, folder) = (try TemporaryFolder(), try TemporaryFolder())
        let masks = try await Cohorts.smallICH().path("ich/ct-ich-1.3.1/masks")
        for (name, ward) in [("049", "a"), ("058", "b")] {
            try folder.copy(masks + "/\(name).nii", to: "export/\(ward)/scan.nii")
        }
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        for ward in ["a", "b"] { try await program.run("ingest", folder.path("export/" + ward)) }
        let located = try await Self.lines(program, ["series", "--locate", folder.path("export")])
        #expect(located.map { $0["file"]?.string ?? "" }.sorted() == ["a/scan.nii", "b/scan.nii"])
        #expect(Set(located.map { $0["folder"]?.string }) == [folder.path("export")])
    }

    @Test func `published files have names, and one series many files`() async throws {
        let home = try TemporaryFolder()
        let cohort = try await Cohorts.smallICH()
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        try await program.run("ingest", cohort.path("ich/ct-ich-1.0.0"))
        let listed = try await Self.lines(program, ["series", "--files", "--patient", "049"])
        let brain = listed.compactMap { $0["file"]?.string }.filter { $0.hasPrefix("Patients_CT/049/brain/") }
        let files = cohort.files(below: "ich/ct-ich-1.0.0/Patients_CT/049/brain").map {
            $0.split(separator: "/").suffix(4).joined(separator: "/")
        }
        #expect(brain.sorted() == files.sorted())
    }
}
