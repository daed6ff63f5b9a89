import CanonicalJSON
import Foundation
import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Rows of tables of marks that an earlier version of the program could not read.
@Suite("Marks of rejected rows") struct LateMarkTests {
    private static let absent = "1.2.3.4"

    /// One scan, and a table of four rows: a nodule of the scan, one without a place, two of a scan that is not there.
    private static func cohort() throws -> TemporaryFolder {
        let cohort = try SmallLUNA.folder { $0.scanCount = 1 }
        let table = String(decoding: try cohort.read("luna/annotations.csv"), as: UTF8.self)
        let lines = table.split(separator: "\n").map(String.init)
        let uid = lines[1].prefix { $0 != "," }
        for name in cohort.files(below: "luna") where name.hasSuffix(".csv") { try cohort.remove(name) }
        let rows = [lines[1], "\(uid),x,2,3,4", "\(absent),1,2,3,4", "\(absent),5,6,7,8"]
        try cohort.write(lines[0] + "\n" + rows.map { $0 + "\n" }.joined(), to: "luna/annotations.csv")
        return cohort
    }

    /// Takes out what rows 1 and 4 gave, as if they had been rejected.
    private static func forget(in place: TestWarehouse) async throws {
        let waiting = try await place.rows("SELECT content FROM annotation_unresolved")[0]
        var content = try JSONValue(parsing: try waiting.get("content")).object ?? [:]
        content["marks"] = .array((content["marks"]?.array ?? []).filter { $0["row"]?.number != 4 })
        let text = JSONValue.object(content).text
        let file = try await place.rows(
            "SELECT source_file_id, ingest_run_id FROM source_file WHERE outcome = 'label_source'")
        let (fileID, runID): (Int64, Int64) = (try file[0].get(at: 0), try file[0].get(at: 1))
        try await place.open(.write(create: false)) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                try await connection.execute("UPDATE annotation_unresolved SET content = \(text), mark_count = 1")
                try await connection.execute("DELETE FROM annotation WHERE kind = 'sphere'")
                for row in [1, 4] {
                    try await connection.execute(
                        """
                        INSERT INTO rejection (ingest_run_id, source_file_id, file_number, row_number, stage, code,
                            reader_version, sentence)
                        VALUES (\(runID), \(fileID), 1, \(row), 'label', 'not_a_number', 'earlier', 'A test.')
                        """)
                }
            }
        }
    }

    /// Keys of the marks of the scan without that of their source, what waits, and the rows that stand rejected.
    private static func state(of place: TestWarehouse) async throws -> [String] {
        let marks = try await place.rows("SELECT annotation_key FROM annotation WHERE kind = 'sphere' ORDER BY 1").map {
            try $0.get("annotation_key", as: String.self).split(separator: "/").last.map(String.init) ?? ""
        }
        let waiting = try await place.rows("SELECT content, mark_count FROM annotation_unresolved").map {
            "\(try $0.get("mark_count", as: Int.self)) \(try $0.get("content", as: String.self))"
        }
        let told = try await place.rows(
            "SELECT sentence FROM quality_finding WHERE check_name = 'annotation_without_image'"
        ).map { try $0.get("sentence", as: String.self) }
        let rejected = try await place.rows(
            "SELECT row_number FROM rejection WHERE replayed_at IS NULL ORDER BY row_number"
        ).map { "\(try $0.get("row_number", as: Int.self))" }
        return marks + waiting + told + rejected
    }

    @Test(arguments: TestEngine.available)
    func `they give their marks when they can be read, to series that are there and to those that wait`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try Self.cohort()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            let first = try await ingest.run(cohort.path("luna"))
            #expect(first.rejectedRows == 1 && first.marksStored == 1 && first.marksUnresolved == 2)
            let before = try await Self.state(of: place)
            #expect(before.contains("2 marks are on series that are not in the warehouse; they wait."), "\(before)")
            try await Self.forget(in: place)
            #expect(try await Self.state(of: place) != before)

            let replayed = try await ingest.run(cohort.path("luna")) { $0.replayRejected = true }
            #expect(replayed.isBalanced && replayed.rejectedRows == 1 && replayed.standingRows == 1)
            #expect(replayed.marksStored == 1 && replayed.marksUnresolved == 1)
            #expect(try await Self.state(of: place) == before)
            let again = try await ingest.run(cohort.path("luna")) { $0.replayRejected = true }
            #expect(again.marksStored == 0 && again.marksUnresolved == 0 && again.rejectedRows == 1)
            #expect(try await Self.state(of: place) == before)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a version that is put back has its rejected rows, and each mark once`(engine: WarehouseEngine) async throws {
        let cohort = try Self.cohort()
        let table = "luna/annotations.csv"
        let original = String(decoding: try cohort.read(table), as: UTF8.self)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort)
            try await ingest.run(cohort.path("luna"))
            let before = try await Self.state(of: place)
            // Row 3 names no number now, row 2 does.
            let other = original.replacing(",x,2,3,4", with: ",1,2,3,4")
                .replacing("\(Self.absent),1,", with: "\(Self.absent),x,")
            try cohort.write(other, to: table)
            try await ingest.run(cohort.path("luna"))
            try cohort.write(original, to: table)
            let back = try await ingest.run(cohort.path("luna"))
            #expect(back.marksStored == 0 && back.marksUnresolved == 0 && back.rejectedRows == 1)
            let after = try await Self.state(of: place)
            #expect(Set(after).isSuperset(of: before), "\(after)")
            #expect(after.filter { Int($0) != nil && !before.contains($0) } == [], "\(after)")
            #expect(try await place.brokenPromises() == [])
        }
    }
}
