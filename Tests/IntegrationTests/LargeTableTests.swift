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
}
