import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Outlines of LIDC-IDRI that cannot be what their reader meant are told, and the other marks of the file stay.
@Suite("Odd outlines of LIDC-IDRI")
struct LIDCOddityTests {
    private struct Cohort {
        let folder: TemporaryFolder
        /// The readings of the one patient.
        let reading: String
        let original: [UInt8]

        init() throws {
            folder = try TemporaryFolder()
            var options = LIDCOptions()
            options.patientCount = 1
            _ = try LIDCPhantom(options).write(to: folder.path("lidc"))
            reading = try #require(folder.files().first { $0.hasSuffix("69.xml") })
            original = try folder.read(reading)
        }

        /// The file with another text in its first nodule, which the first reader drew.
        func changed(_ change: (String) -> String) throws -> String {
            let text = String(decoding: original, as: UTF8.self)
            let end = try #require(text.firstRange(of: "</unblindedReadNodule>"))
            let new = change(String(text[..<end.lowerBound]))
            try #require(new != text[..<end.lowerBound])
            return new + String(text[end.lowerBound...])
        }
    }

    private static func findings(_ place: TestWarehouse) async throws -> [String] {
        try await place.rows(
            "SELECT check_name FROM quality_finding WHERE check_name LIKE 'contour%' ORDER BY check_name"
        ).map { try $0.get("check_name") }
    }

    /// A nodule of exclusions alone has an area below zero by the shoelace; pylidc says so too.
    @Test(arguments: TestEngine.available)
    func `a nodule with more exclusion than inclusion has no volume and costs the others nothing`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try Cohort()
        let text = try cohort.changed { $0.replacing("<inclusion>TRUE<", with: "<inclusion>FALSE<") }
        try cohort.folder.write(text, to: cohort.reading)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort.folder)
            let summary = try await ingest.run(cohort.folder.path("lidc"))
            #expect(summary.rejected == 0)
            // 15 outlined nodules: four by each reader, and the last missed one.
            let outlines: SQL = "SELECT count(*) FROM annotation WHERE kind = 'contour'"
            #expect(try await place.count(outlines) == 15)
            #expect(try await place.count("\(sql: outlines) AND volume_mm3 IS NULL") == 1)
            #expect(try await Self.findings(place) == ["contour_volume_negative"])
            #expect(try await place.brokenPromises() == [])

            try cohort.folder.write(cohort.original, to: cohort.reading)
            try await ingest.run(cohort.folder.path("lidc"))
            #expect(try await Self.findings(place) == [])
        }
    }

    /// The images have 128 columns.
    @Test(arguments: TestEngine.available)
    func `a point outside of the image is told until the file is right`(engine: WarehouseEngine) async throws {
        let cohort = try Cohort()
        let text = try cohort.changed { nodule in
            guard let start = nodule.firstRange(of: "<xCoord>"),
                let end = nodule[start.upperBound...].firstRange(of: "</xCoord>")
            else { return nodule }
            return String(nodule[..<start.upperBound]) + "5000" + String(nodule[end.lowerBound...])
        }
        try cohort.folder.write(text, to: cohort.reading)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort.folder)
            #expect(try await ingest.run(cohort.folder.path("lidc")).rejected == 0)
            #expect(try await Self.findings(place) == ["contour_outside_image"])
            try cohort.folder.write(cohort.original, to: cohort.reading)
            try await ingest.run(cohort.folder.path("lidc"))
            #expect(try await Self.findings(place) == [])
        }
    }
}
