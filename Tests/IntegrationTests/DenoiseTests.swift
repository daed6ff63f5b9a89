import CanonicalJSON
import Foundation
import ImageFiles
import Imaging
import LinearAlgebra
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// `slicehouse denoise` as a user runs it, on both engines.
@Suite struct DenoiseTests {
    /// A warehouse with one clinical study of a head CT, and the program that made it.
    private struct Setting {
        let home: TemporaryFolder
        let program: Program
        let place: TestWarehouse

        func denoise(_ arguments: String...) async throws -> Program.Result {
            try await program.run(["denoise", "--database", place.url, "--out", home.path("out")] + arguments)
        }

        /// Image series with at least two slices that are not derived.
        func series() async throws -> [Int64] {
            try await place.rows(
                """
                SELECT series_id FROM series WHERE role = 'image' AND derived_from IS NULL AND slice_count >= 2
                ORDER BY slice_count DESC, series_id
                """
            ).map { try $0.get("series_id") }
        }
    }

    private func with(_ engine: WarehouseEngine, _ body: (Setting) async throws -> Void) async throws {
        try await TestWarehouse.with(engine) { place in
            let home = try TemporaryFolder()
            var options = DICOMPhantomOptions()
            options.patientCount = 1
            options.slicesPerSeries = 12
            options.matrixSize = 48
            _ = try await DICOMPhantom(options).write(to: home.path("export"))
            let program = try Program(home: home)
            let ingest = try await program.run("ingest", home.path("export"), "--database", place.url)
            #expect(ingest.exitCode == 0, "\(ingest.error)")
            try await body(Setting(home: home, program: program, place: place))
        }
    }

