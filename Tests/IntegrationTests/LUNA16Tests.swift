import Foundation
import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// LUNA16, from the folder into both engines. The published tables have 1,186 nodules in 601 series; 1,182 of them with
/// malignancy in 600 series, 378 malignant; read by 3, 4, 5, 6, 7 readers: 408, 763, 8, 1, 2. The phantom has the same.
@Suite("LUNA16")
struct LUNA16Tests {
    @Test(arguments: TestEngine.available)
    func `tables have the published numbers, and what is not downloaded waits`(engine: WarehouseEngine) async throws {
        let cohort = try SmallLUNA.folder()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            let summary = try await ingest.run(cohort.path("luna"))
            #expect(summary.isBalanced)
            #expect(summary.rejected == 0 && summary.rejectedRows == 0)
            #expect(try await Self.marks("annotations", place) == [1_186, 601])
            #expect(try await Self.marks("annotations_with_malignancy", place) == [1_182, 600])
            // The phantom paints some nodules of one series in one place: of them the table has one row twice.
            let candidates = try Self.distinctRows(of: cohort, "luna/candidates.csv")
            #expect(candidates < 1_186 + 1_202)
            #expect(try await Self.marks("candidates", place) == [candidates, 601])
            let repeated = try await place.rows(
                """
                SELECT severity, sentence FROM quality_finding
                JOIN source_file ON source_file.source_file_id = quality_finding.source_file_id
                WHERE check_name = 'repeated_mark' AND relative_path LIKE '%candidates.csv'
                """)
            #expect(try repeated.map { try $0.get("severity", as: String.self) } == ["info"])
            let sentence = try repeated.first?.get("sentence", as: String.self)
            #expect(sentence?.hasPrefix("\(1_186 + 1_202 - candidates) rows of the table say ") == true, "\(repeated)")
            #expect(try await place.brokenPromises() == [])
            let before = try await WarehouseContents(of: place)
            let again = try await ingest.run(cohort.path("luna"))
            #expect(again.known == summary.seen)
            #expect(try await WarehouseContents(of: place).differences(from: before) == [])
        }
    }

    private static func distinctRows(of cohort: TemporaryFolder, _ path: String) throws -> Int {
        Set(String(decoding: try cohort.read(path), as: UTF8.self).split(separator: "\n").dropFirst()).count
    }

    /// Marks and series of a source, those that wait included.
    private static func marks(_ source: String, _ place: TestWarehouse) async throws -> [Int] {
        let rows = try await place.rows(
            """
            SELECT SUM(marks) AS marks, count(*) AS series FROM (
                SELECT count(*) AS marks FROM annotation
                JOIN label_source ON label_source.label_source_id = annotation.label_source_id
                WHERE label_source.name = \(source) GROUP BY annotation.series_id
                UNION ALL
                SELECT mark_count FROM annotation_unresolved
                JOIN label_source ON label_source.label_source_id = annotation_unresolved.label_source_id
                WHERE label_source.name = \(source)
            ) AS source_series
            """)
        return [try rows[0].get("marks"), try rows[0].get("series")]
    }

    @Test(arguments: TestEngine.available)
    func `a nodule's world point falls on the voxel that was painted, whatever the axes`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try SmallLUNA.folder()
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            let rows = try await place.rows(
                """
                SELECT annotation.centre_column, annotation.centre_row, annotation.centre_slice, series.row_direction_x
                FROM annotation
                JOIN series ON series.patient_id = annotation.patient_id AND series.series_id = annotation.series_id
                JOIN label_source ON label_source.label_source_id = annotation.label_source_id
                WHERE label_source.name = 'annotations'
                """)
            // The first ten series have one nodule each; the phantom paints it on a whole voxel.
            #expect(rows.count == 10)
            for row in rows {
                for column in ["centre_column", "centre_row", "centre_slice"] {
                    let index: Double = try row.get(column)
                    #expect(abs(index - index.rounded()) < 1e-9 && index > 0)
                }
            }
            let directions = Set(try rows.map { try $0.get("row_direction_x", as: Double.self) })
            #expect(directions == [1, -1, 0.8])
        }
    }

    /// Ten series with a nodule each lie in `annotations`, all but the first in `annotations_with_malignancy` too. Of
    /// that, rows 3 and 6 (from 0) are malignant: there 378 (n + 1) / 1,182 passes a whole number.
    @Test(arguments: TestEngine.available)
    func `a nodule that two tables list is one, with its malignancy`(engine: WarehouseEngine) async throws {
        let cohort = try SmallLUNA.folder()
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            func nodules(_ settings: [String: String] = [:]) async throws -> [String: Int] {
                let rows = try await place.open { warehouse in
                    let query = try warehouse.sqlLibrary.query(named: "nodules", engine: engine)
                    return try await warehouse.withConnection { try await $0.rows(try query.sql(setting: settings)) }
                }
                let answers = try rows.map { row in
                    let term: String? = try row.get("malignancy")
                    let rule: String? = try row.get("malignancy_rule")
                    return "\(try row.get("label_source_name", as: String.self)) \(rule ?? "-") \(term ?? "-")"
                }
                return Dictionary(answers.map { ($0, 1) }, uniquingKeysWith: +)
            }
            #expect(
                try await nodules() == [
                    "annotations - -": 1, "annotations_with_malignancy malignancy_dlwpt benign": 7,
                    "annotations_with_malignancy malignancy_dlwpt malignant": 2,
                ])
            #expect(
                try await nodules(["term": "malignant"])
                    == ["annotations_with_malignancy malignancy_dlwpt malignant": 2])
            let unanswered = try await nodules(["rule": "malignancy_median"])
            #expect(unanswered.values.reduce(0, +) == 10 && unanswered.keys.allSatisfy { $0.hasSuffix(" - -") })
        }
    }

    @Test(arguments: TestEngine.available)
    func `lungs and trachea are two annotations, and subsets are the folds`(engine: WarehouseEngine) async throws {
        let cohort = try SmallLUNA.folder { $0.scanCount = 12 }
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            let masks = try await place.rows(
                """
                SELECT target, count(*) AS masks, SUM(voxel_count) AS voxels FROM annotation
                WHERE kind = 'mask' GROUP BY target ORDER BY target
                """)
            #expect(try masks.map { try $0.get("target", as: String.self) } == ["lung", "trachea"])
            #expect(try masks.map { try $0.get("masks", as: Int.self) } == [12, 12])
            #expect(try masks.allSatisfy { try $0.get("voxels", as: Int.self) > 0 })
            let folds = try await place.rows(
                """
                SELECT split.method, split_fold.fold, count(split_assignment.patient_id) AS patients FROM split
                JOIN split_fold ON split_fold.split_id = split.split_id
                LEFT JOIN split_assignment ON split_assignment.split_id = split_fold.split_id
                    AND split_assignment.fold = split_fold.fold
                GROUP BY split.method, split_fold.fold, split_fold.fold_index ORDER BY split_fold.fold_index
                """)
            #expect(try folds.map { try $0.get("patients", as: Int.self) } == [2, 2, 1, 1, 1, 1, 1, 1, 1, 1])
            #expect(try folds[0].get("method", as: String.self) == "official")
        }
    }

    @Test(arguments: TestEngine.available)
    func `lung masks without their volumes are counted until these are there`(engine: WarehouseEngine) async throws {
        let cohort = try SmallLUNA.folder { $0.scanCount = 3 }
        let subsets = try FileManager.default.contentsOfDirectory(atPath: cohort.path("luna"))
            .filter { $0.hasPrefix("subset") }
        for name in subsets { try cohort.move("luna/" + name, to: "aside/" + name) }
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            func notes() async throws -> [String] {
                try await place.rows(
                    "SELECT sentence FROM quality_finding WHERE check_name = 'lung_mask_without_volume'"
                ).map { try $0.get("sentence") }
            }
            try await ingest.run(cohort.path("luna"))
            let before = try await notes()
            #expect(before.count == 1 && before[0].hasPrefix("3 lung masks belong to scans"), "\(before)")
            try await ingest.run(cohort.path("aside"))
            let after = try await notes()
            #expect(after == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `marks find their series when it arrives, and defects are told apart`(engine: WarehouseEngine) async throws {
        let cohort = try SmallLUNA.folder { $0.includesDefects = true }
        let tables = try FileManager.default.contentsOfDirectory(atPath: cohort.path("luna"))
            .filter { $0.hasSuffix(".csv") }
        try FileManager.default.createDirectory(atPath: cohort.path("tables"), withIntermediateDirectories: true)
        for name in tables {
            try FileManager.default.moveItem(
                atPath: cohort.path("luna/" + name), toPath: cohort.path("tables/" + name))
        }
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            let first = try await ingest.run(cohort.path("tables"))
            #expect(first.marksStored == 0 && first.marksUnresolved > 4_000)
            #expect(first.rejectedRows == 1)
            let second = try await ingest.run(cohort.path("luna"))
            #expect(second.isBalanced)
            // The header whose voxels are missing is refused by name, the orphaned voxels are left aside.
            #expect(second.rejectedByCode == ["missing_companion": 1])
            #expect(second.ignoredByReason["voxels whose MetaImage header is not beside them"] == 1)
            #expect(second.marksStored > 0)
            #expect(try await Self.marks("annotations", place) == [1_186, 601])
            #expect(try await place.brokenPromises() == [])
            // In one run the same files give the same annotations.
            let apart = try await WarehouseContents(of: place).counts["annotation"]
            let together = try await TestWarehouse.with(engine) { other in
                try await TestIngest(into: other, home: cohort).run(cohort.path)
                return try await WarehouseContents(of: other).counts["annotation"]
            }
            #expect(apart == together && (apart ?? 0) > 0)
        }
    }
}
