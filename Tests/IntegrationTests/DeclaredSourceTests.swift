import CanonicalJSON
import Foundation
import ImageFiles
import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Layouts that `etl/sources` declares, from the folder into both engines.
@Suite("Declared sources")
struct DeclaredSourceTests {
    private static func counts(_ sql: SQL, _ place: TestWarehouse) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try await place.rows(sql) { counts[try row.get(at: 0)] = try row.get(at: 1) }
        return counts
    }

    @Test(arguments: TestEngine.available)
    func `photographs of eyes have patient, side and grade`(engine: WarehouseEngine) async throws {
        let cohort = try TemporaryFolder()
        var options = RetinopathyOptions()
        options.includesDefects = true
        options.width = 96
        _ = try RetinopathyPhantom(options).write(to: cohort.path("eyes"))
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            let summary = try await ingest.run(cohort.path("eyes"))
            #expect(summary.isBalanced)
            // The cut photograph, and the row whose key has another form.
            #expect(summary.rejected == 1 && summary.rejectedRows == 1)
            // A grade without photograph, and that of the cut one.
            #expect(summary.labelsUnresolved == 2)
            #expect(try await place.count("SELECT count(*) FROM patient") == 11)
            let sides = try await Self.counts(
                "SELECT series_key, count(*) FROM series GROUP BY series_key", place)
            #expect(sides == ["left": 11, "right": 10])
            #expect(try await place.count("SELECT count(*) FROM slice WHERE samples_per_pixel = 3") == 21)
            #expect(try await place.count("SELECT count(*) FROM label") == 20)
            let status = try await Self.counts(
                "SELECT status, count(*) FROM label_value GROUP BY status", place)
            #expect(status == ["clean": 19, "quarantined": 1])
            let wrong = try await place.count(
                """
                SELECT count(*) FROM label_value
                JOIN label ON label.patient_id = label_value.patient_id AND label.label_id = label_value.label_id
                JOIN label_term ON label_term.label_term_id = label_value.label_term_id
                WHERE CAST(label_term.ordinal AS text) <> label.raw_value
                """)
            #expect(wrong == 0)
            #expect(
                try await place.count(
                    "SELECT count(*) FROM quality_finding WHERE check_name = 'dark_photograph'") == 1)
            #expect(try await place.brokenPromises() == [])
            let again = try await ingest.run(cohort.path("eyes"))
            #expect(again.known == summary.seen && again.labelsStored == 0)
        }
    }

    private static func eyes() throws -> TemporaryFolder {
        let cohort = try TemporaryFolder()
        var options = RetinopathyOptions()
        options.width = 96
        options.patientCount = 2
        _ = try RetinopathyPhantom(options).write(to: cohort.path("eyes"))
        return cohort
    }

    @Test(arguments: TestEngine.available)
    func `photographs under a folder name that the source does not know are told until they have one`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try Self.eyes()
        try cohort.move("eyes/train", to: "eyes/photographs")
        let findings: SQL = "SELECT count(*) FROM quality_finding WHERE check_name = 'images_not_matched'"
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            let first = try await ingest.run(cohort.path("eyes"))
            #expect(first.labelsUnresolved == 4 && first.labelsStored == 0)
            let told = ingest.observer.notices.filter { $0.contains("4 image files lie") }
            #expect(told.count == 1 && told[0].contains("trainLabels.csv") && told[0].contains("train/*, test/*"))
            #expect(try await place.count(findings) == 1)
            #expect(try await ingest.run(cohort.path("eyes")).known == first.seen)
            #expect(ingest.observer.notices.filter { $0.contains("4 image files lie") } == told)

            try cohort.move("eyes/photographs", to: "eyes/train")
            let second = try await ingest.run(cohort.path("eyes"))
            #expect(second.stored == 4 && second.labelsStored == 4)
            #expect(try await place.count(findings) == 0)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// As Kaggle has them: a folder in a folder of its name; and as people convert them.
    @Test(arguments: TestEngine.available)
    func `resized photographs and other formats are known by the same names`(engine: WarehouseEngine) async throws {
        let cohort = try Self.eyes()
        try cohort.move("eyes/train/10_left.jpeg", to: "eyes/resized_train/resized_train/10_left.jpeg")
        try cohort.move("eyes/train/10_right.jpeg", to: "eyes/train/10_right.jpg")
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            let summary = try await ingest.run(cohort.path("eyes"))
            #expect(summary.stored == 4 && summary.labelsStored == 4 && summary.labelsUnresolved == 0, "\(summary)")
            #expect(try await place.count("SELECT count(*) FROM patient WHERE patient_key IN ('10', '13')") == 2)
            #expect(try await place.count("SELECT count(*) FROM dataset") == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// As a plain folder reads them: what a file is, its bytes say.
    @Test(arguments: TestEngine.available)
    func `a PNG that is called a JPEG, and a JPEG that is called a PNG, are what their bytes say`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try Self.eyes()
        let picture = try JPEGCodec.decode(try cohort.read("eyes/train/10_left.jpeg"))
        try cohort.write(try PNGCodec.encode(picture), to: "eyes/train/10_left.jpeg")
        try cohort.move("eyes/train/10_right.jpeg", to: "eyes/train/10_right.png")
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            let summary = try await ingest.run(cohort.path("eyes"))
            #expect(summary.rejected == 0 && summary.stored == 4 && summary.labelsStored == 4, "\(summary)")
            // The code stream of a JPEG is kept as it is; a PNG is unpacked.
            let packed = try await Self.counts(
                "SELECT encoding, count(*) FROM slice_pixels GROUP BY encoding ORDER BY encoding", place)
            #expect(packed == ["blosc": 1, "jpeg": 3])
            #expect(try await place.count("SELECT count(*) FROM series WHERE geometry_kind = 'photo'") == 4)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `RSNA 2019 joins six rows an image by its UID`(engine: WarehouseEngine) async throws {
        let cohort = try TemporaryFolder()
        _ = try RSNA2019Phantom().write(to: cohort.path("rsna"))
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            let summary = try await ingest.run(cohort.path("rsna"))
            #expect(summary.isBalanced)
            // The corrupt file alone is refused; its six rows wait, and those of ten images that are not here.
            #expect(summary.rejected == 1)
            #expect(summary.labelsUnresolved == 66)
            // 24 images, one refused, one without rows; six answers each.
            #expect(summary.slicesStored == 23)
            #expect(try await place.count("SELECT count(*) FROM label WHERE level = 'slice'") == 22 * 6)
            // Patients come from the header.
            let patients = try await place.rows("SELECT patient_key FROM patient ORDER BY patient_key")
            #expect(patients.count == 4)
            #expect(try patients.allSatisfy { try $0.get("patient_key", as: String.self).hasPrefix("ID_") })
            #expect(
                try await place.count("SELECT count(*) FROM dataset WHERE patient_key_kind = 'clinical'") == 0)
            #expect(
                try await place.count("SELECT count(*) FROM quality_finding WHERE check_name = 'repeated_label'") == 1)
            #expect(
                try await place.count("SELECT count(*) FROM quality_finding WHERE check_name = 'wrapped_12_bit'") == 1)
            // A tilted series is ordered along its normal.
            #expect(
                try await place.count("SELECT count(*) FROM series WHERE ordering_rule = 'image_position'") == 4)
            // The other tilted series lacks the corrupt slice, and is no volume.
            #expect(try await place.count("SELECT count(*) FROM series WHERE column_direction_z < 0") == 1)
            #expect(
                try await place.count("SELECT count(*) FROM slice WHERE window_center = 36 AND window_width = 80") == 5)
            #expect(try await place.brokenPromises() == [])
            let before = try await WarehouseContents(of: place)
            #expect(try await ingest.run(cohort.path("rsna")).known == summary.seen)
            #expect(try await WarehouseContents(of: place).differences(from: before) == [])
        }
    }

    /// Bits Stored as explicit VR, little-endian: 12 becomes 16 in two files of the series that wrapped.
    @Test(arguments: TestEngine.available)
    func `a series of which only some slices wrapped is found, with how many`(engine: WarehouseEngine) async throws {
        let cohort = try TemporaryFolder()
        _ = try RSNA2019Phantom().write(to: cohort.path("rsna"))
        let twelve: [UInt8] = [0x28, 0, 1, 1, 0x55, 0x53, 2, 0, 12, 0]
        var changed = 0
        for name in cohort.files(below: "rsna/stage_2_train") where changed < 2 {
            var bytes = try cohort.read(name)
            guard let place = bytes.firstRange(of: twelve) else { continue }
            bytes[place.upperBound - 2] = 16
            // High Bit follows: (0028,0102), 11.
            try #require(bytes[place.upperBound + 8] == 11)
            bytes[place.upperBound + 8] = 15
            try cohort.write(bytes, to: name)
            changed += 1
        }
        try #require(changed == 2)
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("rsna"))
            let rows = try await place.rows(
                "SELECT detail FROM quality_finding WHERE check_name = 'wrapped_12_bit'")
            let details = try rows.map { try JSONValue(parsing: $0.get("detail", as: String.self)) }
            #expect(details.map { $0["wrapped_slice_count"]?.number } == [4])
            #expect(details.map { $0["slice_count"]?.number } == [6])
        }
    }

    /// The first image has an epidural haemorrhage; the first of the second patient, in rows 43 to 48, has none.
    @Test(arguments: TestEngine.available)
    func `any haemorrhage that is not what the types say is found`(engine: WarehouseEngine) async throws {
        let cohort = try TemporaryFolder()
        _ = try RSNA2019Phantom().write(to: cohort.path("rsna"))
        let table = String(decoding: try cohort.read("rsna/stage_2_train.csv"), as: UTF8.self)
        var lines = table.split(separator: "\n").map(String.init)
        try #require(lines[6].hasSuffix("_any,1") && lines[48].hasSuffix("_any,0"))
        lines[6] = String(lines[6].dropLast()) + "0"
        lines[48] = String(lines[48].dropLast()) + "1"
        let found: SQL = """
            SELECT detail FROM quality_finding WHERE check_name = 'any_haemorrhage_contradicts' AND level = 'slice'
            """
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            try await ingest.run(cohort.path("rsna"))
            #expect(try await place.rows(found).isEmpty)
            try cohort.write(lines.joined(separator: "\n") + "\n", to: "rsna/stage_2_train.csv")
            try await ingest.run(cohort.path("rsna"))
            let details = try await place.rows(found).map { try JSONValue(parsing: $0.get("detail", as: String.self)) }
            // Any and the types, of each.
            let pairs = details.map { [$0["any_haemorrhage"]?.number ?? -1, $0["any_type"]?.number ?? -1] }
            #expect(pairs.sorted { $0[0] < $1[0] } == [[0, 1], [1, 0]])
            try cohort.write(table, to: "rsna/stage_2_train.csv")
            try await ingest.run(cohort.path("rsna"))
            #expect(try await place.rows(found).isEmpty)
        }
    }

    /// A part of a data set does not say what it is.
    @Test(arguments: TestEngine.available)
    func `a folder within a data set that is stored is known as part of it`(engine: WarehouseEngine) async throws {
        let cohort = try TemporaryFolder()
        _ = try RSNA2019Phantom().write(to: cohort.path("rsna"))
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            try await ingest.run(cohort.path("rsna"))
            let part = cohort.path("rsna/stage_2_train")
            let first = try await ingest.run(part)
            // The corrupt file alone is of no data set.
            #expect(first.isBalanced && first.known == 23 && first.rejected == 1, "\(first)")
            let sentence = "23 files here are known as those of rsna-ich-2019"
            #expect(ingest.observer.notices.filter { $0.contains(sentence) }.count == 1)
            #expect(try await ingest.run(part).known == 24)
            #expect(try await ingest.run(part) { $0.rehash = true }.known == 23)
            #expect(try await place.count("SELECT count(*) FROM dataset") == 1)
            #expect(try await place.count("SELECT count(*) FROM slice") == 23)
            // A name for them, and they are new.
            let named = try await ingest.run(part) {
                $0.rehash = true
                $0.datasetName = "mine"
            }
            #expect(named.stored == 23)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `labels that came before their images find them by UID`(engine: WarehouseEngine) async throws {
        let cohort = try TemporaryFolder()
        _ = try RSNA2019Phantom().write(to: cohort.path("rsna"))
        try FileManager.default.createDirectory(atPath: cohort.path("table"), withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            atPath: cohort.path("rsna/stage_2_train.csv"), toPath: cohort.path("table/stage_2_train.csv"))
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            let table = try await ingest.run(cohort.path("table"))
            #expect(table.labelsUnresolved == 23 * 6 + 60 && table.labelsStored == 0)
            let images = try await ingest.run(cohort.path("rsna"))
            // The header gives one label more for each series: its modality.
            #expect(images.labelsStored == 22 * 6 + 4)
            #expect(try await place.count("SELECT count(*) FROM label WHERE level = 'slice'") == 22 * 6)
            #expect(try await place.count("SELECT count(*) FROM label_unresolved") == 66)
            #expect(try await place.brokenPromises() == [])
        }
    }
}
