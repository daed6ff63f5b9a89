import Foundation
import TestSupport
import Testing
import Warehouse

/// What a user may type wrong: one sentence on standard error, nothing on standard output, and the right exit code.
@Suite("Mistakes")
struct MistakeTests {
    /// `FOLDER` and `DATABASE` stand for an empty folder and a warehouse in it that does not exist yet.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let exitCode: Int32
        let says: String

        init(_ line: String, _ exitCode: Int32, says: String) {
            arguments = line.split(separator: " ").map(String.init)
            self.exitCode = exitCode
            self.says = says
        }

        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let mistakes = [
        Mistake("ingest", 64, says: "Missing expected argument '<paths>"),
        Mistake("ingest FOLDER/nowhere --database DATABASE", 74, says: "no such folder or file"),
        Mistake("ingest FOLDER --adapter physionet --database DATABASE", 64, says: "no such adapter; known are"),
        Mistake("ingest FOLDER --workers 0 --database DATABASE", 64, says: "--workers: it must lie between 1 and 256"),
        Mistake("ingest FOLDER --database mysql://x", 64, says: "sqlite:PATH or postgresql://USER@HOST/DATABASE"),
        Mistake("ingest FOLDER --database sqlite:", 64, says: "the path is missing"),
        Mistake("ingest FOLDER --database sqlite:FOLDER/no/w.sqlite", 74, says: "there is no folder FOLDER/no;"),
        Mistake("status --database sqlite:FOLDER/no/way/w.sqlite", 74, says: "w.sqlite: there is no folder FOLDER/no;"),
        Mistake("ingest FOLDER --database sqlite:FOLDER", 74, says: "it is a folder, and a warehouse is a file"),
        Mistake("ingest FOLDER --database sqlite:FOLDER/text.sqlite", 74, says: "not an SQLite database"),
        Mistake("status --database DATABASE", 74, says: "w.sqlite: there is no such file, and so no warehouse"),
        Mistake("status", 74, says: "to make one here, or name another by --database"),
        Mistake("status --database w.sqlite", 64, says: "write sqlite:w.sqlite"),
        Mistake("status --database sqlite:FOLDER/text.sqlite", 74, says: "not an SQLite database"),
        Mistake("status --database sqlite:FOLDER/empty.sqlite", 64, says: "no warehouse"),
        Mistake("sql", 64, says: "Name a query, or use --list"),
        Mistake("sql positive_slices_by_typ --database GOOD", 64, says: "did you mean positive_slices_by_type?"),
        Mistake("sql positive_slices_by_typ --database GOOD", 64, says: "slicehouse sql --list shows all"),
        Mistake("sql positives --database GOOD", 64, says: "(did you mean positive_slices_by_type, positive_slice_"),
        Mistake("sql slices --database GOOD", 64, says: "did you mean positive_slices_by_type, slices_of_patient,"),
        Mistake("sql slices_of_patient --set patient=049 --database GOOD", 64, says: "patient_key"),
        Mistake("sql slices_of_patient --set patient_key --database GOOD", 64, says: "write name=value"),
        Mistake("sql mask_size_by_slice --format yaml --database GOOD", 64, says: "yaml"),
        Mistake("sql delete+from+slice --database GOOD", 64, says: "slicehouse sql only reads"),
        Mistake("sql vacuum+into+'FOLDER/copy' --database GOOD", 64, says: "or opens another file, and slicehouse sql"),
        Mistake("sql attach+'FOLDER/copy'+as+a --database GOOD", 64, says: "slicehouse sql only reads"),
        Mistake("sql PRAGMA+journal_mode=DELETE --database GOOD", 64, says: "slicehouse sql only reads"),
        Mistake("sql PRAGMA+wal_checkpoint --database GOOD", 64, says: "slicehouse sql only reads"),
        Mistake("sql pragma+writable_schema=1 --database GOOD", 64, says: "slicehouse sql only reads"),
        Mistake("sql create+temp+table+t+(i) --database GOOD", 64, says: "slicehouse sql only reads"),
        Mistake("sql select+1;+select+2 --database GOOD", 64, says: "holds more than one statement (2); run them"),
        Mistake("sql + --database GOOD", 64, says: "The SQL cannot be run: it holds no statement"),
        Mistake("sql /*+select+1+*/;+; --database GOOD", 64, says: "it holds no statement"),
        Mistake("sql ; --database GOOD", 64, says: "it holds no statement"),
        Mistake("sql select+1+AS+a,+2+AS+a --format json --database GOOD", 64, says: "name them with AS"),
        Mistake("sql select+1 --set a=1 --database GOOD", 64, says: "--set gives values to named queries"),
        Mistake("sql FOLDER/nowhere.sql --database GOOD", 64, says: "the file cannot be read"),
        Mistake("domains --attribute | --database GOOD", 64, says: "an attribute is missing"),
        Mistake("domains --attribute KVP --dataset no --database GOOD", 64, says: "the warehouse is empty"),
        Mistake("series --dataset no --database GOOD", 64, says: "the warehouse is empty"),
        Mistake("series 47 --database GOOD", 64, says: "47: no series or slice"),
        Mistake("series 47 --files --database GOOD", 64, says: "slicehouse series lists what is stored"),
        Mistake("verify --dataset no --database GOOD", 64, says: "the warehouse is empty"),
        Mistake("export png FOLDER/new --dataset no --database GOOD", 64, says: "the warehouse is empty"),
        Mistake("denoise --dataset no --database GOOD", 64, says: "the warehouse is empty"),
        Mistake("denoise 47 --database GOOD", 64, says: "series 47: there is no such series_id or Series Instance UID"),
        Mistake("export png FOLDER/new --series 47 --database GOOD", 64, says: "slicehouse series lists what is"),
        Mistake("export sheet --out FOLDER/s.png --series 4.7 --database GOOD", 64, says: "4.7: there is no such"),
        Mistake("export sheet --out FOLDER/s.png --database GOOD", 64, says: "no slice has a mask"),
        Mistake("ingest FOLDER --masks-for 47 --database GOOD", 64, says: "--masks-for 47: there is no such series_id"),
        Mistake("export sheet --out FOLDER/s.png --window 40 --database GOOD", 64, says: "centre,width, such as 40,80"),
        Mistake("export png FOLDER/new --window 40-80 --database GOOD", 64, says: "centre,width, such as 40,80"),
        Mistake("denoise 47 --window 40,0 --database GOOD", 64, says: "centre,width, such as 40,80"),
        Mistake("status --locate FOLDER --database GOOD", 64, says: "--locate belongs to --rejected"),
        Mistake("status --database=", 64, says: "Missing value for '--database"),
        Mistake("status --database postgresql:/anna:hunter2@/x", 64, says: "database: it is named sqlite:PATH"),
        Mistake("status --database postgresql://anna@h:port/x", 64, says: "the URL cannot be understood"),
        Mistake("export png FOLDER/new --percentiles 1,99 --database GOOD", 64, says: "belongs to --recipe percentile"),
        Mistake("export png FOLDER/new --database GOOD", 64, says: "No slice fits"),
        Mistake("split create ich --folds train=0.7,test=0.2 --database GOOD", 64, says: "add up to"),
        Mistake("split create ich --by slice --database GOOD", 64, says: "only patient is possible"),
        Mistake("split create ich --k-folds 5 --folds a=0.5,b=0.5 --database GOOD", 64, says: "leave --folds out"),
        Mistake("split create ich --official --seed 3 --database GOOD", 64, says: "have no meaning"),
        Mistake("split create a/b --database GOOD", 64, says: "letters, digits"),
        Mistake("split create ich --dataset no --database GOOD", 64, says: "the warehouse is empty"),
        Mistake("split create ich --stratify epidural --database GOOD", 64, says: "there are no labels yet"),
        Mistake("split create ich --query FOLDER/nowhere.sql --database GOOD", 74, says: "cannot be read"),
        Mistake("split create ich --database GOOD", 64, says: "no patient with images"),
        Mistake("split show ich --database GOOD", 64, says: "make one with slicehouse split create"),
        Mistake("split extend ich --database GOOD", 64, says: "there is no split of this name"),
        Mistake("split check ich --database GOOD", 64, says: "there is no split of this name"),
        Mistake("training-set create t --split s --database GOOD", 64, says: "--recipe"),
        Mistake(
            "training-set create t --split s --recipe brain-windw-512 --database GOOD", 64,
            says: "did you mean brain-window-512?"),
        Mistake(
            "training-set create t --split s --recipe brain-window-512 --database GOOD", 64,
            says: "there is no split of this name"),
        Mistake(
            "training-set create t --split s --recipe nodule-crop --sample crop --database GOOD", 64,
            says: "such as 32x48x48"),
        Mistake(
            "training-set create t --split s --recipe brain-window-512 --target labels --database GOOD", 64,
            says: "name the domains"),
        Mistake("training-set show t@x --database GOOD", 64, says: "name@version"),
        Mistake("training-set show t --database GOOD", 64, says: "make one with slicehouse training-set create"),
        Mistake("domains blood --database GOOD", 64, says: "There are no labels yet"),
        Mistake("domains --attribute PatientSecs --database GOOD", 64, says: "PatientSecs"),
        Mistake("domains clean --vocabulary nothing --database GOOD", 64, says: "there is no such vocabulary"),
        Mistake("header 1.2.3 --database GOOD", 64, says: "no stored header"),
        Mistake("phantom dicom FOLDER --matrix 3", 64, says: "between 16 and 1024"),
        Mistake("phantom dicom FOLDER", 64, says: "FOLDER"),
        Mistake("phantom physionet-ich FOLDER/new --patients 200", 64, says: "49 to 130"),
        Mistake("stauts", 64, says: "stauts"),
        Mistake("help foo", 64, says: "foo: there is no such verb"),
        Mistake("help stauts", 64, says: "did you mean status?"),
        Mistake("help domains corect", 64, says: "did you mean correct?"),
        Mistake("domains retire 47 --author A --reason B --database GOOD", 64, says: "domains sources lists them"),
        Mistake("domains retire 47 --author A --database GOOD", 64, says: "--reason"),
        Mistake("domains sources --dataset no --database GOOD", 64, says: "the warehouse is empty"),
    ]

