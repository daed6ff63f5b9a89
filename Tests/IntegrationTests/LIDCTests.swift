import Foundation
import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// LIDC-IDRI, from the folder into both engines.
@Suite("LIDC-IDRI")
struct LIDCTests {
    private static func cohort(_ change: (inout LIDCOptions) -> Void = { _ in }) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        var options = LIDCOptions()
        options.patientCount = 2
        change(&options)
        _ = try LIDCPhantom(options).write(to: folder.path("lidc"))
        return folder
    }

    private static func counts(_ sql: SQL, _ place: TestWarehouse) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try await place.rows(sql) { counts[try row.get(at: 0)] = try row.get(at: 1) }
        return counts
    }

    @Test(arguments: TestEngine.available)
    func `four readers, their marks and what they agree on`(engine: WarehouseEngine) async throws {
        let cohort = try Self.cohort()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            let summary = try await ingest.run(cohort.path("lidc"))
            #expect(summary.isBalanced && summary.rejected == 0)
            #expect(summary.ignoredByReason["a reading of a radiograph, not of a CT"] == 1)
            // Of four nodules the last reader missed one: 15 readings a scan. Each reader marks one small nodule and
            // one non-nodule.
            let targets = try await Self.counts(
                "SELECT kind || ' ' || target, count(*) FROM annotation GROUP BY kind || ' ' || target", place)
            #expect(targets["contour nodule"] == 30)
            #expect(targets["point small-nodule"] == 8 && targets["point non-nodule"] == 8)
            #expect(try await place.count("SELECT count(*) FROM annotation_rating") == 30 * 9)
            #expect(
                try await place.count(
                    "SELECT count(*) FROM annotation_rating WHERE rating IS NULL AND raw_value = '5'") == 2)
            #expect(try await place.count("SELECT count(*) FROM reading") == 2 * 5 - 2)
            #expect(try await place.count("SELECT count(*) FROM annotation_contour WHERE NOT is_inclusion") == 2)
            #expect(try await place.count("SELECT count(DISTINCT patient_id) FROM series") == 2)
            #expect(
                try await place.count("SELECT count(*) FROM patient WHERE patient_key LIKE 'LIDC-IDRI-000%'") == 2)
            try await expectNodules(of: place)
            #expect(try await place.brokenPromises() == [])
            let before = try await WarehouseContents(of: place)
            let again = try await ingest.run(cohort.path("lidc"))
            #expect(again.known == summary.seen)
            #expect(try await WarehouseContents(of: place).differences(from: before) == [])
        }
    }

    /// Two nodules lie apart; two touch, so that no tolerance of at least 0.1 tells all their readings apart.
    private func expectNodules(of place: TestWarehouse) async throws {
        let sizes = try await Self.counts(
            """
            SELECT CAST(members AS text), count(*) FROM (
                SELECT count(*) AS members FROM annotation_member GROUP BY patient_id, annotation_id
            ) AS nodule GROUP BY members
            """, place)
        #expect(sizes == ["4": 2, "3": 2, "8": 2])
        let flagged = try await place.count(
            "SELECT count(*) FROM quality_finding WHERE check_name = 'ambiguous_nodule'")
        #expect(flagged == 2)
        let ambiguous = try await place.open { opened in
            let query = try opened.sqlLibrary.query(named: "nodules", engine: opened.engine)
            return try await opened.withConnection { try await $0.rows(try query.sql(setting: [:])) }
        }.map { "\(try $0.get("reading_count", as: Int.self)) \(try $0.get("is_ambiguous", as: Int.self))" }
        #expect(ambiguous.sorted() == ["3 0", "3 0", "4 0", "4 0", "8 1", "8 1"])
        // Malignancy of nodule n by reader r is 1 + n + r, at most 5. Nodule 0: 1 2 3 4; nodule 1: 2 3 4;
        // nodules 2 and 3 together: 3 4 5 5 4 5 5 5.
        let rules = try await Self.counts(
            """
            SELECT label_domain.name || ' ' || label.raw_value, count(*) FROM label
            JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
            WHERE label_domain.family = 'malignancy' GROUP BY label_domain.name || ' ' || label.raw_value
            """, place)
        #expect(
            rules == [
                "malignancy_dlwpt benign": 4, "malignancy_dlwpt malignant": 2, "malignancy_median benign": 2,
                "malignancy_median undetermined": 2, "malignancy_median malignant": 2,
            ])
    }

    @Test(arguments: TestEngine.available)
    func `a download that goes on later gives the same marks as a whole one`(engine: WarehouseEngine) async throws {
        let whole = try Self.cohort()
        let part = try Self.cohort { $0.isPartial = true }
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: whole)
            try await ingest.run(part.path("lidc"))
            #expect(
                try await place.count(
                    "SELECT count(*) FROM annotation_unresolved WHERE reason = 'slice_absent'") == 1)
            try await ingest.run(whole.path("lidc"))
            #expect(try await place.count("SELECT count(*) FROM annotation_unresolved") == 0)
            #expect(try await place.brokenPromises() == [])
            let grown = try await WarehouseContents(of: place)
            let straight = try await TestWarehouse.with(engine) { other in
                try await TestIngest(into: other, home: whole).run(whole.path("lidc"))
                return try await WarehouseContents(of: other)
            }
            for table in ["annotation", "annotation_mask", "annotation_contour", "annotation_member", "label"] {
                #expect(grown.counts[table] == straight.counts[table], "\(table)")
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a slice without a mark that comes later moves the marks of the others`(engine: WarehouseEngine) async throws {
        let cohort = try Self.cohort { $0.patientCount = 1 }
        let slices = try FileManager.default.subpathsOfDirectory(atPath: cohort.path("lidc"))
            .filter { $0.hasSuffix(".dcm") }.sorted()
        let late = try #require(slices.dropFirst().first)
        func marks(_ place: TestWarehouse) async throws -> [String] {
            let columns = [
                "centre_column", "centre_row", "centre_slice", "centre_x_mm", "centre_y_mm", "centre_z_mm",
                "volume_mm3",
            ]
            let rows = try await place.rows("SELECT * FROM annotation ORDER BY annotation_id")
            return try rows.map { row in
                let numbers = try columns.map { try row.get($0, as: Double?.self).map { "\($0)" } ?? "-" }
                return try row.get("kind", as: String.self) + " " + numbers.joined(separator: " ")
            }
        }
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            let path = cohort.path("lidc/" + late)
            try FileManager.default.moveItem(atPath: path, toPath: cohort.path("late.dcm"))
            try await ingest.run(cohort.path("lidc"))
            try FileManager.default.moveItem(atPath: cohort.path("late.dcm"), toPath: path)
            let before = try await marks(place)
            try await ingest.run(cohort.path("lidc"))
            let straight = try await TestWarehouse.with(engine) { other in
                try await TestIngest(into: other, home: cohort).run(cohort.path("lidc"))
                return try await marks(other)
            }
            let grown = try await marks(place)
            #expect(grown == straight && grown != before && !grown.isEmpty)
            #expect(
                try await place.count(
                    "SELECT count(*) FROM quality_finding WHERE check_name = 'ambiguous_nodule'") == 1)
        }
    }

    @Test(.enabled(if: TestEngine.hasPostgreSQL, "\(TestEngine.isMissing)"))
    func `both engines hold the same nodules, cell by cell`() async throws {
        let cohort = try Self.cohort { $0.isPartial = true }
        let (small, large) = try await TestWarehouse.with(.sqlite) { sqlite in
            try await TestIngest(into: sqlite, home: cohort).run(cohort.path("lidc"))
            return try await TestWarehouse.with(.postgresql) { postgresql in
                try await TestIngest(into: postgresql, home: cohort).run(cohort.path("lidc"))
                return (try await WarehouseContents(of: sqlite), try await WarehouseContents(of: postgresql))
            }
        }
        #expect(small.differences(from: large) == [])
        for table in ["annotation_member", "annotation_contour", "annotation_rating", "annotation_unresolved"] {
            #expect((small.counts[table] ?? 0) > 0, "\(table)")
        }
    }

    @Test(arguments: TestEngine.available)
    func `readings without images wait, broken ones are refused`(engine: WarehouseEngine) async throws {
        let cohort = try Self.cohort { $0.patientCount = 1 }
        let readings = try FileManager.default.subpathsOfDirectory(atPath: cohort.path("lidc"))
            .filter { $0.hasSuffix("69.xml") }
        let text = try String(contentsOfFile: cohort.path("lidc/" + readings[0]), encoding: .utf8)
        try FileManager.default.createDirectory(atPath: cohort.path("xml"), withIntermediateDirectories: true)
        try text.write(toFile: cohort.path("xml/69.xml"), atomically: true, encoding: .utf8)
        try String(text.prefix(text.count / 2)).write(
            toFile: cohort.path("xml/cut.xml"), atomically: true, encoding: .utf8)
        try await TestWarehouse.with(engine) { place in
            let summary = try await TestIngest(into: place, home: cohort).run(cohort.path("xml"))
            #expect(summary.rejectedByCode == ["not_xml": 1])
            // 15 nodules, four small ones and four non-nodules.
            #expect(summary.marksUnresolved == 23 && summary.marksStored == 0)
            #expect(
                try await place.count(
                    "SELECT mark_count FROM annotation_unresolved WHERE reason = 'series_absent'") == 23)
        }
    }
}
