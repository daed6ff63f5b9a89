import DICOM
import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// UIDs are unique over all patients (PS3.3 C.7.1 to C.7.3, PS3.5 9): one under two patients is a mistake somewhere.
@Suite("UIDs of two patients")
struct SharedUIDTests {
    private static let check: SQL = """
        SELECT patient_id, severity, sentence FROM quality_finding WHERE check_name = 'uid_of_two_patients'
        ORDER BY quality_finding_id
        """

    private static let extent = "1 Study, 1 Series and 2 SOP Instance UIDs in common"

    /// Three slices of one patient in `a`, and two of them under another patient in `b`.
    private static func write(_ names: [String], to folder: TemporaryFolder) throws {
        if names.contains("a") { try TinySeries(patientID: "1").write(0..<3, to: folder, below: "a") }
        if names.contains("b") { try TinySeries(patientID: "2").write(0..<2, to: folder, below: "b") }
    }

    private static func told(_ ingest: TestIngest) -> Int {
        ingest.observer.notices.count { $0.contains(extent) }
    }

    @Test(arguments: TestEngine.available, [[["a", "b"]], [["a"], ["b"]], [["b"], ["a"]]] as [[[String]]])
    func `an exam under two patients is a finding, told once, in whatever order they come`(
        engine: WarehouseEngine, order: [[String]]
    ) async throws {
        let home = try TemporaryFolder()
        let expected = try await TestWarehouse.with(.sqlite) { place in
            let folder = try TemporaryFolder()
            try Self.write(["a", "b"], to: folder)
            try await TestIngest(into: place, home: home).run(folder.path)
            return try await place.rows(Self.check)
        }
        #expect(expected.count == 1)
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let ingest = try TestIngest(into: place, home: home)
            for names in order {
                #expect(Self.told(ingest) == 0)
                try Self.write(names, to: folder)
                try await ingest.run(folder.path)
            }
            let found = try await place.rows(Self.check)
            #expect(found == expected)
            let row = try #require(found.first)
            #expect(try row.get("severity", as: String.self) == "warning")
            #expect(try row.get("sentence", as: String.self).contains(Self.extent))
            #expect(Self.told(ingest) == 1)
            // Something else comes: the check runs again.
            try TinySeries(patientID: "3", uid: "2.25.300").write(0..<1, to: folder, below: "c")
            #expect(try await ingest.run(folder.path).stored == 1)
            #expect(try await place.rows(Self.check).count == 1)
            #expect(Self.told(ingest) == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Of several exams the series with the smallest id is of one under the first patient, of another under the second.
    @Test(arguments: TestEngine.available)
    func `the series that are named share a UID`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        for exam in 0..<8 {
            for patient in ["1", "2"] {
                try TinySeries(patientID: patient, uid: "2.25.\(500 + exam)").write(
                    0..<1, to: folder, below: "\(patient)/\(exam)")
            }
        }
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            let smallest = try await place.rows(
                """
                SELECT DISTINCT series_instance_uid FROM series
                WHERE series_id IN (SELECT min(series_id) FROM series GROUP BY patient_id)
                """)
            #expect(smallest.count == 2, "other UIDs would tell more")
            let found = try #require(try await place.rows(Self.check).first)
            let sentence: String = try found.get("sentence")
            let ids = sentence.split(separator: "slicehouse series ").dropFirst().map { part in
                Int64(part.prefix { $0.isNumber }) ?? 0
            }
            #expect(ids.count == 2, "\(sentence)")
            let named = try await place.rows(
                """
                SELECT count(DISTINCT patient_id) AS patients, count(DISTINCT series_instance_uid) AS uids FROM series
                WHERE series_id IN \(list: ids)
                """)[0]
            #expect(try named.get("patients", as: Int.self) == 2 && named.get("uids", as: Int.self) == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `two data sets may hold one exam`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        try Self.write(["a", "b"], to: folder)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path("a"))
            try await ingest.run(folder.path("b")) { $0.datasetName = "other" }
            #expect(try await place.count("SELECT count(*) FROM patient") == 2)
            #expect(try await place.rows(Self.check).count == 0)
        }
    }

    /// A broken pseudonymiser gives every exam one Study Instance UID: n patients are n - 1 findings, and ten are told.
    @Test(arguments: TestEngine.available)
    func `one UID of many patients is told ten times and counted`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        let folder = try TemporaryFolder()
        for patient in 0..<13 {
            let series = TinySeries(patientID: "\(patient)", uid: "2.25.\(400 + patient)")
            let study = series.element(0x0020, 0x000D, .UI, "2.25.999")
            try folder.write(try series.file(0, extra: [study]), to: "\(patient)/IM1")
        }
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            #expect(try await place.rows(Self.check).count == 12)
            #expect(ingest.observer.notices.count { $0.contains("1 Study, 0 Series and 0 SOP Instance UIDs") } == 10)
            #expect(ingest.observer.notices.contains { $0.hasPrefix("2 more findings are like these;") })
        }
    }
}
