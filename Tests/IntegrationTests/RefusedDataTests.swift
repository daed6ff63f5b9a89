import DICOM
import Imaging
import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// One bad file never ends a run, whatever is wrong with it.
@Suite("Data that a database refuses")
struct RefusedDataTests {
    private static func refuse(sopEnding: String, in place: TestWarehouse) async throws {
        switch place.engine {
        case .sqlite:
            try await place.script(
                """
                CREATE TRIGGER refuse BEFORE INSERT ON slice WHEN NEW.sop_instance_uid LIKE '%\(sopEnding)'
                BEGIN SELECT RAISE(ABORT, 'refused'); END
                """)
        case .postgresql:
            try await place.script(
                "ALTER TABLE slice ADD CONSTRAINT refuse CHECK (sop_instance_uid NOT LIKE '%\(sopEnding)')")
        }
    }

    @Test(arguments: TestEngine.available)
    func `a series that the database refuses goes to quarantine, and the others of its batch are stored`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            try await Self.refuse(sopEnding: ".300.9.1", in: place)
            for uid in ["2.25.200", "2.25.300", "2.25.400"] {
                try TinySeries(uid: uid).write(0..<3, to: folder, below: uid)
            }
            let summary = try await ingest.run(folder.path)
            #expect(summary.stored == 6 && summary.rejected == 3 && summary.seriesStored == 2)
            #expect(summary.rejectedByCode == ["refused_by_database": 3])
            #expect(summary.isBalanced)
            #expect(
                try await place.count("SELECT count(*) FROM rejection WHERE stage = 'commit'") == 3)
            #expect(ingest.observer.notices.contains { $0.contains("the database refused its series") })
            #expect(try await place.brokenPromises() == [])
        }
    }

    private struct Case {
        let name: String
        let extra: DICOMElement
    }

    /// Numbers that no column of PostgreSQL takes, or that the two engines hold differently.
    @Test func `numbers that are none or too large count as absent, alike in both engines`() async throws {
        let series = TinySeries()
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        let cases: [DICOMElement] = [
            DICOMElement(tag: DICOMTag(0x0020, 0x0013), vr: .IS, value: .strings(["99999999999"])),
            DICOMElement(tag: DICOMTag(0x0028, 0x1053), vr: .FD, value: .reals([.nan])),
            DICOMElement(tag: DICOMTag(0x0018, 0x0050), vr: .FD, value: .reals([.infinity])),
            DICOMElement(tag: DICOMTag(0x0020, 0x1041), vr: .FD, value: .reals([.nan])),
        ]
        let intercept = series.element(0x0028, 0x1052, .DS, "0")
        for (index, element) in cases.enumerated() {
            var one = series
            one.uid = "2.25.\(500 + index)"
            try folder.write(try one.file(0, extra: [element, intercept]), to: "\(index)/IM1")
            try folder.write(try one.file(1), to: "\(index)/IM2")
        }
        var contents: [WarehouseContents] = []
        for engine in TestEngine.available {
            try await TestWarehouse.with(engine) { place in
                let summary = try await TestIngest(into: place, home: home).run(folder.path)
                #expect(summary.stored == 8 && summary.rejected == 0, "\(summary)")
                #expect(
                    try await place.count(
                        "SELECT count(*) FROM quality_finding WHERE check_name = 'unreadable_number'") == 1)
                #expect(
                    try await place.count(
                        "SELECT count(*) FROM quality_finding WHERE check_name = 'number_not_finite'") == 3)
                #expect(try await place.brokenPromises() == [])
                contents.append(try await WarehouseContents(of: place))
            }
        }
        for other in contents.dropFirst() { #expect(other.differences(from: contents[0]) == []) }
    }

    @Test(arguments: TestEngine.available)
    func `a key of eight kilobytes rejects its file with a sentence`(engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        // Random digits, since PostgreSQL compresses what repeats.
        var generator = SystemRandomNumberGenerator()
        let uid = (0..<8_000).map { _ in String(Int.random(in: 0...9, using: &generator)) }.joined()
        let series = TinySeries()
        let element = DICOMElement(tag: DICOMTag(0x0008, 0x0018), vr: .UI, value: .strings([uid]))
        try folder.write(try series.file(0, extra: [element]), to: "long/IM1")
        try series.write(1..<3, to: folder)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let summary = try await ingest.run(folder.path)
            #expect(summary.stored == 2 && summary.rejectedByCode == ["unusable_key": 1], "\(summary)")
            #expect(ingest.observer.notices.contains { $0.contains("SOP Instance UID has 8000 bytes") })
        }
    }

    @Test(arguments: TestEngine.available)
    func `a volume that no memory holds is refused by name, and the rest is stored`(
        engine: WarehouseEngine
    ) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try TinySeries().write(0..<2, to: folder)
        try folder.write([UInt8](), to: "z.nii")
        let grown = try await Program(home: home).run(tool: "/usr/bin/truncate", ["-s", "8T", folder.path("z.nii")])
        #expect(grown.exitCode == 0, "\(grown.error)")
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            #expect(try await ingest.run(folder.path).rejectedByCode == ["too_large": 1])
            // Another machine may have more memory: the next run looks again, and one rejection stands.
            #expect(try await ingest.run(folder.path).rejected == 1)
            #expect(try await place.count("SELECT count(*) FROM rejection WHERE replayed_at IS NULL") == 1)
            #expect(try await place.count("SELECT count(*) FROM rejection") == 2)
        }
    }
}
