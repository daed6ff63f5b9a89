import CanonicalJSON
import DICOM
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Tables of labels that name the people of a clinical data set by their identifiers.
@Suite("Tables about clinical images") struct ClinicalTableTests {
    private static let first = "CANARYID4711"
    private static let second = "CANARYID4712"

    private static func source(_ dataset: String) -> String {
        """
        source: \(dataset)
        version: "1"
        detect:
          - {table: reads.csv, columns: [SeriesInstanceUID, quality]}
        labels:
          - file: reads.csv
            name: reads
            vocabulary: reads
            reader: {key: R1, kind: human}
            level: series
            key: {column: SeriesInstanceUID, pattern: '^([0-9.]+)$'}
            patient: '{PatientID}'
            issuer: '{Issuer}'
            study: '{StudyInstanceUID}'
            series: $1
          - file: blur.csv
            name: blur
            vocabulary: reads
            reader: {key: R1, kind: human}
            level: slice
            key: {column: SOPInstanceUID, pattern: '^([0-9.]+)$'}
            image: $1
        """
    }

    private static let vocabulary = """
        vocabulary: reads
        version: "1"
        description: how good a series is
        domains:
          - name: quality
            levels: [series]
            values: term
            terms: [{name: good, aliases: [fine]}, {name: bad, aliases: [poor]}]
            rules: [trim, case_fold, alias]
            columns: [quality]
          - name: motion
            levels: [slice]
            values: term
            terms: [{name: none}, {name: some}]
            rules: [trim, case_fold, alias]
            columns: [motion]
        """

    /// Spaces around an identifier mean nothing (PS3.5 6.2, LO), so headers have none.
    private static let table = """
        SeriesInstanceUID,StudyInstanceUID,PatientID,Issuer,quality
        2.25.100.2,2.25.100.1,\(first) ,,good
        2.25.300.2,2.25.300.1,\(second),WARD7,bad

        """

    /// Two people, the second with an issuer of the identifier, and what is said of a series of each.
    private struct Ward {
        let folder: TemporaryFolder
        let program: Program
        let place: TestWarehouse

        init(_ dataset: String, in place: TestWarehouse) throws {
            folder = try TemporaryFolder()
            self.place = place
            program = try DeclaredHome(in: folder, sources: ["reads": ClinicalTableTests.source(dataset)]).program
            try folder.write(ClinicalTableTests.vocabulary, to: "home/etl/vocabularies/reads.yaml")
            try folder.write(ClinicalTableTests.table, to: "ward/reads.csv")
            try TinySeries(patientID: ClinicalTableTests.first).write(0..<2, to: folder, below: "one")
            let other = TinySeries(patientID: ClinicalTableTests.second, uid: "2.25.300")
            let issuer = other.element(0x0010, 0x0021, .LO, "WARD7")
            try folder.write(try other.file(0, extra: [issuer]), to: "two/IM1")
        }

        /// A table beside the other that names images and nobody.
        func writeImageTable() throws {
            try folder.write("SOPInstanceUID,motion\n2.25.100.9.0,none\n", to: "ward/blur.csv")
        }

        /// Adapter of the data set, and what its patient keys are.
        func datasets() async throws -> [String] {
            try await place.rows("SELECT adapter, patient_key_kind FROM dataset").map { row in
                let (adapter, kind): (String, String) = (try row.get(at: 0), try row.get(at: 1))
                return "\(adapter) \(kind)"
            }
        }

        /// What the program says.
        @discardableResult
        func ingest(_ name: String, _ options: String..., exitCode: Int32 = 0) async throws -> String {
            let run = try await program.run(["ingest", folder.path(name), "--database", place.url] + options)
            #expect(run.exitCode == exitCode, "\(run.error)")
            return run.output + run.error
        }

        /// Series and answers, where the label is of the patient of the series.
        func labels() async throws -> [String] {
            let rows = try await place.rows(
                """
                SELECT series.series_instance_uid, label.raw_value FROM label
                JOIN series ON series.patient_id = label.patient_id AND series.series_id = label.series_id
                JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
                WHERE label_domain.name = 'quality' ORDER BY series.series_instance_uid
                """)
            return try rows.map { row in
                let (uid, answer): (String, String) = (try row.get(at: 0), try row.get(at: 1))
                return "\(uid) \(answer)"
            }
        }

