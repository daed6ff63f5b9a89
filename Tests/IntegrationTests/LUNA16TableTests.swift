import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Tables of LUNA16 as people save, cut and leave them out.
@Suite("Tables of LUNA16")
struct LUNA16TableTests {
    enum Dialect: String, CaseIterable {
        case semicolons, tabs, utf16

        func callAsFunction(_ text: String) -> [UInt8] {
            switch self {
            case .semicolons: Array(text.replacing(",", with: ";").utf8)
            case .tabs: Array(text.replacing(",", with: "\t").utf8)
            case .utf16: Self.mark + text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 / 256)] }
            }
        }

        /// Little-endian UTF-16 begins with U+FEFF. **Source** RFC 2781, 3.2
        private static let mark: [UInt8] = [0xFF, 0xFE]
    }

    @Test(arguments: TestEngine.available, Dialect.allCases)
    func `a table with other delimiters or in UTF-16 says what it said with commas`(
        engine: WarehouseEngine, dialect: Dialect
    ) async throws {
        let cohort = try Self.cohort()
        let table = String(decoding: try cohort.read(Self.annotations), as: UTF8.self)
        let expected = try await Self.marked(of: cohort, engine)
        try #require(expected.rows.count == 2)
        try cohort.write(dialect(table), to: Self.annotations)
        let read = try await Self.marked(of: cohort, engine)
        #expect(read.rows == expected.rows)
    }

    @Test(arguments: TestEngine.available)
    func `a table under a published name that is none is rejected, and passed by in another folder`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try Self.cohort()
        for (name, text) in [("annotations", ""), ("candidates_V2", ""), ("candidates", "a,b\n1,2\n")] {
            try cohort.write(text, to: "luna/\(name).csv")
        }
        try cohort.write("a,b\n1,2\n", to: "luna/mine/annotations.csv")
        try await TestWarehouse.with(engine) { place in
            let summary = try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            #expect(summary.isBalanced)
            #expect(summary.rejectedByCode == ["empty": 2, "missing_column": 1])
            #expect(summary.ignoredByReason == ["a table without the columns of LUNA16": 1])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a table without its diameters is rejected, and a column of which nothing is stored is told`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try Self.cohort()
        let table = String(decoding: try cohort.read(Self.annotations), as: UTF8.self)
        try cohort.write(table.replacing("diameter_mm", with: "diam"), to: Self.annotations)
        let last = try #require(table.split(separator: "\n").last)
        let series = last.prefix { $0 != "," }
        try cohort.write(
            "seriesuid,coordX,coordY,coordZ,class,note\n\(series),1,2,3,0,x\n", to: "luna/candidates_V2.csv")
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            func told() async throws -> [String] {
                try await place.rows("SELECT sentence FROM quality_finding WHERE check_name = 'table_column_unused'")
                    .map { try $0.get("sentence") }
            }
            let summary = try await ingest.run(cohort.path("luna"))
            #expect(summary.rejectedByCode == ["missing_column": 1] && summary.marksStored == 1)
            let one = try await told()
            #expect(one.count == 1 && one.allSatisfy { $0.contains("the column note") }, "\(one)")
            try cohort.write(
                "seriesuid,coordX,coordY,coordZ,class\n\(series),1,2,3,0\n", to: "luna/candidates_V2.csv")
            try await ingest.run(cohort.path("luna"))
            let none = try await told()
            #expect(none == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `rows whose diameter is no size are rejected by their line`(engine: WarehouseEngine) async throws {
        let cohort = try Self.cohort()
        let table = String(decoding: try cohort.read(Self.annotations), as: UTF8.self)
        let last = try #require(table.split(separator: "\n").last)
        let series = last.prefix { $0 != "," }
        try cohort.write(table + "\(series),1,2,3,abc\n\(series),1,2,3,-4\n", to: Self.annotations)
        try await TestWarehouse.with(engine) { place in
            let summary = try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            #expect(summary.rejectedRows == 2 && summary.marksStored == 2)
            let sentences = try await place.rows("SELECT sentence FROM rejection ORDER BY row_number")
                .map { try $0.get("sentence", as: String.self) }
            #expect(sentences.count == 2 && sentences[0].contains("line 4: it has a diameter that is not a number"))
        }
    }

    @Test(arguments: TestEngine.available)
    func `images without the tables of nodules and candidates are told until these come`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try Self.cohort()
        let table = String(decoding: try cohort.read(Self.annotations), as: UTF8.self)
        try cohort.remove(Self.annotations)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            func told() async throws -> [String] {
                try await place.rows(
                    "SELECT sentence FROM quality_finding WHERE check_name = 'images_without_table' ORDER BY sentence"
                ).map { try $0.get("sentence") }
            }
            try await ingest.run(cohort.path("luna"))
            let both = try await told()
            #expect(both.count == 2, "\(both)")
            #expect(both.first?.contains("Images of luna16@1 are here") == true, "\(both)")
            #expect(both.first?.contains("its table annotations:") == true, "\(both)")
            #expect(both.last?.contains("its table candidates or candidates_V2:") == true, "\(both)")
            try cohort.write(table, to: Self.annotations)
            try await ingest.run(cohort.path("luna"))
            let one = try await told()
            #expect(one == Array(both.suffix(1)))
            let candidates = table.split(separator: "\n").dropFirst().map { line in
                line.split(separator: ",").dropLast().joined(separator: ",") + ",1\n"
            }
            try cohort.write(
                "seriesuid,coordX,coordY,coordZ,class\n" + candidates.joined(), to: "luna/candidates_V2.csv")
            try await ingest.run(cohort.path("luna"))
            let none = try await told()
            #expect(none == [])
        }
    }

    /// Voxels of the phantom are 11.25 mm wide (0.703125 × 512 / 32), its first one lies at -195.5; -180.25 + number;
    /// -378.75 mm, and in the second series columns and rows run against x and y.
    @Test(arguments: TestEngine.available)
    func `marks outside of their volume are counted until the table is corrected`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try Self.cohort()
        let table = String(decoding: try cohort.read(Self.annotations), as: UTF8.self)
        let series = table.split(separator: "\n").dropFirst().compactMap { $0.split(separator: ",").first }
        try #require(series.count == 2)
        // In the first voxel, 0.4 voxels before it, 0.6, far behind the last slice; a column before the first.
        let rows = [
            "\(series[0]),-195.5,-180.25,-378.75,5", "\(series[0]),-200,-180.25,-378.75,5",
            "\(series[0]),-202.25,-180.25,-378.75,5", "\(series[0]),1,2,3,5",
            "\(series[1]),-184.25,-179.25,-378.75,5",
        ]
        try cohort.write(table + rows.joined(separator: "\n") + "\n", to: Self.annotations)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            func told() async throws -> [String] {
                try await place.rows("SELECT sentence FROM quality_finding WHERE check_name = 'mark_outside_volume'")
                    .map { try $0.get("sentence") }
            }
            try await ingest.run(cohort.path("luna"))
            let sentences = try await told()
            #expect(sentences.count == 1, "\(sentences)")
            let sentence = try #require(sentences.first)
            let beginning = "3 marks of annotations of luna16@1 lie outside of their volumes, in 2 series (one is "
            #expect(sentence.hasPrefix(beginning), "\(sentence)")
            #expect(ingest.observer.notices.contains(sentence))
            try cohort.write(table, to: Self.annotations)
            try await ingest.run(cohort.path("luna"))
            let corrected = try await told()
            #expect(corrected == [])
        }
    }

    // MARK: Steps

    private static let annotations = "luna/annotations.csv"

    /// Two volumes, and of the tables that of their two nodules alone.
    private static func cohort() throws -> TemporaryFolder {
        let cohort = try SmallLUNA.folder { $0.scanCount = 2 }
        for name in cohort.files(below: "luna") where name.hasSuffix(".csv") && name != annotations {
            try cohort.remove(name)
        }
        let table = String(decoding: try cohort.read(annotations), as: UTF8.self)
        let lines = table.split(separator: "\n").prefix(3)
        try cohort.write(lines.joined(separator: "\n") + "\n", to: annotations)
        return cohort
    }

    /// What one run over the cohort marks.
    private static func marked(of cohort: TemporaryFolder, _ engine: WarehouseEngine) async throws -> RowSet {
        try await TestWarehouse.with(engine) { place in
            let summary = try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            #expect(summary.ignored == 0 && summary.rejected == 0)
            return try await place.rows(
                """
                SELECT annotation.series_id, annotation.centre_column, annotation.centre_row, annotation.centre_slice,
                    annotation.diameter_mm
                FROM annotation JOIN label_source ON label_source.label_source_id = annotation.label_source_id
                WHERE label_source.name = 'annotations' ORDER BY annotation.series_id
                """)
        }
    }
}
