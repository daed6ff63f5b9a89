import SQLInterface
import TestSupport
import Testing
import Warehouse

/// A table beyond the threshold of the bulk path: the same rows as one that is read by small steps.
@Suite("Large label tables") struct LargeTableTests {
    private static let questions = [
        "epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural", "any",
    ]

    /// 2,000 images, six answers each; the first image is answered twice, once otherwise.
    private static func table() -> String {
        var text = "ID,Label\n"
        for image in 0..<2_000 {
            let name = "ID_" + String(image + 0x1000_0000, radix: 16)
            for (index, question) in questions.enumerated() {
                text += "\(name)_\(question),\((image + index) % 7 / 6)\n"
            }
        }
        return text + "ID_10000000_any,0\nID_10000000_any,1\n"
    }

    @Test(arguments: TestEngine.available)
    func `labels without images wait in a partition of their own, and each is there once`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.table(), to: "rsna/stage_2_train.csv")
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            for _ in 0..<2 {
                let run = try await program.run("ingest", "--database", place.url, folder.path)
                #expect(run.exitCode == 0, "\(run.error)")
                #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 12_001)
            }
            #expect(
                try await place.count(
                    "SELECT count(*) FROM label_unresolved WHERE raw_value = '1' AND occurrence = 0") == 1_714)
            #expect(try await place.count("SELECT count(*) FROM label_unresolved WHERE occurrence = 1") == 1)
            let checks = try await place.rows("SELECT check_name FROM quality_finding ORDER BY check_name")
            #expect(
                try checks.map { try $0.get("check_name", as: String.self) } == [
                    "contradicting_label", "label_without_image", "repeated_label",
                ])
            #expect(try await place.brokenPromises() == [])
            if engine == .postgresql {
                let partitions = try await place.count(
                    """
                    SELECT count(*) FROM pg_inherits WHERE inhparent = 'label_unresolved'::regclass
                    """)
                #expect(partitions == 2)
            }
        }
    }

    /// One patient with the images of the table, in the data set of an earlier table: rows without files or pixels.
    private static func writeImages(to place: TestWarehouse) async throws {
        let dataset = try await place.rows("SELECT dataset_id FROM dataset")[0].get("dataset_id", as: Int64.self)
        let run = try await place.rows("SELECT max(ingest_run_id) AS run FROM ingest_run")[0].get("run", as: Int64.self)
        try await place.open(.write(create: false)) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                try await connection.transaction {
                    try await connection.load(
                        table: "patient", columns: ["patient_id", "dataset_id", "patient_key"],
                        rows: [[1, .integer(dataset), "ID_p"]])
                    try await connection.load(
                        table: "study", columns: ["patient_id", "study_id", "study_key"], rows: [[1, 2, "s"]])
                    try await connection.load(
                        table: "series",
                        columns: [
                            "patient_id", "series_id", "study_id", "series_key", "variant", "revision", "role",
                            "modality", "geometry_kind", "ordering_rule", "slice_count", "is_trainable",
                            "ingest_run_id",
                        ],
                        rows: [
                            [
                                1, 3, 2, "ct", 0, 1, "image", "CT", "stack", "storage", 2_000, true, .integer(run),
                            ]
                        ])
                    try await connection.load(
                        table: "slice",
                        columns: [
                            "patient_id", "slice_id", "series_id", "slice_key", "slice_index", "sop_instance_uid",
                            "rows", "columns", "samples_per_pixel", "pixel_type", "is_blank", "pixel_digest",
                        ],
                        rows: (0..<2_000).map { image in
                            let name = "ID_" + String(image + 0x1000_0000, radix: 16)
                            return [
                                1, .integer(Int64(1_000 + image)), 3, .text(name), .integer(Int64(image)), .text(name),
                                4, 4, 1, "i16", false, .blob(ContentKey("test-digest", .text(name)).digest),
                            ]
                        })
                }
            }
        }
    }

    /// Whether a second row with the natural key of a stored one is a violation.
    private static func refusesSecondAnswers(_ place: TestWarehouse) async throws -> Bool {
        try await place.open(.write(create: false)) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                do {
                    try await connection.execute(
                        """
                        INSERT INTO label (
                            patient_id, label_source_id, label_id, label_domain_id, reader_id, level, slice_id,
                            occurrence, raw_value, ingest_run_id)
                        SELECT patient_id, label_source_id, 1, label_domain_id, reader_id, level, slice_id,
                            occurrence, raw_value, ingest_run_id
                        FROM label ORDER BY label_id LIMIT 1
                        """)
                    return false
                } catch let failure as any DatabaseFailure {
                    return failure.kind == .uniqueViolation
                }
            }
        }
    }

    private static let indexes: SQL = """
        SELECT count(*) * 1000000 + sum(length(sql)) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
        """

    @Test(arguments: TestEngine.available)
    func `labels of images that are there go in once, and indexes come back, also after a kill`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        try folder.write("ID,Label\nID_00000001_any,0\n", to: "rsna/stage_2_train.csv")
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let ingest = ["ingest", "--database", place.url, folder.path]
            #expect(try await program.run(ingest).exitCode == 0)
            try await Self.writeImages(to: place)
            let before = engine == .sqlite ? try await place.count(Self.indexes) : 0
            try folder.write(Self.table(), to: "rsna/stage_2_train.csv")
            let killed = try await program.with("SLICEHOUSE_FAILPOINT", "labels-loaded").run(ingest)
            #expect(killed.exitCode != 0)
            #expect(try await place.count("SELECT count(*) FROM label") == 0)
            if engine == .sqlite { #expect(try await place.count(Self.indexes) == before) }
            let run = try await program.run(ingest)
            #expect(run.exitCode == 0, "\(run.error)")
            #expect(try await place.count("SELECT count(*) FROM label") == 12_001)
            #expect(try await place.count("SELECT count(*) FROM label_value WHERE status = 'clean'") == 12_001)
            #expect(
                try await place.count(
                    """
                    SELECT count(*) FROM label_current
                    JOIN slice ON slice.patient_id = label_current.patient_id AND slice.slice_id = label_current.slice_id
                    WHERE term_name = 'present'
                    """) == 1_715)
            #expect(try await SyntheticCatalogue.brokenPromises(of: place) == [])
            #expect(try await Self.refusesSecondAnswers(place))
            if engine == .sqlite {
                #expect(try await place.count(Self.indexes) == before)
                let check = try await place.rows("PRAGMA integrity_check")
                #expect(try check[0].get(at: 0, as: String.self) == "ok")
            }
        }
    }
}