        /// Where an identifier is stored: tables, and the file of an SQLite warehouse byte by byte.
        func finds() async throws -> [String] {
            let planted = PlantedText([ClinicalTableTests.first, ClinicalTableTests.second])
            var found = try await planted.finds(in: place).map(\.place)
            guard case .sqlite(let path) = place.location.store else { return found }
            for file in [path, path + "-wal"] where FileManager.default.fileExists(atPath: file) {
                let bytes = Array(try Data(contentsOf: URL(filePath: file)))
                found += planted.needles.filter { bytes.contains($0.utf8) }
            }
            return found
        }
    }

    @Test(arguments: TestEngine.available)
    func `identifiers of a table become the pseudonyms of the images, and are stored nowhere`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let ward = try Ward("dicom", in: place)
            var said = try await ward.ingest("ward")
            let waiting = try await place.rows("SELECT patient_key FROM label_unresolved").map {
                try $0.get("patient_key", as: String.self)
            }
            #expect(Set(waiting).count == 2 && waiting.allSatisfy { $0.hasPrefix("p-") }, "\(waiting)")
            #expect(try await ward.finds() == [])
            said += try await ward.ingest("one")
            #expect(try await ward.labels() == ["2.25.100.2 good"])
            said += try await ward.ingest("two")
            #expect(try await ward.labels() == ["2.25.100.2 good", "2.25.300.2 bad"])
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 0)
            #expect(try await ward.datasets() == ["dicom-folder clinical"])
            said += try await ward.ingest("ward", "--rehash")
            #expect(try await ward.finds() == [])
            #expect(!said.contains("CANARY"), "\(said)")
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a table of people waits outside until its data set is known to hide them or not`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let ward = try Ward("hospital", in: place)
            let refused = try await ward.ingest("ward", exitCode: 65)
            #expect(refused.contains("ingest the images first"), "\(refused)")
            let codes = try await place.rows("SELECT code FROM rejection").map { try $0.get("code", as: String.self) }
            #expect(codes == ["unknown_dataset"])
            #expect(try await ward.finds() == [])
            try await ward.ingest("one", "--dataset", "hospital")
            try await ward.ingest("ward", "--replay-rejected")
            #expect(try await ward.labels() == ["2.25.100.2 good"])
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 1)
            #expect(try await ward.finds() == [])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// The table that names nobody makes the data set, which says nothing of patients.
    @Test(arguments: TestEngine.available)
    func `a table that names images alone makes no data set published`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let ward = try Ward("hospital", in: place)
            try ward.writeImageTable()
            var said = try await ward.ingest("ward", exitCode: 65)
            #expect(said.contains("ingest the images first"), "\(said)")
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 1)
            #expect(try await ward.datasets() == ["hospital clinical"])
            said += try await ward.ingest("one", "--dataset", "hospital")
            #expect(try await ward.datasets() == ["dicom-folder clinical"])
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 0)
            said += try await ward.ingest("ward", "--replay-rejected")
            #expect(try await ward.labels() == ["2.25.100.2 good"])
            let waiting = try await place.rows("SELECT patient_key FROM label_unresolved").map {
                try $0.get("patient_key", as: String.self)
            }
            #expect(waiting.count == 1 && waiting.allSatisfy { $0.hasPrefix("p-") }, "\(waiting)")
            #expect(try await ward.finds() == [])
            #expect(!said.contains("CANARY"), "\(said)")
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `published images make the data set of an earlier table published`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let ward = try Ward("trial", in: place)
            try ward.writeImageTable()
            try ward.folder.write(
                """
                source: trial
                version: "1"
                detect:
                  - {folder: scans, names: '^IM\\d+$'}
                dicom:
                  - {folder: scans, patient_prefix: CANARY}
                """, to: "home/etl/sources/scans.yaml")
            try TinySeries(patientID: Self.first).write(0..<2, to: ward.folder, below: "trial/scans")
            try await ward.ingest("ward", exitCode: 65)
            #expect(try await ward.datasets() == ["trial clinical"])
            try await ward.ingest("trial")
            #expect(try await ward.datasets() == ["trial research"])
            try await ward.ingest("ward", "--replay-rejected")
            #expect(try await ward.labels() == ["2.25.100.2 good"])
            #expect(try await place.count("SELECT count(*) FROM patient WHERE patient_key = \(Self.first)") == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a table that is not read makes no pseudonym key`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let ward = try Ward("hospital", in: place)
            let program = ward.program.with("SLICEHOUSE_PSEUDONYM_KEY", nil)
            let run = try await program.run("ingest", ward.folder.path("ward"), "--database", place.url)
            #expect(run.exitCode == 65, "\(run.error)")
            #expect(run.error.contains("ingest the images first"), "\(run.error)")
            #expect(!run.error.contains("pseudonym key"), "\(run.error)")
            #expect(!ward.folder.files().contains { $0.hasSuffix("slicehouse/pseudonym.key") })
        }
    }

    @Test(arguments: TestEngine.available)
    func `where identifiers are kept those of a table are, by the same option`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let ward = try Ward("dicom", in: place)
            try await ward.ingest("one", "--keep-identifiers")
            let refused = try await ward.ingest("ward", exitCode: 64)
            #expect(refused.contains("--keep-identifiers"), "\(refused)")
            try await ward.ingest("ward", "--keep-identifiers")
            #expect(try await ward.labels() == ["2.25.100.2 good"])
            // The search above can find them.
            #expect(try await ward.finds().contains("patient.patient_key"))
        }
    }

    /// Pseudonyms would wait for images that have identifiers.
    @Test(arguments: TestEngine.available)
    func `images come in the way in which a table before them named its people`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let ward = try Ward("dicom", in: place)
            try await ward.ingest("ward")
            let refused = try await ward.ingest("one", "--keep-identifiers", exitCode: 64)
            #expect(refused.contains("is stored with pseudonyms"), "\(refused)")
            try await ward.ingest("one")
            #expect(try await ward.labels() == ["2.25.100.2 good"])
        }
        try await TestWarehouse.with(engine) { place in
            let ward = try Ward("hospital", in: place)
            try await ward.ingest("ward", "--keep-identifiers")
            let refused = try await ward.ingest("two", "--dataset", "hospital", exitCode: 64)
            #expect(refused.contains("is stored with identifiers as they are"), "\(refused)")
            // The table gives the issuer as the file does.
            try await ward.ingest("two", "--dataset", "hospital", "--keep-identifiers")
            #expect(try await ward.labels() == ["2.25.300.2 bad"])
        }
        try await TestWarehouse.with(engine) { place in
            let ward = try Ward("dicom", in: place)
            // Of the table of people the header alone.
            try ward.folder.write(String(Self.table.prefix { $0 != "\n" }) + "\n", to: "ward/reads.csv")
            try ward.writeImageTable()
            try await ward.ingest("ward")
            try await ward.ingest("one", "--keep-identifiers")
            #expect(try await place.count("SELECT count(*) FROM label WHERE level = 'slice'") == 1)
        }
    }

    /// The failpoint strikes behind each table that is read.
    @Test(arguments: TestEngine.available, [["dicom"], ["reads", "--dataset", "hospital"]])
    func `a table about clinical images is not read again because something else has come`(
        engine: WarehouseEngine, name: [String]
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let ward = try Ward(name[0], in: place)
            let options = Array(name.dropFirst())
            func ingest(_ folder: String, from program: Program) async throws -> Program.Result {
                try await program.run(
                    ["ingest", ward.folder.path(folder), "--database", place.url, "--json"] + options)
            }
            for folder in ["one", "ward"] {
                #expect(try await ingest(folder, from: ward.program).exitCode == 0)
            }
            #expect(try await ward.labels() == ["2.25.100.2 good"])
            let watched = ward.program.with("SLICEHOUSE_FAILPOINT", "labels-committed")
            try ward.folder.write("seen by both", to: "ward/notes.txt")
            let run = try await ingest("ward", from: watched)
            #expect(run.exitCode == 0, "\(run.error)")
            #expect(try JSONValue(parsing: run.output)["known"]?.number == 1)
            // Under another name it is another source.
            try ward.folder.write(Self.source("clinic"), to: "home/etl/sources/reads.yaml")
            try ward.folder.write("seen by all", to: "ward/more.txt")
            if options.isEmpty { #expect(try await ingest("ward", from: watched).exitCode == nil) }
        }
    }
}