    @Test(arguments: TestEngine.available)
    func `the derived series belongs to the patient and study of its source, and comes again as a no-op`(
        engine: WarehouseEngine
    ) async throws {
        try await with(engine) { setting in
            let source = try #require(try await setting.series().first)
            let result = try await setting.denoise(String(source), "--json")
            #expect(result.exitCode == 0, "\(result.error)")
            let report = try JSONValue(parsing: result.output)
            let derived = try #require(report["output_series_id"]?.string.flatMap { Int64($0) })
            let rows = try await setting.place.rows(
                """
                SELECT old.slice_count, new.slice_count AS new_count, old.study_id, new.study_id AS new_study,
                    new.derived_from, new.patient_id, old.patient_id AS old_patient, old.frame_of_reference_uid,
                    new.frame_of_reference_uid AS new_frame, new.geometry_kind
                FROM series AS old JOIN series AS new ON new.derived_from = old.series_id
                WHERE old.series_id = \(source) AND new.series_id = \(derived)
                """)
            let row = try #require(rows.first)
            #expect(try row.get("slice_count", as: Int.self) == (try row.get("new_count", as: Int.self)))
            #expect(try row.get("study_id", as: Int64.self) == (try row.get("new_study", as: Int64.self)))
            #expect(try row.get("patient_id", as: Int64.self) == (try row.get("old_patient", as: Int64.self)))
            #expect(
                try row.get("frame_of_reference_uid", as: String?.self) == (try row.get("new_frame", as: String?.self)))
            #expect(try row.get("geometry_kind", as: String.self) == "volume")
            #expect(try await setting.place.count("SELECT count(*) FROM patient") == 1)

            // From the same place by stat, from another by content, and read again.
            let before = try await setting.place.count("SELECT count(*) FROM slice")
            try setting.home.copy(setting.home.path("out/dicom"), to: "elsewhere")
            for arguments in [["out/dicom"], ["elsewhere"], ["elsewhere", "--rehash"]] {
                let again = try await setting.program.run(
                    ["ingest", setting.home.path(arguments[0]), "--database", setting.place.url, "--json"]
                        + arguments.dropFirst())
                #expect(again.exitCode == 0, "\(again.error)")
                let summary = try JSONValue(parsing: again.output)
                #expect(summary["stored"]?.number == 0 && summary["known"] == summary["seen"])
            }
            #expect(try await setting.place.count("SELECT count(*) FROM slice") == before)
            #expect(try await setting.place.count("SELECT count(*) FROM patient") == 1)
            #expect(try await setting.place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `the rows of a run say what the report says`(engine: WarehouseEngine) async throws {
        try await with(engine) { setting in
            let source = try #require(try await setting.series().first)
            let result = try await setting.denoise(String(source), "--rank", "10", "--json")
            let report = try JSONValue(parsing: result.output)
            let runs = try await setting.place.rows("SELECT * FROM analysis_run")
            let run = try #require(runs.first)
            #expect(try run.get("status", as: String.self) == "completed")
            #expect(try run.get("kind", as: String.self) == "svd")
            #expect(try JSONValue(parsing: run.get("result", as: String.self)) == report["result"])
            #expect(try await setting.place.count("SELECT count(*) FROM singular_value") == 10)
            let levels = try await setting.place.rows("SELECT * FROM analysis_level ORDER BY level_index")
            #expect(try levels.map { try $0.get("kept_count", as: Int.self) }.prefix(5) == [10, 10, 10, 9, 7])
            #expect(
                try levels.map { try $0.get("output_series_id", as: Int64?.self) != nil } == [
                    false, false, false, false, false, true,
                ])
            let energies = try levels.map { try $0.get("kept_energy", as: Double.self) }
            #expect(energies.allSatisfy { (0.9...1).contains($0) })
            #expect(report["result"]?["levels"]?.array?.count == 6)
        }
    }

    @Test(.enabled(if: AnalysisOracle.isThere, "\(AnalysisOracle.isMissing)"))
    func `pydicom and NumPy find the truncation in the derived files`() async throws {
        try await with(.sqlite) { setting in
            let source = try #require(try await setting.series().first)
            let result = try await setting.denoise(String(source), "--factors", "--json")
            #expect(result.exitCode == 0, "\(result.error)")
            let report = try JSONValue(parsing: result.output)
            let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "derived-oracle").path
            let check = try await setting.program.run(
                tool: AnalysisOracle.python,
                [
                    script, setting.home.path("export"), try #require(report["folder"]?.string),
                    try #require(report["output_folder"]?.string),
                ])
            #expect(check.exitCode == 0, "\(check.output)\(check.error)")
        }
    }

    /// `dcmdump` exits with an error where a file is damaged; `dcmftest` looks for the Part 10 header.
    @Test func `DCMTK reads the derived files without a complaint`() async throws {
        try await with(.sqlite) { setting in
            let source = try #require(try await setting.series().first)
            let result = try await setting.denoise(String(source), "--json")
            let folder = try #require(try JSONValue(parsing: result.output)["output_folder"]?.string)
            for tool in [["dcmdump", "--quiet", "--scan-directories", folder], ["dcmftest", folder + "/00001.dcm"]] {
                let check = try await setting.program.run(tool: "/usr/bin/" + tool[0], Array(tool.dropFirst()))
                #expect(check.exitCode == 0, "\(tool[0]): \(check.error)")
                #expect(!check.error.contains("W:") && !check.error.contains("E:"), "\(check.error)")
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `what was done is known, and one series that fails does not stop the rest`(engine: WarehouseEngine)
        async throws
    {
        try await with(engine) { setting in
            let series = try await setting.series()
            let first = try await setting.denoise(String(series[0]))
            #expect(first.exitCode == 0, "\(first.error)")
            let localizer = try #require(
                try await setting.place.rows("SELECT series_id FROM series WHERE role <> 'image'").first
            ).get("series_id", as: Int64.self)
            let many = try await setting.denoise(String(localizer), String(series[0]), String(series[1]), "--json")
            #expect(many.exitCode == 65)
            #expect(many.error.contains("only image series are denoised"))
            // The series is named once.
            #expect(many.error.contains("series \(localizer) was not denoised: "), "\(many.error)")
            #expect(many.error.components(separatedBy: "\(localizer)").count == 2, "\(many.error)")
            let lines = try many.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            #expect(lines.count == 3)
            #expect(lines[0]["error"] != nil && lines[1]["known_run_id"] != nil && lines[2]["output_series_id"] != nil)
            #expect(try await setting.place.count("SELECT count(*) FROM analysis_run WHERE status = 'completed'") == 2)
            // Other files are made, and the derived series is the same.
            let factors = try await setting.denoise(String(series[0]), "--factors", "--slice", "3", "--json")
            #expect(factors.exitCode == 0, "\(factors.error)")
            let made = try #require(try JSONValue(parsing: factors.output)["folder"]?.string)
            #expect(
                setting.home.files(below: "out").contains {
                    made.hasSuffix("/" + $0.split(separator: "/")[1]) && $0.hasSuffix("u.npy")
                })
            #expect(try await setting.place.count("SELECT count(*) FROM series WHERE derived_from IS NOT NULL") == 2)
            let again = try await setting.denoise(String(series[0]), "--again")
            #expect(again.exitCode == 0, "\(again.error)")
            #expect(try await setting.place.count("SELECT count(*) FROM series WHERE derived_from IS NOT NULL") == 2)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a name that nothing has is one failed series, and the rest is done`(engine: WarehouseEngine) async throws {
        try await with(engine) { setting in
            let series = try await setting.series()
            let many = try await setting.denoise(
                String(series[0]), "NOSUCH", String(series[1]), "--store", "none", "--json")
            #expect(many.exitCode == 65, "\(many.error)")
            #expect(many.error.contains("series NOSUCH: there is no such series_id or Series Instance UID"))
            #expect(many.error.contains("1 of 3 series were not denoised."), "\(many.error)")
            let lines = try many.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            #expect(lines.count == 3)
            #expect(lines.compactMap { $0["series"]?.string } == ["NOSUCH"])
            #expect(lines.count { $0["error"] != nil } == 1 && lines.count { $0["result"] != nil } == 2)
            #expect(try await setting.place.count("SELECT count(*) FROM analysis_run WHERE status = 'completed'") == 2)
            let none = try await setting.denoise("NOSUCH", "4711")
            #expect(none.exitCode == 64 && none.output.isEmpty, "\(none.error)")
        }
    }

    /// A segmentation in a plain folder is an image like any other.
    @Test(arguments: TestEngine.available)
    func `a label map is skipped unless it is named`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let home = try TemporaryFolder()
            let program = try Program(home: home)
            try Self.writeVolumes(to: home)
            let ingest = try await program.run("ingest", home.path("volumes"), "--database", place.url)
            #expect(ingest.exitCode == 0, "\(ingest.error)")
            let arguments = ["denoise", "--database", place.url, "--method", "mppca", "--out", home.path("out")]
            let all = try await program.run(arguments + ["--dataset", "images", "--json"])
            #expect(all.exitCode == 0, "\(all.error)")
            let lines = try all.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            let skipped = try #require(lines.first { $0["skipped"] != nil })
            #expect(lines.count == 2 && lines.count { $0["result"] != nil } == 1)
            #expect(skipped["skipped"]?.string?.contains("it has 4 values in flat regions") == true)
            #expect(try await place.count("SELECT count(*) FROM analysis_run") == 1)
            // Nothing is averaged away: there is no noise, and that is said.
            let named = try await program.run(arguments + [try #require(skipped["series_id"]?.string)])
            #expect(named.exitCode == 0, "\(named.error)")
            #expect(named.output.contains("shows noise of 0") || named.output.contains("show noise of 0"))
            #expect(named.output.contains("MP-PCA found no noise in any patch"), "\(named.output)")
            #expect(named.output.contains("no derived series"), "\(named.output)")
        }
    }

    /// A box of three labels, and a picture of it with noise; 24 × 32 × 12 voxels.
    private static func writeVolumes(to home: TemporaryFolder) throws {
        let random = PhiloxGenerator(seed: 3).normal(rows: 24 * 32, columns: 12)
        for name in ["labels", "picture"] {
            let frames = try (0..<12).map { slice in
                let values = (0..<24 * 32).map { pixel -> Int16 in
                    let (row, column) = (pixel / 32, pixel % 32)
                    let isInside = (4..<20).contains(row) && (4..<28).contains(column) && (2..<10).contains(slice)
                    let label = isInside ? Int16(1 + column / 10) : 0
                    return name == "labels" ? label : 40 * label + Int16((8 * random[pixel, slice]).rounded())
                }
                return try PixelBuffer(
                    type: .i16, rows: 24, columns: 32,
                    bytes: values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
            }
            let writer = try NIfTIWriter(
                pixelType: .i16, columns: 32, rows: 24, slices: 12,
                rasAffine: VoxelAffine(
                    i: SIMD3(1, 0, 0), j: SIMD3(0, 1, 0), k: SIMD3(0, 0, 2), translation: SIMD3()))
            try home.write(try writer.encode(frames), to: "volumes/\(name).nii")
        }
    }

    /// The same recipe gives the same files wherever the samples lie; memory and cores are no part of it.
    @Test func `little memory changes no byte of the derived files`() async throws {
        try await with(.sqlite) { setting in
            let source = try #require(try await setting.series().first)
            #expect(try await setting.denoise(String(source)).exitCode == 0)
            let folder = try #require(setting.home.files(below: "out/dicom").first)
            let first = try setting.home.read(folder)
            let small = try await setting.denoise(String(source), "--again", "--memory", "96M")
            #expect(small.exitCode == 0, "\(small.error)")
            #expect(try setting.home.read(folder) == first)
            let refused = try await setting.denoise(String(source), "--again", "--memory", "1M")
            #expect(refused.exitCode == 65)
            #expect(refused.error.contains("need at least --memory"))
        }
    }

    /// Both engines hold the same slices, so they give the same values.
    @Test(.enabled(if: TestEngine.hasPostgreSQL, "\(TestEngine.isMissing)"))
    func `both engines give the same singular values`() async throws {
        var found: [[Double]] = []
        for engine in TestEngine.available {
            try await with(engine) { setting in
                let source = try #require(try await setting.series().first)
                _ = try await setting.denoise(String(source), "--store", "none")
                found.append(
                    try await setting.place.rows("SELECT singular_value FROM singular_value ORDER BY value_index").map {
                        try $0.get("singular_value")
                    })
            }
        }
        #expect(found[0] == found[1] && found[0].count == 12)
    }

    /// CT-ICH comes as NIfTI without any UID, in a published data set.
    @Test func `a source without DICOM gives a derived series of the same patient`() async throws {
        try await TestWarehouse.with(.sqlite) { place in
            let home = try TemporaryFolder()
            let cohort = try await Cohorts.smallICH()
            let program = try Program(home: home)
            _ = try await program.run("ingest", cohort.path("ich"), "--database", place.url)
            let patients = try await place.count("SELECT count(*) FROM patient")
            let rows = try await place.rows(
                """
                SELECT series_id FROM series WHERE role = 'image' AND geometry_kind = 'volume' ORDER BY series_id LIMIT 1
                """)
            let source = try #require(rows.first).get("series_id", as: Int64.self)
            let result = try await program.run(
                "denoise", String(source), "--database", place.url, "--out", home.path("out"), "--method", "mppca")
            #expect(result.exitCode == 0, "\(result.error)")
            #expect(result.output.contains("MP-PCA"))
            #expect(try await place.count("SELECT count(*) FROM series WHERE derived_from = \(source)") == 1)
            #expect(try await place.count("SELECT count(*) FROM patient") == patients)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Published data keep their names, a plain DICOM folder gets pseudonyms: a derived series follows its source.
    @Test(arguments: TestEngine.available)
    func `published and clinical series of one warehouse are denoised in one call`(engine: WarehouseEngine) async throws
    {
        try await with(engine) { setting in
            let cohort = try await Cohorts.smallICH()
            let ingest = try await setting.program.run(
                "ingest", cohort.path("ich"), "--database", setting.place.url)
            #expect(ingest.exitCode == 0, "\(ingest.error)")
            let sources = try await setting.place.rows(
                """
                SELECT min(series.series_id) AS series_id FROM series JOIN patient USING (patient_id)
                JOIN dataset USING (dataset_id)
                WHERE role = 'image' AND geometry_kind = 'volume' GROUP BY patient_key_kind ORDER BY patient_key_kind
                """
            ).map { String(try $0.get("series_id", as: Int64.self)) }
            #expect(sources.count == 2)
            let result = try await setting.program.run(
                ["denoise", "--database", setting.place.url, "--out", setting.home.path("out"), "--method", "mppca"]
                    + sources)
            #expect(result.exitCode == 0, "\(result.error)")
            let counts: SQL = "SELECT (SELECT count(*) FROM patient) * 1000000 + count(*) FROM series"
            let before = try await setting.place.count(counts)
            #expect(try await setting.place.count("SELECT count(*) FROM series WHERE derived_from IS NOT NULL") == 2)
            // The pictures beside the DICOM files are nobody's images.
            let again = try await setting.program.run(
                "ingest", setting.home.path("out"), "--database", setting.place.url, "--json")
            #expect(again.exitCode == 0, "\(again.error)")
            #expect(try JSONValue(parsing: again.output)["ignored"]?.number == 2, "\(again.output)")
            #expect(try await setting.place.count(counts) == before)
            #expect(try await setting.place.brokenPromises() == [])
        }
    }

    /// Of twelve values 0.1% is none.
    @Test func `a level that drops nothing is said and makes no copy`() async throws {
        try await with(.sqlite) { setting in
            let source = try #require(try await setting.series().first)
            let result = try await setting.denoise(String(source), "--levels", "0.001", "--store", "0.001", "--json")
            #expect(result.exitCode == 0, "\(result.error)")
            let report = try JSONValue(parsing: result.output)
            #expect(report["output_withheld"]?.string?.contains("drops nothing") == true)
            #expect(report["output_series_id"] == .null)
            #expect(try await setting.place.count("SELECT count(*) FROM series WHERE derived_from IS NOT NULL") == 0)
            #expect(try await setting.place.count("SELECT count(*) FROM analysis_run WHERE status = 'completed'") == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `Ctrl-C marks the run as interrupted, and the next one does it whole`(engine: WarehouseEngine) async throws {
        try await with(engine) { setting in
            let source = try #require(try await setting.series().first)
            let arguments = [
                "denoise", "--database", setting.place.url, "--out", setting.home.path("out"), String(source),
            ]
            // Stopped where the derived series comes in, so that the signal meets a run that is under way.
            let run = try setting.program.with("SLICEHOUSE_FAILPOINT", "batch-begun:1:stop").start(arguments)
            #expect(try await run.waitUntilStopped())
            run.send(SIGINT)
            run.resume()
            let ended = try await run.result()
            #expect(ended.exitCode == 130, "\(ended.error)")
            #expect(
                try await setting.place.count("SELECT count(*) FROM analysis_run WHERE status = 'interrupted'") == 1)
            #expect(try await setting.place.count("SELECT count(*) FROM series WHERE derived_from IS NOT NULL") == 0)
            let again = try await setting.program.run(arguments)
            #expect(again.exitCode == 0, "\(again.error)")
            #expect(try await setting.place.count("SELECT count(*) FROM analysis_run WHERE status = 'completed'") == 1)
            #expect(try await setting.place.count("SELECT count(*) FROM series WHERE derived_from IS NOT NULL") == 1)
            #expect(!setting.home.files(below: "out").contains { $0.hasSuffix(".slicehouse-lock") })
            #expect(try await setting.place.brokenPromises() == [])
        }
    }

    @Test func `a run that was killed is marked as abandoned by the next one`() async throws {
        try await with(.sqlite) { setting in
            let source = try #require(try await setting.series().first)
            let killed = try await setting.program.with("SLICEHOUSE_FAILPOINT", "before-commit").run([
                "denoise", "--database", setting.place.url, "--out", setting.home.path("out"), String(source),
            ])
            #expect(killed.exitCode != 0)
            let again = try await setting.denoise(String(source))
            #expect(again.exitCode == 0, "\(again.error)")
            let states = try await setting.place.rows("SELECT status FROM analysis_run ORDER BY analysis_run_id")
            #expect(try states.map { try $0.get("status", as: String.self) } == ["abandoned", "completed"])
            #expect(!setting.home.files(below: "out").contains { $0.hasSuffix(".slicehouse-lock") })
            #expect(try await setting.place.brokenPromises() == [])
        }
    }

    @Test func `a matrix in a file is denoised without a warehouse`() async throws {
        let home = try TemporaryFolder()
        let lines = (0..<30).map { row in (0..<5).map { "\(Double(row * ($0 + 1)) + Double(row * 7 % 3))" } }
        try home.write(lines.map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n", to: "s.csv")
        let program = try Program(home: home)
        let result = try await program.run(
            "denoise", "--csv", home.path("s.csv"), "--shape", "6x5", "--out", home.path("out"), "--store", "0.3")
        #expect(result.exitCode == 0, "\(result.error)")
        #expect(home.files(below: "out").contains("out/matrix/denoised.csv"))
        #expect(!home.files().contains("slicehouse.sqlite"))
        // The file is sound; what was said of it is not.
        for (shape, lines) in [("7x5", "has 30 lines"), ("5x5", "has more than 25 lines")] {
            let wrong = try await program.run(
                "denoise", "--csv", home.path("s.csv"), "--shape", shape, "--out", home.path("wrong"))
            #expect(wrong.exitCode == 64 && wrong.error.contains("--shape \(shape)"), "\(wrong.error)")
            #expect(wrong.error.contains(lines), "\(wrong.error)")
        }
        try home.write("1,2\n3,x\n", to: "broken.csv")
        let broken = try await program.run(
            "denoise", "--csv", home.path("broken.csv"), "--shape", "1x2", "--out", home.path("wrong"))
        #expect(broken.exitCode == 65 && broken.error.contains("line 2"), "\(broken.error)")
    }

    @Test(arguments: [
        (["denoise"], "Name at least one series"), (["denoise", "1", "--method", "fast"], "--method"),
        (["denoise", "1", "--levels", "0.1,2"], "--levels"), (["denoise", "1", "--store", "0.2"], "--store"),
        (["denoise", "1", "--memory", "much"], "--memory"), (["denoise", "--csv", "x"], "--shape"),
    ])
    func `a mistake on the command line is one sentence and exit 64`(arguments: [String], named: String) async throws {
        let home = try TemporaryFolder()
        let result = try await Program(home: home).run(arguments)
        #expect(result.exitCode == 64)
        #expect(result.error.contains(named), "\(result.error)")
    }
}
