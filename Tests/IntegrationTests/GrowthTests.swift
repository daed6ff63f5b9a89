import DICOM
import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Promise 4 of the design: identity is content, not position, not time.
@Suite("Series over time")
struct GrowthTests {
    /// What one series looks like when all its files come at once.
    private static let whole = Array(0..<6)
    private static let parts: [[[Int]]] = [
        [[0, 1, 2], [3, 4, 5]], [[3, 4, 5], [0, 1, 2]], [[0, 2, 4], [1, 3, 5]], [[5], [0, 1, 2, 3, 4]],
    ]

    @Test(arguments: TestEngine.available, parts)
    func `a series that comes in parts is the series that comes whole, one revision later`(
        engine: WarehouseEngine, parts: [[Int]]
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        let grown = try await TestWarehouse.with(engine) { place in
            for part in parts {
                try TinySeries().write(part, to: folder)
                try await TestIngest(into: place, home: home).run(folder.path)
            }
            #expect(try await place.count("SELECT revision FROM series") == 2)
            #expect(try await place.brokenPromises() == [])
            let slices = try await place.rows("SELECT slice_index, instance_number, position_mm FROM slice ORDER BY 1")
            #expect(try slices.map { try $0.get("slice_index", as: Int.self) } == Self.whole)
            #expect(try slices.map { try $0.get("instance_number", as: Int.self) } == Self.whole.map { $0 + 1 })
            #expect(
                try slices.map { try $0.get("position_mm", as: Double.self) } == Self.whole.map { Double($0) * 2.5 })
            return try await WarehouseContents(of: place)
        }
        let atOnce = try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            return try await WarehouseContents(of: place)
        }
        #expect(grown.differences(from: atOnce, leavingOut: ["series.revision"]) == [])
    }

    /// Files of series that a first version could not put in order again: what each part holds, by path.
    struct Parts: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let parts: [[(path: String, make: @Sendable () throws -> [UInt8])]]
    }

    static let hardParts: [Parts] = [
        Parts(
            testDescription: "frames of enhanced files",
            parts: [
                [("b", { try TinySeries().enhanced("b", frames: [3, 4, 5]) })],
                [("a", { try TinySeries().enhanced("a", frames: [0, 1, 2]) })],
            ]),
        Parts(
            testDescription: "names of files alone",
            parts: [[("f10", { try bare(9) }), ("f2", { try bare(7) })], [("f3", { try bare(8) })]]),
        Parts(
            testDescription: "facts that only some files give",
            parts: [
                [("a", { try TinySeries().file(0, extra: frame) })],
                [("b", { try TinySeries().file(1, without: [DICOMTag(0x0018, 0x0050)]) })],
            ]),
        Parts(
            testDescription: "facts on which files disagree",
            parts: [
                [("b", { try TinySeries().file(1, extra: [TinySeries().element(0x0018, 0x0050, .DS, "9")]) })],
                [("a", { try TinySeries().file(0) })],
            ]),
    ]

    private static var frame: [DICOMElement] { [TinySeries().element(0x0020, 0x0052, .UI, "1.2.3.77")] }

    /// Without a place, a location or a number.
    private static func bare(_ index: Int) throws -> [UInt8] {
        try TinySeries().file(
            index, without: [DICOMTag(0x0020, 0x0013), DICOMTag(0x0020, 0x0032), DICOMTag(0x0020, 0x0037)])
    }

    @Test(arguments: TestEngine.available, hardParts)
    func `what the stored half no longer says outright is read from its header`(
        engine: WarehouseEngine, series: Parts
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        let grown = try await TestWarehouse.with(engine) { place in
            for part in series.parts {
                for file in part { try folder.write(try file.make(), to: file.path) }
                try await TestIngest(into: place, home: home).run(folder.path)
            }
            #expect(try await place.brokenPromises() == [])
            return try await WarehouseContents(of: place)
        }
        let atOnce = try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            return try await WarehouseContents(of: place)
        }
        #expect(grown.differences(from: atOnce, leavingOut: ["series.revision"]) == [])
    }

    @Test(arguments: TestEngine.available)
    func `an attribute that the first half shared moves to the slices when the second half differs`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try TinySeries().write(0..<2, to: folder)
            try await ingest.run(folder.path)
            #expect(try await place.count("SELECT count(*) FROM header_value WHERE path = '00181151'") == 1)
            try TinySeries().write(2..<4, to: folder)
            try await ingest.run(folder.path)
            #expect(try await place.count("SELECT count(*) FROM header_value WHERE path = '00181151'") == 0)
            let counted = try await place.open { warehouse in
                let query = try warehouse.sqlLibrary.query(named: "attribute_counts", engine: engine)
                return try await warehouse.withConnection {
                    try await $0.rows(try query.sql(setting: ["path_1": "00181151"]))
                }
            }
            let counts = Set(counted.rows.map { row in row.compactMap { Int(sqlValue: $0) }.first ?? 0 })
            #expect(counted.count == 2 && counts == [2], "\(counted)")
        }
    }

    @Test(arguments: TestEngine.available)
    func `the same SOP instance with other pixels is kept beside the first, out of training`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try TinySeries().write(0..<3, to: folder)
            try await ingest.run(folder.path)
            try folder.write(try TinySeries().file(1, tint: 5), to: "again/IM2")
            let second = try await ingest.run(folder.path)
            #expect(second.stored == 1 && second.known == 3 && second.seriesStored == 1)
            let series = try await place.rows(
                """
                SELECT series.variant, series.slice_count, series.is_trainable, original.variant AS conflict
                FROM series LEFT JOIN series AS original ON original.patient_id = series.patient_id
                    AND original.series_id = series.conflict_of ORDER BY series.variant
                """)
            #expect(series.count == 2)
            #expect(try series.map { try $0.get("slice_count", as: Int.self) } == [3, 1])
            #expect(try series.map { try $0.get("is_trainable", as: Bool.self) } == [true, false])
            #expect(try series.map { try $0.get("conflict", as: Int?.self) } == [nil, 0])
            #expect(try await place.count("SELECT revision FROM series WHERE variant = 0") == 1)
            #expect(try await place.count("SELECT count(DISTINCT pixel_digest) FROM slice") == 4)
            #expect(
                try await place.count(
                    "SELECT count(*) FROM quality_finding WHERE check_name = 'conflicting_pixels'") == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `the same pixels under another path or with another header are known`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try TinySeries().write(0..<3, to: folder)
            try await ingest.run(folder.path)
            try folder.write(try TinySeries().file(1), to: "copy/IM2")
            let voltage = TinySeries().element(0x0018, 0x0060, .DS, "140")
            try folder.write(try TinySeries().file(2, description: "retyped", extra: [voltage]), to: "copy/IM3")
            let second = try await ingest.run(folder.path)
            #expect(second.seen == 5 && second.known == 5 && second.slicesStored == 0)
            #expect(try await place.count("SELECT count(*) FROM slice") == 3)
            #expect(try await place.count("SELECT count(*) FROM slice_source") == 5)
            #expect(try await place.count("SELECT count(*) FROM source_file WHERE outcome = 'known'") == 2)
            let findings = try await place.rows(
                "SELECT detail FROM quality_finding WHERE check_name = 'header_differs'")
            #expect(findings.count == 1)
            let detail = try findings.first?.get("detail", as: String.self) ?? ""
            // The description is not kept, so it cannot differ; values are never said.
            #expect(detail.contains("00180060") && !detail.contains("0008103E") && !detail.contains("140"))
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a file whose time changed is read again and found known; a file that changed is stored`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try TinySeries().write(0..<3, to: folder)
            try await ingest.run(folder.path)
            let before = try await WarehouseContents(of: place)
            try folder.write(try TinySeries().file(0), to: "series/IM1")
            #expect(try await ingest.run(folder.path).known == 3)
            #expect(try await ingest.run(folder.path) { $0.rehash = true }.known == 3)
            #expect(try await WarehouseContents(of: place).differences(from: before) == [])
            try folder.write(try TinySeries().file(3), to: "series/IM1")
            let changed = try await ingest.run(folder.path)
            #expect(changed.stored == 1 && changed.known == 2)
            #expect(try await place.count("SELECT count(*) FROM slice") == 4)
            // The first slice came from bytes that the file no longer holds.
            #expect(try await place.count("SELECT count(DISTINCT sha256) FROM slice_source") == 4)
            #expect(
                try await place.count(
                    """
                    SELECT count(*) FROM slice_source JOIN source_file USING (source_file_id)
                    WHERE slice_source.sha256 <> source_file.sha256
                    """) == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `an object that comes again with another header is kept beside the first`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try folder.write(try TinySeries().object("1"), to: "a")
            try folder.write(try TinySeries().object("2"), to: "b")
            let first = try await ingest.run(folder.path)
            #expect(first.stored == 2 && first.seriesStored == 2)
            try folder.write(try TinySeries().object("1"), to: "c")
            try folder.write(try TinySeries().object("3"), to: "d")
            let second = try await ingest.run(folder.path)
            #expect(second.stored == 1 && second.known == 3)
            #expect(try await place.count("SELECT count(DISTINCT header) FROM series_header") == 3)
            #expect(try await place.count("SELECT count(*) FROM series_source") == 4)
            #expect(
                try await place.count(
                    "SELECT count(*) FROM quality_finding WHERE check_name = 'conflicting_object'") == 2)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a patient without an identifier is a patient of each study`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            for (name, uid) in [("a", "2.25.7"), ("b", "2.25.8")] {
                try TinySeries(patientID: nil, uid: uid).write(0..<2, to: folder, below: name)
            }
            let summary = try await TestIngest(into: place, home: home).run(folder.path)
            #expect(summary.stored == 4)
            #expect(try await place.count("SELECT count(*) FROM patient") == 2)
            #expect(
                try await place.count(
                    "SELECT count(*) FROM quality_finding WHERE check_name = 'patient_without_identifier'") == 2)
        }
    }
}
