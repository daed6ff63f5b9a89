import DICOM
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// A table of labels that comes alone, later or earlier than the clinical images it is about.
@Suite("Labels that come later") struct LaterLabelTests {
    @Test(arguments: TestEngine.available)
    func `labels by SOP Instance UID find stored images, and wait for others`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["ward": DeclaredHome.ward]).program
        let series = TinySeries()
        try series.write(0..<2, to: folder)
        let uids = (0..<3).map { "\(series.uid).9.\($0)" }
        try folder.write(
            "image,epidural\n" + zip(uids, ["1", "0", "1"]).map { "\($0),\($1)\n" }.joined(), to: "labels/ward.csv")
        try await TestWarehouse.with(engine) { place in
            func ingest(_ name: String) async throws {
                let run = try await program.run("ingest", "--database", place.url, folder.path(name))
                #expect(run.exitCode == 0, "\(run.error)")
            }
            let labels: SQL = """
                SELECT slice.sop_instance_uid, label.raw_value FROM label
                JOIN slice ON slice.patient_id = label.patient_id AND slice.slice_id = label.slice_id
                JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
                WHERE label_domain.name = 'epidural' ORDER BY slice.sop_instance_uid
                """
            func stored() async throws -> [String] {
                try await place.rows(labels).map { row in
                    let (uid, value): (String, String) = (try row.get(at: 0), try row.get(at: 1))
                    return "\(uid) \(value)"
                }
            }
            try await ingest("series")
            try await ingest("labels/ward.csv")
            #expect(try await stored() == ["\(uids[0]) 1", "\(uids[1]) 0"])
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 1)
            try series.write(2..<3, to: folder)
            try await ingest("series")
            #expect(try await stored() == ["\(uids[0]) 1", "\(uids[1]) 0", "\(uids[2]) 1"])
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 0)
            #expect(try await place.count("SELECT count(*) FROM patient") == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// A series of its own beside the images of its Series Instance UID. What it is, value 3 of Image Type says (PS3.3
    /// C.8.2.1.1.1).
    private static func scout(_ index: Int, number: String) throws -> [UInt8] {
        let series = TinySeries()
        return try series.file(
            index,
            extra: [
                series.element(0x0008, 0x0008, .CS, "ORIGINAL", "PRIMARY", "LOCALIZER"),
                series.element(0x0020, 0x0013, .IS, number),
            ])
    }

    /// Role of the series and answer of each label of a slice.
    private static func answers(_ place: TestWarehouse) async throws -> [String] {
        let rows = try await place.rows(
            """
            SELECT series.role, label.raw_value FROM label
            JOIN slice ON slice.patient_id = label.patient_id AND slice.slice_id = label.slice_id
            JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
            JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
            WHERE label_domain.name = 'epidural' ORDER BY series.role, label.raw_value
            """)
        return try rows.map { row in
            let (role, value): (String, String) = (try row.get(at: 0), try row.get(at: 1))
            return "\(role) \(value)"
        }
    }

    @Test(arguments: TestEngine.available, [["labels", "series"], ["series", "labels"]])
    func `labels of scouts find them by SOP Instance UID, whichever comes first`(
        engine: WarehouseEngine, order: [String]
    ) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["ward": DeclaredHome.ward]).program
        try TinySeries().write(0..<1, to: folder)
        try folder.write(try Self.scout(1, number: "1"), to: "series/SCOUT")
        try folder.write("image,epidural\n2.25.100.9.0,0\n2.25.100.9.1,1\n", to: "labels/ward.csv")
        try await TestWarehouse.with(engine) { place in
            for name in order {
                let run = try await program.run("ingest", "--database", place.url, folder.path(name))
                #expect(run.exitCode == 0, "\(run.error)")
            }
            #expect(try await Self.answers(place) == ["image 0", "localizer 1"])
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 0)
            let waiting: SQL = "SELECT count(*) FROM quality_finding WHERE check_name = 'label_without_image'"
            #expect(try await place.count(waiting) == 0)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// The first image and a scout have the number 1; another scout alone has 9.
    @Test(arguments: TestEngine.available)
    func `a slice number is that of an image where a scout has it as well`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let source = DeclaredHome.ward.replacing(
            "image: $1", with: "patient: '{person}'\n    series: $1\n    slice: '{n}'")
        let program = try DeclaredHome(in: folder, sources: ["ward": source]).program
        try TinySeries().write(0..<2, to: folder)
        for (index, number) in [(2, "1"), (3, "9")] {
            try folder.write(try Self.scout(index, number: number), to: "series/SCOUT\(number)")
        }
        let rows = ["1,1", "2,0", "9,1"].map { "2.25.100.2,1234567,\($0)\n" }
        try folder.write("image,person,n,epidural\n" + rows.joined(), to: "labels/ward.csv")
        try await TestWarehouse.with(engine) { place in
            for name in ["series", "labels"] {
                let run = try await program.run("ingest", "--database", place.url, folder.path(name))
                #expect(run.exitCode == 0, "\(run.error)")
            }
            #expect(try await Self.answers(place) == ["image 0", "image 1", "localizer 1"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Two series of one patient count their slices alike.
    @Test(arguments: TestEngine.available)
    func `labels that fit a correction are told apart by their series`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["ward": DeclaredHome.ward]).program
        for uid in ["2.25.100", "2.25.200"] { try TinySeries(uid: uid).write(0..<2, to: folder, below: "in/" + uid) }
        try folder.write("image,epidural\n2.25.100.9.0,1\n2.25.200.9.0,1\n", to: "in/labels/ward.csv")
        try await TestWarehouse.with(engine) { place in
            #expect(try await program.run("ingest", "--database", place.url, folder.path("in")).exitCode == 0)
            let patient = try await place.rows("SELECT patient_key FROM patient")[0].get("patient_key", as: String.self)
            func correct(_ choice: String...) async throws -> Program.Result {
                try await program.run(
                    ["domains", "correct", "epidural", "--database", place.url, "--slice", "1", "--value", "0"] + choice
                        + ["--author", "A. Reader", "--reason", "seen on the bone window"])
            }
            let both = try await correct("--patient", patient)
            #expect(both.exitCode == 64 && both.error.contains("2 labels fit"), "\(both.error)")
            let lines = both.output.split(separator: "\n")
            #expect(lines.count == 2 && lines.allSatisfy { $0.contains(", slice 1,") }, "\(both.output)")
            for uid in ["2.25.100.2", "2.25.200.2"] {
                #expect(lines.count { $0.contains("--series \(uid),") } == 1, "\(both.output)")
            }
            let one = try await correct("--series", "2.25.200.2")
            #expect(one.exitCode == 0, "\(one.error)")
            let values = try await place.rows(
                """
                SELECT series.series_instance_uid, label_current.raw_value FROM label_current
                JOIN slice ON slice.patient_id = label_current.patient_id AND slice.slice_id = label_current.slice_id
                JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
                WHERE label_current.domain_name = 'epidural' ORDER BY series.series_instance_uid
                """)
            #expect(try values.map { try $0.get("raw_value", as: String.self) } == ["1", "0"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// One label, and copies of it as further answers.
    @Test(arguments: TestEngine.available)
    func `of many labels that fit the first are listed, and how to choose is said`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["ward": DeclaredHome.ward]).program
        try TinySeries().write(0..<1, to: folder, below: "in/series")
        try folder.write("image,epidural\n2.25.100.9.0,1\n", to: "in/labels/ward.csv")
        try await TestWarehouse.with(engine) { place in
            #expect(try await program.run("ingest", "--database", place.url, folder.path("in")).exitCode == 0)
            for (first, last, says) in [
                (1, 11, "12 labels fit, of which the first 10 are listed"),
                (12, 249, "More than 99 labels fit, of which the first 10 are listed"),
            ] {
                try await place.script(
                    """
                    INSERT INTO label (patient_id, label_source_id, label_id, label_domain_id, reader_id, level,
                        slice_id, occurrence, raw_value, ingest_run_id)
                    WITH RECURSIVE copy (number) AS (
                        SELECT \(first) UNION ALL SELECT number + 1 FROM copy WHERE number < \(last))
                    SELECT patient_id, label_source_id, copy.number, label_domain_id, reader_id, level, slice_id,
                        copy.number, raw_value, ingest_run_id
                    FROM label CROSS JOIN copy WHERE label.occurrence = 0 AND label.label_domain_id =
                        (SELECT label_domain_id FROM label_domain WHERE name = 'epidural')
                    """)
                let refused = try await program.run(
                    "domains", "correct", "epidural", "--database", place.url, "--image", "2.25.100.9.0", "--value",
                    "0", "--author", "A. Reader", "--reason", "seen on the bone window")
                #expect(refused.exitCode == 64 && refused.error.contains(says), "\(refused.error)")
                #expect(refused.error.contains("--series, --slice"), "\(refused.error)")
                #expect(refused.output.split(separator: "\n").count == 10, "\(refused.output)")
            }
        }
    }

    /// Of two answers to one question the finding lasts until one is taken out.
    @Test(arguments: TestEngine.available)
    func `waiting labels are counted, rows of other form rejected, and two answers told with what to do`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["ward": DeclaredHome.ward]).program
        let series = TinySeries()
        let uids = (0..<3).map { "\(series.uid).9.\($0)" }
        try folder.write(
            "image,epidural\n\(uids[0]),1\n\(uids[0]),0\n\(uids[1])\n\(uids[2]),1,extra\n", to: "labels/ward.csv")
        try await TestWarehouse.with(engine) { place in
            func run(_ arguments: String..., exitCode: Int32) async throws -> String {
                let run = try await program.run(arguments + ["--database", place.url])
                #expect(run.exitCode == exitCode, "\(run.error)")
                return run.error
            }
            func sentences(_ check: String) async throws -> [String] {
                try await place.rows("SELECT sentence FROM quality_finding WHERE check_name = \(check)").map {
                    try $0.get("sentence", as: String.self)
                }
            }
            try TinySeries(uid: "2.25.200").write(0..<1, to: folder, below: "other")
            _ = try await run("ingest", folder.path("other"), exitCode: 0)
            _ = try await run("ingest", folder.path("labels"), exitCode: 65)
            let rows = try await place.rows("SELECT code, row_number FROM rejection ORDER BY row_number")
            #expect(try rows.map { try $0.get("code", as: String.self) } == ["wrong_cell_count", "wrong_cell_count"])
            #expect(try rows.map { try $0.get("row_number", as: Int.self) } == [3, 4])
            let waiting = try await program.run("domains", "epidural", "--database", place.url)
            #expect(
                waiting.exitCode != 0 && waiting.error.contains("2 labels wait for their images"), "\(waiting.error)")

            let person = ["--author", "A. Reader", "--reason", "seen on the bone window"]
            let early = try await program.run(
                ["domains", "correct", "epidural", "--database", place.url, "--image", uids[0], "--withdraw"] + person)
            #expect(early.exitCode == 64, "\(early.error)")
            #expect(early.error.contains("2 labels of epidural fit and wait for their images"), "\(early.error)")
            let none = try await program.run(
                ["domains", "correct", "epidural", "--database", place.url, "--image", uids[2], "--withdraw"] + person)
            #expect(none.exitCode == 64 && none.error.contains("No label of epidural fits"), "\(none.error)")

            try series.write(0..<3, to: folder)
            _ = try await run("ingest", folder.path("series"), exitCode: 0)
            let several = try await sentences("several_answers")
            #expect(several.count == 1)
            #expect(
                several.allSatisfy { $0.contains("source ward of") && $0.contains("2 different answers to epidural") },
                "\(several)")
            let partly = try await sentences("label_rows_match_slices")
            #expect(partly.count == 1 && partly[0].hasPrefix("Of the 3 slices of this series 1 have"), "\(partly)")

            let both = try await program.run(
                ["domains", "correct", "epidural", "--database", place.url, "--image", uids[0], "--withdraw"] + person)
            #expect(both.output.contains("says \"0\"") && both.output.contains("says \"1\""), "\(both.output)")
            #expect(!both.error.contains("says"), "\(both.error)")
            let label = try await place.rows("SELECT label_id FROM label WHERE level = 'slice' AND raw_value = '0'")[0]
                .get("label_id", as: Int64.self)
            let one = try await program.run(
                ["domains", "correct", "epidural", "--database", place.url, "--label", "\(label)", "--withdraw"]
                    + person)
            #expect(one.exitCode == 0, "\(one.error)")
            #expect(try await sentences("several_answers") == [])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// By the vocabulary both 1 and yes are present, and 0 is absent; the first image has the former two, the second
    /// one 1 and 0.
    @Test(arguments: TestEngine.available)
    func `two spellings of one answer are kept, and are not told as two answers`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["ward": DeclaredHome.ward]).program
        let series = TinySeries()
        try series.write(0..<2, to: folder, below: "in/series")
        let rows = ["0,1", "0,Yes", "1,1", "1,0"].map { "\(series.uid).9.\($0)\n" }
        try await TestWarehouse.with(engine) { place in
            for (count, says) in [(2, 0), (4, 1)] {
                try folder.write("image,epidural\n" + rows.prefix(count).joined(), to: "in/labels/ward.csv")
                let run = try await program.run("ingest", "--database", place.url, folder.path("in"))
                #expect(run.exitCode == 0, "\(run.error)")
                for check in ["several_answers", "contradicting_label"] {
                    let sentences = try await place.rows(
                        "SELECT sentence FROM quality_finding WHERE check_name = \(check)"
                    ).map { try $0.get("sentence", as: String.self) }
                    #expect(sentences.count == says, "\(check): \(sentences)")
                }
            }
            let kept = try await place.count("SELECT count(*) FROM label WHERE raw_value = 'Yes'")
            #expect((kept ?? 0) >= 1)
            #expect(try await place.brokenPromises() == [])
        }
    }
}
