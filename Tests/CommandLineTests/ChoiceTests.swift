import CanonicalJSON
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// How a user chooses what is stored: data sets, series, windows.
@Suite("Choice") struct ChoiceTests {
    /// A warehouse with patients 049 and 058 of both versions of CT-ICH.
    private struct Setting {
        let home: TemporaryFolder
        let program: Program
        let place: TestWarehouse

        func run(_ arguments: String...) async throws -> Program.Result {
            try await program.run(arguments + ["--database", place.url])
        }

        func rows(_ arguments: String...) async throws -> [JSONValue] {
            let result = try await program.run(arguments + ["--database", place.url, "--json"])
            #expect(result.exitCode == 0, "\(result.error)")
            return try result.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        }
    }

    private func with(
        _ engine: WarehouseEngine, _ cohort: TemporaryFolder, _ body: (Setting) async throws -> Void
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let home = try TemporaryFolder()
            let program = try Program(home: home)
            let ingest = try await program.run("ingest", cohort.path, "--database", place.url)
            #expect(ingest.exitCode == 0, "\(ingest.error)")
            try await body(Setting(home: home, program: program, place: place))
        }
    }

    @Test(arguments: TestEngine.available)
    func `a data set is chosen by name or by name@version`(engine: WarehouseEngine) async throws {
        try await with(engine, Cohorts.smallICH()) { setting in
            // Of two patients a volume and its mask; in JPEG brain, bone and mask.
            #expect(try await setting.rows("series", "--dataset", "physionet-ct-ich@1.3.1").count == 4)
            #expect(try await setting.rows("series", "--dataset", "physionet-ct-ich").count == 10)
            let slices = try await setting.place.count(
                """
                SELECT sum(slice_count) FROM series JOIN patient ON patient.patient_id = series.patient_id
                JOIN dataset ON dataset.dataset_id = patient.dataset_id
                WHERE dataset.version = '1.3.1' AND series.role = 'image'
                """)
            let exported = try await setting.rows(
                "export", "png", setting.home.path("p"), "--dataset", "physionet-ct-ich@1.3.1")
            #expect(exported.first?["written"]?.number == slices.map(Double.init))
            let verified = try await setting.rows("verify", "--dataset", "physionet-ct-ich@1.3.1")
            #expect(verified.first?["slices"]?.number == slices.map { Double(2 * $0) })
            // No file of CT-ICH has a header.
            let counted = try await setting.run(
                "domains", "--attribute", "PatientSex", "--dataset", "physionet-ct-ich@1.3.1", "--format", "json")
            #expect(counted.exitCode == 0 && counted.output.contains("\"slice_count\":\(2 * (slices ?? 0))"))
        }
    }

    @Test func `a data set that is not there is answered with those that are`() async throws {
        try await with(.sqlite, Cohorts.smallICH()) { setting in
            let person = ["--author", "A. Reader", "--reason", "seen"]
            let verbs = [
                ["series"], ["verify"], ["domains", "--attribute", "KVP"], ["export", "png", setting.home.path("p")],
                ["denoise"], ["split", "create", "ich"],
                ["domains", "correct", "fracture", "--patient", "049", "--withdraw"] + person,
            ]
            for verb in verbs {
                let result = try await setting.program.run(
                    verb + ["--dataset", "physionet-ct-ich@9", "--database", setting.place.url])
                #expect(result.exitCode == 64, "\(verb): \(result.error)")
                #expect(
                    result.error.contains(
                        "slicehouse: --dataset physionet-ct-ich@9: there is no such data set; "
                            + "there are physionet-ct-ich@1.0.0, physionet-ct-ich@1.3.1."),
                    "\(verb): \(result.error)")
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a correction finds its label by name@version`(engine: WarehouseEngine) async throws {
        try await with(engine, Cohorts.smallICH()) { setting in
            let person = ["--author", "A. Reader", "--reason", "seen"]
            let label = ["fracture", "--patient", "049", "--slice", "3"]
            let correct = ["domains", "correct"] + label + ["--value", "1"] + person
            let many = try await setting.program.run(correct + ["--database", setting.place.url])
            #expect(many.exitCode == 64 && many.output.contains("(physionet-ct-ich@1.3.1, --source "), "\(many.error)")
            let one = try await setting.program.run(
                correct + ["--dataset", "physionet-ct-ich@1.3.1", "--database", setting.place.url])
            #expect(one.exitCode == 0, "\(one.error)")
        }
    }

    @Test(arguments: TestEngine.available)
    func `series are chosen by id, by UID, and several at once`(engine: WarehouseEngine) async throws {
        try await with(engine, Cohorts.export()) { setting in
            let found = try await setting.place.rows(
                """
                SELECT series_id, series_instance_uid, slice_count FROM series
                WHERE role = 'image' AND slice_count > 1 ORDER BY series_id LIMIT 2
                """)
            let ids = try found.map { String(try $0.get("series_id", as: Int64.self)) }
            let uid: String = try found[0].get("series_instance_uid")
            let slices = try found.map { try $0.get("slice_count", as: Int.self) }
            func written(_ series: [String]) async throws -> Double? {
                let options = series.flatMap { ["--series", $0] }
                let result = try await setting.program.run(
                    ["export", "png", setting.home.path("p"), "--json", "--database", setting.place.url] + options)
                #expect(result.exitCode == 0, "\(result.error)")
                return try JSONValue(parsing: result.output)["written"]?.number
            }
            #expect(try await written([uid]) == Double(slices[0]))
            #expect(try await written([uid, ids[0], ids[1]]) == Double(slices[0] + slices[1]))
            for (name, series) in [("id", [ids[0]]), ("uid", [uid]), ("both", [uid, ids[1]])] {
                let sheet = try await setting.program.run(
                    ["export", "sheet", "--out", setting.home.path("\(name).png"), "--database", setting.place.url]
                        + series.flatMap { ["--series", $0] })
                #expect(sheet.exitCode == 0, "\(sheet.error)")
            }
            #expect(try setting.home.read("id.png") == setting.home.read("uid.png"))
            #expect(try setting.home.read("id.png") != setting.home.read("both.png"))
        }
    }

    @Test func `a series of another role than that asked for is answered with its role`() async throws {
        try await with(.sqlite, Cohorts.smallICH()) { setting in
            let rows = try await setting.place.rows("SELECT series_id FROM series WHERE role = 'mask'")
            let mask = String(try rows[0].get("series_id", as: Int64.self))
            let refused = try await setting.run("export", "png", setting.home.path("p"), "--series", mask)
            #expect(refused.exitCode == 64)
            #expect(refused.error.contains("its role is mask; --role mask exports it"), "\(refused.error)")
            let taken = try await setting.run(
                "export", "png", setting.home.path("p"), "--series", mask, "--role", "mask")
            #expect(taken.exitCode == 0, "\(taken.error)")
        }
    }

    @Test func `a window is written with a comma or a slash, and may begin with a minus`() async throws {
        try await with(.sqlite, Cohorts.export()) { setting in
            let windows = ["comma": "-40,300", "slash": "-40/300", "space": "-40, 300", "other": "40,80"]
            for (name, window) in windows {
                let sheet = try await setting.run(
                    "export", "sheet", "--out", setting.home.path("\(name).png"), "--window", window, "--series",
                    try await Self.ct(in: setting))
                #expect(sheet.exitCode == 0, "\(sheet.error)")
            }
            #expect(try setting.home.read("comma.png") == setting.home.read("slash.png"))
            #expect(try setting.home.read("comma.png") == setting.home.read("space.png"))
            #expect(try setting.home.read("comma.png") != setting.home.read("other.png"))
        }
    }

    private static func ct(in setting: Setting) async throws -> String {
        let rows = try await setting.place.rows(
            "SELECT series_id FROM series WHERE modality = 'CT' AND role = 'image' AND slice_count > 1 LIMIT 1")
        return String(try rows[0].get("series_id", as: Int64.self))
    }

    @Test(arguments: TestEngine.available)
    func `the list of series says what is marked, and on how many slices`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.smallICH()
        try await with(engine, cohort) { setting in
            let rows = try await setting.rows("series", "--patient", "049", "--dataset", "physionet-ct-ich@1.0.0")
            // One file a marked slice, as the publisher names them.
            let marked = cohort.files().count { $0.contains("/049/brain/") && $0.hasSuffix("_HGE_Seg.jpg") }
            let masks = rows.compactMap { $0["role"]?.string == "image" ? $0["masks"] : nil }
            #expect(marked > 0 && masks.contains(["haemorrhage": .integer(marked)]), "\(rows)")
            #expect(rows.allSatisfy { $0["role"]?.string == "image" || $0["masks"] == .null }, "\(rows)")
            let table = try await setting.run("series", "--patient", "049", "--dataset", "physionet-ct-ich@1.0.0")
            #expect(table.output.contains("haemorrhage \(marked)"), "\(table.output)")
        }
    }

    @Test func `a named query says with which values it ran, to people only`() async throws {
        try await with(.sqlite, Cohorts.smallICH()) { setting in
            let all = try await setting.run("sql", "slices_of_patient")
            #expect(all.exitCode == 0)
            #expect(all.error.hasPrefix("slices_of_patient runs with patient_key=NULL, dataset_name=NULL; --set "))
            let one = try await setting.run("sql", "slices_of_patient", "--set", "patient_key=049")
            #expect(one.error.contains("runs with dataset_name=NULL;"), "\(one.error)")
            #expect(try await setting.run("sql", "patient", "--format", "csv").error.isEmpty)
            let list = try await setting.run("sql", "--list")
            #expect(list.output.contains("    --set patient_key='049'  as slicehouse series shows it\n"))
        }
    }
}
