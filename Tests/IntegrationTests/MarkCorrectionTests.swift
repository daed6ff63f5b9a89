import Foundation
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Marks whose labels people corrected, in a warehouse.
private struct CorrectedPlace {
    let home: TemporaryFolder
    let place: TestWarehouse
    let program: Program

    init(_ home: TemporaryFolder, _ place: TestWarehouse) throws {
        (self.home, self.place) = (home, place)
        program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
    }

    func ingest(_ folder: String) async throws {
        try await TestIngest(into: place, home: home).run(home.path(folder))
    }

    /// The answers that count, each with the source of the label, by how often.
    func answers(_ domain: String) async throws -> [String: Int] {
        let rows = try await place.rows(
            """
            SELECT label_current.label_source_name, label_current.raw_value FROM label_current
            JOIN annotation_current ON annotation_current.patient_id = label_current.patient_id
                AND annotation_current.annotation_id = label_current.annotation_id
            WHERE label_current.domain_name = \(domain)
            """)
        let texts = try rows.map { row in
            let (source, value): (String, String) = (try row.get(at: 0), try row.get(at: 1))
            return "\(source.prefix { $0 != ":" })=\(value)"
        }
        return Dictionary(texts.map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// As `slicehouse domains` counts, whether or not the marks do.
    func labelCount(_ domain: String) async throws -> Int {
        try await place.count(
            """
            SELECT CAST(COALESCE(sum(label_count), 0) AS bigint) FROM label_domain_summary
            WHERE domain_name = \(domain)
            """) ?? 0
    }

    /// Ids of the labels that say this, in order.
    func labels(_ domain: String, saying value: String) async throws -> [Int64] {
        try await place.rows(
            """
            SELECT label_id FROM label_current WHERE domain_name = \(domain) AND raw_value = \(value)
            ORDER BY label_id
            """
        ).map { try $0.get("label_id") }
    }

    func correct(_ domain: String, _ label: Int64, _ what: String, author: String = "A") async throws {
        try await program.succeed(
            "domains correct \(domain) --label \(label) \(what) --author \(author) --reason biopsy")
    }

    func findings(_ check: String) async throws -> [String] {
        try await place.rows("SELECT sentence FROM quality_finding WHERE check_name = \(check)").map {
            try $0.get("sentence")
        }
    }
}

/// What people say of marks holds for every version of the table that they are of.
@Suite("Corrections of marks") struct MarkCorrectionTests {
    private static let changed = "corrected_label_changed"
    private static let absent = "corrected_mark_absent"

    /// One table of LUNA16 below a folder, by its lines.
    private struct Table {
        let home: TemporaryFolder
        let path: String
        let lines: [String]

        init(_ name: String, in home: TemporaryFolder) throws {
            self.home = home
            path = try #require(home.files(below: "luna").first { $0.hasSuffix("/" + name) })
            lines = String(decoding: try home.read(path), as: UTF8.self).split(separator: "\n").map(String.init)
        }

        /// The table with a row of a scan that is not here in front, which gives all others another number.
        var shifted: [String] { [lines[0], lines[lines.count - 1]] + lines.dropFirst() }

        func write(_ lines: [String], to other: String? = nil) throws {
            try home.write(lines.joined(separator: "\n") + "\n", to: other ?? path)
        }
    }

    private static func luna() throws -> (TemporaryFolder, Table) {
        let home = try TemporaryFolder()
        try SmallLUNA.write(to: home)
        // It has the same candidates.
        let other = try #require(home.files(below: "luna").first { $0.hasSuffix("/candidates_V2.csv") })
        try home.remove(other)
        return (home, try Table("candidates.csv", in: home))
    }

    /// Where the candidate of the table that is a nodule of the first volume stands.
    private static func candidate(in table: Table) throws -> (index: Int, series: String) {
        let volume = try #require(table.home.files(below: "luna").first { $0.hasSuffix(".mhd") })
        let series = try #require(volume.split(separator: "/").last).dropLast(".mhd".count)
        let index = try #require(table.lines.firstIndex { $0.hasPrefix(series + ",") && $0.hasSuffix(",1") })
        return (index, String(series))
    }

    /// Ten scans with one nodule and two other candidates each.
    private static func label(of series: String, saying value: String, _ place: TestWarehouse) async throws -> Int64 {
        let rows = try await place.rows(
            """
            SELECT label_current.label_id FROM label_current
            JOIN annotation ON annotation.patient_id = label_current.patient_id
                AND annotation.annotation_id = label_current.annotation_id
            JOIN series ON series.patient_id = annotation.patient_id AND series.series_id = annotation.series_id
            WHERE label_current.domain_name = 'nodule_candidate' AND label_current.raw_value = \(value)
                AND series.series_instance_uid = \(series)
            ORDER BY label_current.label_id
            """)
        let row = try #require(rows.first)
        return try row.get("label_id")
    }

    // MARK: Versions of a table

    @Test(arguments: TestEngine.available)
    func `a correction goes with the candidate into new versions of its table, and back`(
        engine: WarehouseEngine
    ) async throws {
        let (home, table) = try Self.luna()
        try await TestWarehouse.with(engine) { warehouse in
            let place = try CorrectedPlace(home, warehouse)
            func read(_ lines: [String]) async throws -> [String: Int] {
                try table.write(lines)
                try await place.ingest("luna")
                return try await place.answers("nodule_candidate")
            }
            try await place.ingest("luna")
            #expect(try await place.answers("nodule_candidate") == ["candidates=1": 10, "candidates=0": 20])
            let (index, series) = try Self.candidate(in: table)
            let label = try await Self.label(of: series, saying: "1", warehouse)
            try await place.correct("nodule_candidate", label, "--value 0", author: "A")

            let expected = ["candidates=1": 9, "candidates=0": 20, "corrections=0": 1]
            #expect(try await read(table.shifted) == expected)
            #expect(try await place.labelCount("nodule_candidate") == 30)
            #expect(try await place.findings(Self.changed) == [])
            // What is said of the new version is said of the one before too.
            let current = try await place.labels("nodule_candidate", saying: "0")
            let standing = try await warehouse.rows(
                "SELECT label_id FROM label_current WHERE label_source_name = 'corrections'")
            let row = try #require(standing.first)
            let successor: Int64 = try row.get("label_id")
            #expect(standing.count == 1 && current.contains(successor))
            try await place.correct("nodule_candidate", successor, "--withdraw", author: "B")
            #expect(try await read(table.lines) == ["candidates=1": 9, "candidates=0": 20])
            #expect(try await place.labelCount("nodule_candidate") == 29)
            let words = try await warehouse.rows("SELECT author FROM label_correction ORDER BY author").map {
                try $0.get("author", as: String.self)
            }
            #expect(words == ["A", "A", "B", "B"])
            #expect(try await place.findings(Self.changed) == [])
            #expect(try await place.findings(Self.absent) == [])

            // The table says of it now what A did, and then nothing at all.
            var other = table.lines
            other[index] = String(other[index].dropLast()) + "0"
            #expect(try await read(other) == ["candidates=1": 9, "candidates=0": 20])
            #expect(try await place.findings(Self.changed).count == 1)
            other.remove(at: index)
            #expect(try await read(other) == ["candidates=1": 9, "candidates=0": 20])
            let told = try await place.findings(Self.absent)
            #expect(told.count == 1 && told[0].hasPrefix("1 correction by hand counts nowhere"), "\(told)")
            #expect(try await read(table.lines) == ["candidates=1": 9, "candidates=0": 20])
            #expect(try await place.findings(Self.absent) == [])
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    /// One place, two rows with different answers: the corrected one is known by its answer.
    @Test(arguments: TestEngine.available)
    func `of two candidates at one place the one that was corrected stays the one`(
        engine: WarehouseEngine
    ) async throws {
        let (home, table) = try Self.luna()
        try await TestWarehouse.with(engine) { warehouse in
            let place = try CorrectedPlace(home, warehouse)
            let (index, series) = try Self.candidate(in: table)
            var lines = table.lines
            // Rows of the scan that are no nodule would be meant by their answer, too.
            lines.removeAll { $0.hasPrefix(series + ",") && $0.hasSuffix(",0") }
            lines.insert(String(lines[index].dropLast()) + "0", at: index + 1)
            try table.write(lines)
            try await place.ingest("luna")
            let label = try await Self.label(of: series, saying: "0", warehouse)
            try await place.correct("nodule_candidate", label, "--withdraw")
            let expected = ["candidates=1": 10, "candidates=0": 18]
            #expect(try await place.answers("nodule_candidate") == expected)
            lines.swapAt(index, index + 1)
            try table.write(lines)
            try await place.ingest("luna")
            #expect(try await place.answers("nodule_candidate") == expected)
            #expect(try await place.findings(Self.changed) == [])
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    // MARK: Files that are retired

    /// Nine of the ten scans lie in the table, two of them malignant.
    @Test(arguments: TestEngine.available)
    func `a correction goes with the nodule from a retired file to the one that counts`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        try SmallLUNA.write(to: home)
        let (domain, name) = ("malignancy_dlwpt", "annotations_with_malignancy")
        let table = try Table(name + ".csv", in: home)
        try await TestWarehouse.with(engine) { warehouse in
            let place = try CorrectedPlace(home, warehouse)
            func sources() async throws -> Set<Int64> {
                let rows = try await warehouse.rows("SELECT label_source_id FROM label_source WHERE name = \(name)")
                return Set(try rows.map { try $0.get("label_source_id", as: Int64.self) })
            }
            func retire(_ id: Int64, _ more: String = "") async throws {
                try await place.program.succeed("domains retire \(id)\(more) --author A --reason replaced")
            }
            try await place.ingest("luna")
            #expect(try await place.answers(domain) == ["\(name)=True": 2, "\(name)=False": 7])
            let first = try #require(try await sources().first)
            let benign = try await place.labels(domain, saying: "False")
            try await place.correct(domain, benign[0], "--value malignant")
            try table.write(table.shifted, to: "second/\(name).csv")
            try await place.ingest("second")
            let second = try #require(try await sources().first { $0 != first })
            #expect(
                try await place.answers(domain)
                    == ["\(name)=True": 4, "\(name)=False": 12, "corrections=malignant": 2])
            // Said of the first file alone, until that counts no more.
            try await place.correct(domain, benign[1], "--value malignant")
            #expect(
                try await place.answers(domain)
                    == ["\(name)=True": 4, "\(name)=False": 11, "corrections=malignant": 3])

            let corrected = ["\(name)=True": 2, "\(name)=False": 5, "corrections=malignant": 2]
            try await retire(first)
            #expect(try await place.answers(domain) == corrected)
            #expect(try await place.labelCount(domain) == 9)
            #expect(try await Self.malignantNodules(warehouse) == 4)
            try await retire(second)
            #expect(try await place.answers(domain) == [:])
            #expect(try await place.labelCount(domain) == 0)
            try await retire(first, " --restore")
            #expect(try await place.answers(domain) == corrected)
            #expect(try await place.labelCount(domain) == 9)
            #expect(try await Self.malignantNodules(warehouse) == 4)
            for check in [Self.changed, Self.absent] { #expect(try await place.findings(check) == []) }
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    private static func malignantNodules(_ warehouse: TestWarehouse) async throws -> Int {
        try await warehouse.open { opened in
            let query = try opened.sqlLibrary.query(named: "nodules", engine: opened.engine)
            let sql = try query.sql(setting: ["term": "malignant"])
            return try await opened.withConnection { try await $0.rows(sql).count }
        }
    }

    // MARK: Readings

    /// Four readers rated the first nodule 1, 2, 3 and 4: the median is 2.5, and one rating is 4 or 5. With 5 for 1 the
    /// median is 3.5, and two ratings are; without the first reading the median is 3, and one rating is.
    @Test(arguments: TestEngine.available)
    func `a correction goes with the nodule into a changed reading`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        var options = LIDCOptions()
        options.patientCount = 1
        _ = try LIDCPhantom(options).write(to: home.path("lidc"))
        let path = try #require(home.files(below: "lidc").first { $0.hasSuffix("/69.xml") })
        let text = String(decoding: try home.read(path), as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let start = try #require(lines.firstIndex { $0.contains("<noduleID>0-0</noduleID>") })
        let end = try #require(lines[start...].firstIndex { $0.hasPrefix("</unblindedReadNodule>") })
        try await TestWarehouse.with(engine) { warehouse in
            let place = try CorrectedPlace(home, warehouse)
            func read(_ lines: [String]) async throws -> [[String: Int]] {
                try home.write(lines.joined(separator: "\n"), to: path)
                try await place.ingest("lidc")
                return [try await place.answers("malignancy_median"), try await place.answers("malignancy_dlwpt")]
            }
            let before = try await read(lines)
            func nodule(_ domain: String) async throws -> Int64 {
                let rows = try await warehouse.rows(
                    """
                    SELECT label_current.label_id, annotation.annotation_key FROM label_current
                    JOIN annotation ON annotation.patient_id = label_current.patient_id
                        AND annotation.annotation_id = label_current.annotation_id
                    WHERE label_current.domain_name = \(domain)
                    """)
                let found = try rows.first {
                    try $0.get("annotation_key", as: String.self).hasSuffix(":reader-1:nodule:0-0")
                }
                let row = try #require(found)
                return try row.get("label_id")
            }
            try await place.correct("malignancy_median", nodule("malignancy_median"), "--value undetermined")
            try await place.correct("malignancy_dlwpt", nodule("malignancy_dlwpt"), "--withdraw")
            var expected = before
            for index in 0...1 {
                expected[index]["reading=benign"] = before[index]["reading=benign"].flatMap { $0 > 1 ? $0 - 1 : nil }
            }
            expected[0]["corrections=undetermined"] = 1
            #expect(try await read(lines + [""]) == expected)
            #expect(try await place.findings(Self.changed) == [])
            lines[start + 1] = lines[start + 1].replacing("<malignancy>1<", with: "<malignancy>5<")
            #expect(try await read(lines) == expected)
            #expect(try await place.findings(Self.changed).count == 2)
            // The reading that named the nodule is gone: another one names it.
            lines.removeSubrange(start...end)
            #expect(try await read(lines) == expected)
            #expect(try await place.findings(Self.absent) == [])
            #expect(try await warehouse.brokenPromises() == [])
        }
    }
}
