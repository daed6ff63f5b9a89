import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// One scan of LIDC-IDRI of which some slices come later.
private struct PartialScan {
    let folder: TemporaryFolder
    private let late: [String]

    /// - Parameters:
    ///   - late: indices of the slices that lie aside until `complete`.
    ///   - edit: what becomes of the lines of the reading.
    init(late: Set<Int>, _ edit: ([String]) -> [String] = { $0 }) throws {
        folder = try TemporaryFolder()
        var options = LIDCOptions()
        options.patientCount = 1
        _ = try LIDCPhantom(options).write(to: folder.path("lidc"))
        let files = folder.files(below: "lidc")
        let reading = try #require(files.first { $0.hasSuffix("/69.xml") })
        let text = String(decoding: try folder.read(reading), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        try folder.write(edit(lines).joined(separator: "\n"), to: reading)
        let slices = files.filter { $0.hasSuffix(".dcm") }
        self.late = late.sorted().map { slices[$0] }
        for name in self.late { try folder.move(name, to: "aside/" + name) }
    }

    func complete() throws {
        for name in late { try folder.move("aside/" + name, to: name) }
    }

    /// Leaves of one nodule of a reader only the outlines on these slices.
    static func keep(_ slices: [Int], of nodule: String, in lines: [String]) -> [String] {
        let places = slices.map { "<imageZposition>\(-340 + 2.5 * Double($0))</imageZposition>" }
        var isInside = false
        return lines.filter { line in
            if line.contains("<noduleID>\(nodule)</noduleID>") { isInside = true }
            if line.hasPrefix("</unblindedReadNodule>") { isInside = false }
            return !isInside || !line.hasPrefix("<roi>") || places.contains { line.contains($0) }
        }
    }

    /// Gives one nodule of a reader five times.
    static func repeating(_ nodule: String, in lines: [String]) -> [String] {
        guard let start = lines.firstIndex(where: { $0.contains("<noduleID>\(nodule)</noduleID>") }),
            let end = lines[start...].firstIndex(where: { $0.hasPrefix("</unblindedReadNodule>") })
        else { return lines }
        var result = lines
        for _ in 0..<4 { result.insert(contentsOf: lines[start...end], at: end + 1) }
        return result
    }
}

/// Nodules of several readers, of a series whose slices come in two parts.
@Suite("Nodules of slices that come later") struct NoduleArrivalTests {
    /// Five readings of one outline are more than four readers; the two nodules that touch lie on slices 6 to 12.
    @Test(arguments: TestEngine.available)
    func `what cannot be told apart is counted anew with the slices that arrive`(
        engine: WarehouseEngine
    ) async throws {
        let scan = try PartialScan(late: Set(6...12)) { PartialScan.repeating("0-0", in: $0) }
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: scan.folder)
            func told() async throws -> [String] {
                try await place.rows("SELECT sentence FROM quality_finding WHERE check_name = 'ambiguous_nodule'").map {
                    String(try $0.get("sentence", as: String.self).prefix { $0 != " " })
                }
            }
            try await ingest.run(scan.folder.path("lidc"))
            #expect(try await told() == ["1"])
            try scan.complete()
            try await ingest.run(scan.folder.path("lidc"))
            #expect(try await told() == ["2"])
            #expect(try await place.count("SELECT count(*) FROM annotation_unresolved") == 0)
            #expect(try await place.brokenPromises() == [])
        }
    }

    // MARK: Corrections

    /// What counts of the first nodule.
    private struct Answer {
        let labelID: Int64
        /// The reading that names the nodule, the source and the value.
        let text: String
    }

    private static func answers(_ domain: String, _ place: TestWarehouse) async throws -> [Answer] {
        try await place.rows(
            """
            SELECT annotation.annotation_key, label_current.label_source_name, label_current.raw_value,
                label_current.label_id
            FROM label_current
            JOIN annotation ON annotation.patient_id = label_current.patient_id
                AND annotation.annotation_id = label_current.annotation_id
            WHERE label_current.domain_name = \(domain) ORDER BY annotation.annotation_key
            """
        ).compactMap { row -> Answer? in
            let (key, source, value): (String, String, String) = (
                try row.get(at: 0), try row.get(at: 1), try row.get(at: 2)
            )
            // 123/consensus:reader-1:nodule:0-0
            guard key.hasSuffix("-0") else { return nil }
            let reader = key.split(separator: ":").dropFirst().first ?? ""
            let name = source.split(separator: ":").first ?? ""
            return Answer(labelID: try row.get(at: 3), text: "\(reader) \(name)=\(value)")
        }
    }

    private static func texts(_ domain: String, _ place: TestWarehouse) async throws -> [String] {
        try await answers(domain, place).map(\.text)
    }

    /// Corrects the label of the nodule that this reading names.
    private static func correct(
        _ domain: String, of reader: String, _ what: [String], author: String, _ scan: PartialScan,
        _ place: TestWarehouse
    ) async throws {
        let label = try #require(try await answers(domain, place).first { $0.text.hasPrefix(reader + " ") })
        let run = try await Program(home: scan.folder).run(
            ["domains", "correct", domain, "--database", place.url, "--label", "\(label.labelID)"] + what
                + ["--author", author, "--reason", "biopsy of " + author])
        #expect(run.exitCode == 0, "\(run.error)")
    }

    private static let changed: SQL =
        "SELECT count(*) FROM quality_finding WHERE check_name = 'corrected_label_changed'"

    /// Its readers rated it 1, 2, 3 and 4, median 2.5, and outlined it on slices 3 to 13.
    @Test(arguments: TestEngine.available)
    func `corrections outlive the slices that arrive, each with author and reason`(engine: WarehouseEngine) async throws
    {
        let scan = try PartialScan(late: [2, 5, 8, 11, 14])
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: scan.folder)
            try await ingest.run(scan.folder.path("lidc"))
            #expect(try await Self.texts("malignancy_median", place) == ["reader-1 reading=benign"])
            for (value, author) in [("malignant", "A. Reader"), ("undetermined", "B. Reader")] {
                try await Self.correct(
                    "malignancy_median", of: "reader-1", ["--value", value], author: author, scan, place)
            }
            try await Self.correct("malignancy_dlwpt", of: "reader-1", ["--withdraw"], author: "C. Reader", scan, place)
            try scan.complete()
            try await ingest.run(scan.folder.path("lidc"))
            #expect(try await place.count("SELECT count(*) FROM annotation_unresolved") == 0)
            #expect(try await Self.texts("malignancy_median", place) == ["reader-1 corrections=undetermined"])
            #expect(try await Self.texts("malignancy_dlwpt", place) == [])
            let words = try await place.rows("SELECT author, reason FROM label_correction ORDER BY author").map {
                try $0.get("author", as: String.self) + ": " + $0.get("reason", as: String.self)
            }
            #expect(words == ["A", "B", "C"].map { "\($0). Reader: biopsy of \($0). Reader" })
            #expect(try await place.count(Self.changed) == 0)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// The first reader outlined it on slice 8 alone: before that is here, the ratings are 2, 3 and 4, median 3.
    @Test(arguments: TestEngine.available)
    func `a correction goes with the nodule to which a reading is added`(engine: WarehouseEngine) async throws {
        let scan = try PartialScan(late: [2, 5, 8, 11, 14]) { PartialScan.keep([8], of: "0-0", in: $0) }
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: scan.folder)
            try await ingest.run(scan.folder.path("lidc"))
            #expect(try await Self.texts("malignancy_median", place) == ["reader-2 reading=undetermined"])
            try await Self.correct(
                "malignancy_median", of: "reader-2", ["--value", "malignant"], author: "A. Reader", scan, place)
            try scan.complete()
            try await ingest.run(scan.folder.path("lidc"))
            #expect(try await Self.texts("malignancy_median", place) == ["reader-1 corrections=malignant"])
            #expect(try await Self.texts("malignancy_dlwpt", place) == ["reader-1 reading=benign"])
            #expect(try await place.count("SELECT count(*) FROM label_correction WHERE author = 'A. Reader'") == 1)
            // The raw answer of four ratings is benign.
            #expect(try await place.count(Self.changed) == 1)
            try await Self.correct(
                "malignancy_median", of: "reader-1", ["--value", "benign"], author: "B. Reader", scan, place)
            #expect(try await Self.texts("malignancy_median", place) == ["reader-1 corrections=benign"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Two readers outlined it on slices 3 and 8, two on 8 and 13: without slice 8 these are two nodules.
    @Test(arguments: TestEngine.available, [["reader-1", "reader-3"], ["reader-3", "reader-1"]])
    func `of two corrected nodules that are one the latest correction counts and names the other`(
        engine: WarehouseEngine, order: [String]
    ) async throws {
        let scan = try PartialScan(late: [2, 5, 8, 11, 14]) { lines in
            let first = PartialScan.keep([3, 8], of: "1-0", in: PartialScan.keep([3, 8], of: "0-0", in: lines))
            return PartialScan.keep([8, 13], of: "3-0", in: PartialScan.keep([8, 13], of: "2-0", in: first))
        }
        let values = ["reader-1": "malignant", "reader-3": "undetermined"]
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: scan.folder)
            try await ingest.run(scan.folder.path("lidc"))
            let apart = ["reader-1 reading=benign", "reader-3 reading=malignant"]
            #expect(try await Self.texts("malignancy_median", place) == apart)
            for reader in order {
                let value = try #require(values[reader])
                try await Self.correct(
                    "malignancy_median", of: reader, ["--value", value], author: "Author of " + reader, scan, place)
            }
            try scan.complete()
            try await ingest.run(scan.folder.path("lidc"))
            let latest = try #require(values[order[1]])
            #expect(try await Self.texts("malignancy_median", place) == ["reader-1 corrections=\(latest)"])
            let words = try await place.rows("SELECT author, reason FROM label_correction")
            #expect(words.count == 1)
            #expect(try words.first?.get("author", as: String.self) == "Author of " + order[1])
            let reason = try words.first?.get("reason", as: String.self)
            #expect(
                reason == "biopsy of Author of \(order[1]) (of a part of it Author of \(order[0]) said before: "
                    + "biopsy of Author of \(order[0]))")
            #expect(try await place.count(Self.changed) == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }
}
