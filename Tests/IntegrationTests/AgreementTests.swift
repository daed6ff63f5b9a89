import Foundation
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// How far readers and label sources agree, beside scikit-learn.
@Suite("Agreement", .enabled(if: AnalysisOracle.isThere, "\(AnalysisOracle.isMissing)"))
struct AgreementTests {
    /// Two tables that grade the same images.
    private static let source = """
        source: dicom
        version: "1"
        detect:
          - {table: first.csv, columns: [image, level]}
        labels:
        """ + table("first", readBy: "human") + table("second", readBy: "algorithm")

    private static func table(_ name: String, readBy kind: String) -> String {
        """

          - file: \(name).csv
            name: \(name)
            vocabulary: diabetic-retinopathy
            reader: {key: \(name)-reader, kind: \(kind)}
            level: slice
            key: {column: image, pattern: '^([0-9.]+)$'}
            image: $1
        """
    }

    @Test(arguments: TestEngine.available)
    func `accuracy and kappa of two sources of grades`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let program = try DeclaredHome(in: folder, sources: ["grades": Self.source]).program
        let series = TinySeries()
        try series.write(0..<60, to: folder)
        // Most are 0, grade 3 is the second source's alone, and the second source lacks every tenth image.
        let grades = (0..<60).map { [0, 0, 0, 1, 0, 2, 4][$0 % 7] }
        let seconds = grades.enumerated().map { ($1 + [0, 1, 0, 0, 3, 0][$0 % 6]) % 5 }
        func table(_ grades: [Int], where isThere: (Int) -> Bool) -> String {
            "image,level\n"
                + grades.indices.filter(isThere).map { "\(series.uid).9.\($0),\(grades[$0])\n" }.joined()
        }
        try folder.write(table(grades) { _ in true }, to: "grades/first.csv")
        try folder.write(table(seconds) { $0 % 10 != 9 }, to: "grades/second.csv")
        let expected = try await oracle("grades", folder.path("grades/first.csv"), folder.path("grades/second.csv"))
        try await TestWarehouse.with(engine) { place in
            for name in ["series", "grades"] {
                let run = try await program.run("ingest", "--database", place.url, folder.path(name))
                #expect(run.exitCode == 0, "\(run.error)")
            }
            let run = try await program.run(
                "sql", "label_agreement", "--set", "first_source=first", "--set", "second_source=second", "--database",
                place.url, "--format", "csv")
            try expectEqual(run.output, expected, numbersFrom: 0)
        }
    }

    @Test(arguments: TestEngine.available)
    func `kappas of readers over the ratings of nodules`(engine: WarehouseEngine) async throws {
        let cohort = try TemporaryFolder()
        var options = LIDCOptions()
        options.patientCount = 6
        _ = try LIDCPhantom(options).write(to: cohort.path("lidc"))
        try await TestWarehouse.with(engine) { place in
            _ = try await TestIngest(into: place, home: cohort).run(cohort.path("lidc"))
            try cohort.write(try await ratings(in: place), to: "ratings.csv")
            let expected = try await oracle("ratings", cohort.path("ratings.csv"))
            let run = try await Program(home: cohort).run(
                "sql", "reader_agreement", "--database", place.url, "--format", "csv")
            #expect(run.exitCode == 0, "\(run.error)")
            try expectEqual(run.output, expected, numbersFrom: 3)
        }
    }

    /// Every rating of a nodule that no reader marked twice; readers mark a nodule whether they rate it or not.
    private func ratings(in place: TestWarehouse) async throws -> String {
        let rows = try await place.rows(
            """
            SELECT member.annotation_id, annotation.annotation_id, reader.reader_key, rating.characteristic, rating.rating
            FROM annotation_member AS member
            JOIN annotation ON annotation.annotation_id = member.member_annotation_id
            JOIN reader ON reader.reader_id = annotation.reader_id
            LEFT JOIN annotation_rating AS rating ON rating.annotation_id = annotation.annotation_id
            """)
        var marks: [Int: [String: Set<Int>]] = [:]
        var lines: [Int: [String]] = [:]
        for row in rows {
            let (subject, mark): (Int, Int) = (try row.get(at: 0), try row.get(at: 1))
            let (reader, characteristic): (String, String?) = (try row.get(at: 2), try row.get(at: 3))
            marks[subject, default: [:]][reader, default: []].insert(mark)
            guard let characteristic, let rating: Int = try row.get(at: 4) else { continue }
            lines[subject, default: []].append("\(subject),\(characteristic),\(reader),\(rating)\n")
        }
        let single = marks.filter { $0.value.values.allSatisfy { $0.count == 1 } }.keys
        #expect(single.count < marks.count, "the phantom has nodules that touch")
        return "subject,characteristic,reader,rating\n" + single.flatMap { lines[$0] ?? [] }.joined()
    }

    private func oracle(_ arguments: String...) async throws -> [[String]] {
        try await PythonScript("agreement-oracle").table(arguments, python: AnalysisOracle.python)
    }

    /// - Parameter numbersFrom: columns before this one are words.
    private func expectEqual(_ csv: String, _ expected: [[String]], numbersFrom: Int) throws {
        let rows = csv.split(whereSeparator: \.isNewline).dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(!expected.isEmpty && rows.count == expected.count, "\(csv)")
        for (own, theirs) in zip(rows.sorted(by: before), expected.sorted(by: before)) {
            #expect(own.prefix(numbersFrom) == theirs.prefix(numbersFrom))
            for (mine, other) in zip(own, theirs).dropFirst(numbersFrom) {
                let difference = abs((Double(mine) ?? .nan) - (Double(other) ?? .nan))
                #expect(mine == other || difference < 1e-9, "\(own) \(theirs)")
            }
        }
    }

    private func before(_ first: [String], _ second: [String]) -> Bool {
        first.lexicographicallyPrecedes(second)
    }
}