    @Test(arguments: mistakes)
    func `a mistake is named in one sentence, with the exit code of its kind`(mistake: Mistake) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        let letter = "This is a letter and no database, long enough to be taken for one."
        try folder.write(letter + String(repeating: ".", count: 200), to: "text.sqlite")
        try folder.write("", to: "empty.sqlite")
        let program = try Program(home: home)
        if mistake.arguments.contains("GOOD") {
            let made = try await program.run("migrate", "--database", "sqlite:" + home.path("good.sqlite"))
            #expect(made.exitCode == 0, "\(made.error)")
        }
        let result = try await program.run(mistake.arguments.map { place($0, folder, home) })
        #expect(result.exitCode == mistake.exitCode, "\(result.error)")
        #expect(result.error.contains(place(mistake.says, folder, home)), "\(result.error)")
        #expect(result.output.isEmpty)
        #expect(!result.error.contains("?."), "\(result.error)")
        // Who only looks makes no file.
        #expect(!folder.files().contains("copy"))
        let databases = (folder.files() + home.files()).filter { ["w.sqlite", "slicehouse.sqlite"].contains($0) }
        #expect(databases.isEmpty || mistake.arguments.first == "ingest")
        // The argument parser adds lines of its own.
        let own = result.errorLines.filter { line in !["Usage:", "Help:", "  See '"].contains { line.hasPrefix($0) } }
        #expect(own.count == 1, "\(result.error)")
    }

    private func place(_ argument: String, _ folder: TemporaryFolder, _ home: TemporaryFolder) -> String {
        argument.replacing("+", with: " ").replacing("FOLDER", with: folder.path)
            .replacing("DATABASE", with: argument == "DATABASE" ? "sqlite:" + folder.path("w.sqlite") : "DATABASE")
            .replacing("GOOD", with: "sqlite:" + home.path("good.sqlite"))
    }

    // MARK: Keys

    @Test func `a pseudonym key that others may read, is short or is missing is refused`() async throws {
        let export = try await Cohorts.export()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let database = "sqlite:" + home.path("w.sqlite")
        let key = home.path("k")
        let bad: [(bytes: Int?, mode: Int, says: String)] = [
            (32, 0o644, "chmod 600"), (8, 0o600, "at least 32"), (nil, 0, "does not exist"),
        ]
        for (bytes, mode, says) in bad {
            if let bytes {
                try home.write(Array(repeating: 1, count: bytes), to: "k")
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: key)
            } else {
                try home.remove("k")
            }
            let result = try await program.with("SLICEHOUSE_PSEUDONYM_KEY", key).run(
                "ingest", "--database", database, export.path)
            #expect(result.exitCode == 64, "\(result.error)")
            #expect(result.error.contains(says), "\(result.error)")
        }
    }

    @Test(arguments: TestEngine.available)
    func `another pseudonym key than the warehouse's is refused, and nothing is stored under it`(
        engine: WarehouseEngine
    ) async throws {
        let export = try await Cohorts.export()
        let home = try TemporaryFolder()
        let other = try TemporaryFolder()
        let program = try Program(home: home)
        try other.write(Array(repeating: 9, count: 32), to: "k")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: other.path("k"))
        try await TestWarehouse.with(engine) { place in
            try await program.run("ingest", "--database", place.url, export.path)
            let before = try await WarehouseContents(of: place)
            let result = try await program.with("SLICEHOUSE_PSEUDONYM_KEY", other.path("k")).run(
                "ingest", "--database", place.url, export.path)
            #expect(result.exitCode == 64, "\(result.error)")
            #expect(result.error.contains("another pseudonym key"))
            let absent = try await program.with("SLICEHOUSE_PSEUDONYM_KEY", nil).run(
                "ingest", "--database", place.url, "--rehash", export.path)
            #expect(absent.exitCode == 64, "\(absent.error)")
            #expect(try await WarehouseContents(of: place).differences(from: before) == [])
        }
    }

    @Test func `without a key one is made for its owner alone, and said so`() async throws {
        let export = try await Cohorts.export()
        let home = try TemporaryFolder()
        let result = try await Program(home: home).with("SLICEHOUSE_PSEUDONYM_KEY", nil).run(
            "ingest", "--database", "sqlite:" + home.path("w.sqlite"), export.path)
        #expect(result.exitCode == 0, "\(result.error)")
        let path = home.path(".config/slicehouse/pseudonym.key")
        #expect(result.error.contains(path))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }
}
