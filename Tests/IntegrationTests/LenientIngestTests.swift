import DICOM
import Imaging
import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Odd files are stored with a finding; only what holds no honest pixel is rejected.
@Suite("Odd files in a run") struct LenientIngestTests {
    private static func text(_ group: UInt16, _ number: UInt16, _ vr: DICOMVR, _ value: String) -> DICOMElement {
        DICOMElement(tag: DICOMTag(group, number), vr: vr, value: .strings([value]))
    }

    private static func elements(sopClass: String = "1.2.840.10008.5.1.4.1.1.7", uid: String) -> [DICOMElement] {
        [
            text(0x0008, 0x0016, .UI, sopClass), text(0x0008, 0x0018, .UI, uid), text(0x0008, 0x0060, .CS, "OT"),
            text(0x0010, 0x0020, .LO, "1"), text(0x0020, 0x000D, .UI, uid + "9"),
            text(0x0020, 0x000E, .UI, uid + "8"),
        ]
    }

    private static func frame(_ tint: UInt16) throws -> PixelBuffer {
        try PixelBuffer(rows: 4, columns: 4, samplesPerPixel: 1, elements: (0..<16).map { UInt16($0) + tint })
    }

    private static func standing(_ place: TestWarehouse) async throws -> [String] {
        try await place.rows("SELECT code FROM rejection WHERE replayed_at IS NULL").map { try $0.get("code") }
    }

    private func findings(_ place: TestWarehouse, _ severity: String = "info") async throws -> Set<String> {
        let rows = try await place.rows("SELECT check_name FROM quality_finding WHERE severity = \(severity)")
        return Set(try rows.map { try $0.get("check_name") })
    }

    @Test(arguments: TestEngine.available)
    func `whole frames of a cut file are stored, and the rest when the file comes whole`(
        engine: WarehouseEngine
    ) async throws {
        let frames = try [100, 200, 300].map { try Self.frame($0) }
        let whole = try DICOMWriter().file(elements: Self.elements(uid: "2.25.41"), frames: frames)
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            let ingest = try TestIngest(into: place, home: home)
            try folder.write(Array(whole.dropLast(10)), to: "a.dcm")
            let first = try await ingest.run(folder.path)
            #expect(first.rejected == 0 && first.slicesStored == 2)
            #expect(first.incomplete == 1 && first.hasRejections && first.isBalanced && first.standingFiles == 1)
            #expect(try await findings(place, "warning").isSuperset(of: ["pixel_data_short", "damaged_frames"]))
            // A rerun knows the file and is quiet; replayed, it is refused in part again, once.
            let rerun = try await ingest.run(folder.path)
            #expect(rerun.known == 1 && !rerun.hasRejections && rerun.standingFiles == 1)
            let replay = try await ingest.run(folder.path) { $0.replayRejected = true }
            #expect(replay.known == 1 && replay.incomplete == 1 && replay.standingFiles == 1 && replay.isBalanced)
            #expect(try await Self.standing(place) == ["frames_missing"])
            try folder.write(whole, to: "a.dcm")
            let second = try await ingest.run(folder.path)
            #expect(second.rejected == 0 && second.slicesStored == 1)
            #expect(!second.hasRejections && second.standingFiles == 0)
            #expect(try await Self.standing(place) == [])
            #expect(try await findings(place, "warning").isDisjoint(with: ["pixel_data_short", "damaged_frames"]))
            #expect(try await place.count("SELECT count(*) FROM series") == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// What stands rejected goes and comes with its file.
    @Test(arguments: TestEngine.available)
    func `a file that is refused in part stands rejected as long as it is there`(
        engine: WarehouseEngine
    ) async throws {
        let frames = try [100, 200].map { try Self.frame($0) }
        let cut = Array(try DICOMWriter().file(elements: Self.elements(uid: "2.25.49"), frames: frames).dropLast(10))
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            let ingest = try TestIngest(into: place, home: home)
            try folder.write(cut, to: "in/a.dcm")
            try folder.write(cut, to: "in/b.dcm")
            let first = try await ingest.run(folder.path("in"))
            #expect(first.stored == 1 && first.known == 1 && first.incomplete == 2 && first.standingFiles == 2)
            let again = try await ingest.run(folder.path("in")) { $0.rehash = true }
            #expect(again.known == 2 && again.incomplete == 2 && again.standingFiles == 2)
            try folder.remove("in/b.dcm")
            let gone = try await ingest.run(folder.path("in"))
            #expect(gone.goneFiles == 1 && gone.standingFiles == 1 && !gone.hasRejections)
            #expect(try await place.count("SELECT count(*) FROM slice") == 1)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `identifiers that are no UIDs are kept and reported`(engine: WarehouseEngine) async throws {
        var bytes = try DICOMWriter().file(elements: Self.elements(uid: "ID_000039fa0"), frames: [try Self.frame(0)])
        try Self.rename([8, 0, 0x16, 0], to: [8, 0, 0x15, 0], in: &bytes)
        try await TestWarehouse.with(engine) { place in
            try await Self.store(bytes, named: "ID_000039fa0.dcm", in: place)
            #expect(try await place.count("SELECT count(*) FROM slice WHERE sop_instance_uid = 'ID_000039fa0'") == 1)
            #expect(try await findings(place).isSuperset(of: ["invalid_uid", "missing_sop_class"]))
        }
    }

    @Test(arguments: TestEngine.available)
    func `a rescale of slope 0 is a warning`(engine: WarehouseEngine) async throws {
        let rescale = [Self.text(0x0028, 0x1052, .DS, "-1024"), Self.text(0x0028, 0x1053, .DS, "0")]
        let bytes = try DICOMWriter().file(
            elements: Self.elements(uid: "2.25.46") + rescale, frames: [try Self.frame(0)])
        try await TestWarehouse.with(engine) { place in
            try await Self.store(bytes, in: place)
            let severities = try await place.rows(
                "SELECT severity FROM quality_finding WHERE check_name = 'unusable_rescale'")
            #expect(try severities.map { try $0.get("severity", as: String.self) } == ["warning"])
        }
    }

    /// The first value of the second file's Patient ID is another person's.
    @Test(arguments: TestEngine.available, [true, false])
    func `a Patient ID with a backslash is not the patient before it`(
        engine: WarehouseEngine, keepsIdentifiers: Bool
    ) async throws {
        let two = DICOMElement(tag: DICOMTag(0x0010, 0x0020), vr: .LO, value: .strings(["123", "456"]))
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            try folder.write(try TinySeries(patientID: "123", uid: "2.25.301").file(0), to: "a")
            try folder.write(try TinySeries(uid: "2.25.302").file(0, tint: 5, extra: [two]), to: "b")
            let summary = try await TestIngest(into: place, home: home).run(folder.path) {
                $0.keepIdentifiers = keepsIdentifiers
            }
            #expect(summary.rejected == 0 && summary.slicesStored == 2)
            #expect(try await place.count("SELECT count(DISTINCT patient_key) FROM patient") == 2)
            #expect(try await findings(place, "warning").contains("several_patient_ids"))
            guard keepsIdentifiers else { return }
            #expect(try await place.count("SELECT count(*) FROM patient WHERE patient_key = \("123\\456")") == 1)
        }
    }

    /// PS3.6: Slice Thickness is a DS, Patient's Sex a CS of three values.
    @Test(arguments: TestEngine.available)
    func `text where a number belongs is stored nowhere`(engine: WarehouseEngine) async throws {
        let misused = [
            Self.text(0x0018, 0x0050, .LO, "Canary, ward 7"), Self.text(0x0010, 0x0040, .CS, "CANARY"),
        ]
        let headers: SQL = """
            SELECT count(*) FROM (SELECT header FROM series_header UNION ALL SELECT header FROM slice_header) AS stored
            WHERE lower(CAST(header AS text)) LIKE '%canary%'
            """
        let removed: SQL = """
            SELECT count(*) FROM header_removed
            WHERE (path = '00180050' OR path = '00100040') AND action = 'removed_text'
            """
        try await TestWarehouse.with(engine) { place in
            try await Self.store(try TinySeries().file(0, extra: misused), in: place)
            #expect(try await place.count(headers) == 0)
            #expect(try await place.count("SELECT count(*) FROM header_value WHERE lower(value) LIKE '%canary%'") == 0)
            #expect(try await place.count(removed) == 2)
        }
    }

    @Test(arguments: TestEngine.available)
    func `samples that may have a sign are a warning`(engine: WarehouseEngine) async throws {
        var bytes = try DICOMWriter().file(elements: Self.elements(uid: "2.25.50"), frames: [try Self.frame(0)])
        // Pixel Representation (0028,0103) becomes an attribute for which no reader asks.
        try Self.rename([0x28, 0, 0x03, 0x01], to: [0x28, 0, 0x05, 0x01], vr: "US", in: &bytes)
        try await TestWarehouse.with(engine) { place in
            try await Self.store(bytes, in: place)
            #expect(try await findings(place, "warning").contains("missing_pixel_representation"))
        }
    }

    /// Rescale Slope and Intercept are of type 1 in CT images (PS3.3 C.8.2.1); a secondary capture has neither.
    @Test(arguments: TestEngine.available)
    func `a CT whose values have no unit is said once for the series`(
        engine: WarehouseEngine
    ) async throws {
        let check: SQL = "SELECT severity, sentence FROM quality_finding WHERE check_name = 'no_rescale'"
        let rescale = [Self.text(0x0028, 0x1052, .DS, "-1024"), Self.text(0x0028, 0x1053, .DS, "1")]
        let capture = Self.text(0x0008, 0x0016, .UI, "1.2.840.10008.5.1.4.1.1.7")
        let scaled = TinySeries(uid: "2.25.201")
        let page = TinySeries(uid: "2.25.202")
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            let ingest = try TestIngest(into: place, home: home)
            try TinySeries().write(0..<2, to: folder)
            try folder.write(try scaled.file(0, extra: rescale), to: "scaled/IM1")
            try folder.write(try page.file(0, extra: [capture]), to: "page/IM1")
            try await ingest.run(folder.path)
            let first = try await place.rows(check)
            #expect(first.count == 1)
            #expect(try first.first?.get("severity", as: String.self) == "info")
            #expect(try first.first?.get("sentence", as: String.self).hasPrefix("2 of 2 slices of this CT") == true)
            // A slice that says it comes later.
            try folder.write(try TinySeries().file(2, extra: rescale), to: "series/IM3")
            try await ingest.run(folder.path)
            let second = try await place.rows(check)
            #expect(second.count == 1)
            #expect(try second.first?.get("sentence", as: String.self).hasPrefix("2 of 3 slices of this CT") == true)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// A real file has 1160501010100 there; PostgreSQL's column has the 32 bits of an IS.
    @Test(arguments: TestEngine.available)
    func `an instance number of more than 32 bits counts as absent`(engine: WarehouseEngine) async throws {
        let elements = Self.elements(uid: "2.25.45") + [Self.text(0x0020, 0x0013, .IS, "1200803161000")]
        let bytes = try DICOMWriter().file(elements: elements, frames: [try Self.frame(0)])
        try await TestWarehouse.with(engine) { place in
            try await Self.store(bytes, in: place)
            #expect(try await place.count("SELECT count(*) FROM slice WHERE instance_number IS NULL") == 1)
            #expect(try await findings(place).contains("unreadable_number"))
        }
    }

    /// Basic Text SR, without a name; a copy of it elsewhere is the same object.
    @Test(arguments: TestEngine.available)
    func `an object without pixels and without a UID is known by its content`(engine: WarehouseEngine) async throws {
        var bytes = try DICOMWriter().file(
            elements: Self.elements(sopClass: "1.2.840.10008.5.1.4.1.1.88.11", uid: "2.25.42"))
        try Self.rename([8, 0, 0x18, 0], to: [8, 0, 0x17, 0], in: &bytes)
        try Self.rename([2, 0, 3, 0], to: [2, 0, 4, 0], in: &bytes)
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            for name in ["a", "b"] { try folder.write(bytes, to: name) }
            try folder.write(bytes + [UInt8](repeating: 0, count: 64), to: "padded")
            let summary = try await TestIngest(into: place, home: home).run(folder.path)
            #expect(summary.rejected == 0 && summary.stored == 2 && summary.known == 1)
            #expect(try await place.count("SELECT count(*) FROM series WHERE role = 'object'") == 2)
            #expect(try await findings(place).isSuperset(of: ["missing_instance_uid", "trailing_bytes"]))
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// How the slices of two files without SOP Instance UIDs are numbered.
    enum Numbering: CaseIterable, Sendable { case ascending, repeated, absent, frames }

    /// A CT series whose files name no SOP instance, in the data set or in front of it.
    private static func uninstanced(_ numbering: Numbering) throws -> [[UInt8]] {
        let number = DICOMTag(0x0020, 0x0013)
        let series = TinySeries()
        let files: [[UInt8]] =
            switch numbering {
            case .ascending: try (0..<2).map { try series.file($0) }
            case .repeated: try (0..<2).map { try series.file($0, extra: [text(0x0020, 0x0013, .IS, "1")]) }
            case .absent: try (0..<2).map { try series.file($0, without: [number]) }
            case .frames: [try series.enhanced("a", frames: [0, 1])]
            }
        return try files.map { file in
            var bytes = file
            try rename([8, 0, 0x18, 0], to: [8, 0, 0x17, 0], in: &bytes)
            try rename([2, 0, 3, 0], to: [2, 0, 4, 0], in: &bytes)
            return bytes
        }
    }

    @Test(arguments: TestEngine.available, Numbering.allCases)
    func `slices without a UID are known when they are read again, here or elsewhere`(
        engine: WarehouseEngine, numbering: Numbering
    ) async throws {
        let files = try Self.uninstanced(numbering)
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            let ingest = try TestIngest(into: place, home: home)
            func write(to name: String) throws {
                for (index, bytes) in files.enumerated() { try folder.write(bytes, to: "\(name)/\(index)") }
            }
            try write(to: "in")
            let first = try await ingest.run(folder.path("in"))
            #expect(first.rejected == 0 && first.slicesStored == 2)
            #expect(try await place.count("SELECT count(*) FROM slice WHERE sop_instance_uid IS NULL") == 2)
            let before = try await WarehouseContents(of: place)
            try write(to: "in")
            #expect(try await ingest.run(folder.path("in")).known == files.count)
            #expect(try await ingest.run(folder.path("in")) { $0.rehash = true }.known == files.count)
            #expect(try await WarehouseContents(of: place).differences(from: before) == [])
            try write(to: "copy/below")
            #expect(try await ingest.run(folder.path("copy")).known == files.count)
            #expect(try await place.count("SELECT count(*) FROM slice") == 2)
            #expect(try await place.count("SELECT count(*) FROM series") == 1)
            #expect(try await place.count("SELECT count(*) FROM rejection") == 0)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Nothing in the files says whose they are: those of one folder are of one patient, those of another are not.
    @Test(arguments: TestEngine.available)
    func `files that name neither patient nor study are of the folder they lie in`(engine: WarehouseEngine) async throws
    {
        var series = TinySeries()
        series.patientID = nil
        let nameless: Set = [DICOMTag(0x0020, 0x000D), DICOMTag(0x0020, 0x000E)]
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            let ingest = try TestIngest(into: place, home: home)
            for (name, tint) in [("a/1", 0), ("b/1", 1)] as [(String, Int16)] {
                for index in 0..<2 {
                    try folder.write(try series.file(index, tint: tint, without: nameless), to: "\(name)/\(index)")
                }
            }
            #expect(try await ingest.run(folder.path("a/1")).slicesStored == 2)
            #expect(try await ingest.run(folder.path("b/1")).slicesStored == 2)
            #expect(try await place.count("SELECT count(*) FROM patient") == 2)
            #expect(try await place.count("SELECT count(*) FROM series WHERE variant > 0") == 0)
            #expect(try await place.rows(Self.copies).isEmpty)
            // The same folders, from above.
            #expect(try await ingest.run(folder.path).known == 4)
            #expect(try await place.count("SELECT count(*) FROM patient") == 2)
            #expect(try await place.brokenPromises() == [])
        }
    }

    private static let copies: SQL = """
        SELECT sentence FROM quality_finding WHERE check_name = 'copy_without_uid' ORDER BY sentence
        """

    /// Two of three slices lie in two folders: nothing but their pixels says that they are the same.
    @Test(arguments: TestEngine.available, [nil, "1"] as [String?])
    func `files without UIDs that lie in two folders are told by their pixels`(
        engine: WarehouseEngine, patientID: String?
    ) async throws {
        let series = TinySeries(patientID: patientID)
        let nameless: Set = [DICOMTag(0x0020, 0x000D), DICOMTag(0x0020, 0x000E)]
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            let ingest = try TestIngest(into: place, home: home)
            for (name, count) in [("a", 2), ("b", 3)] {
                for index in 0..<count {
                    try folder.write(try series.file(index, without: nameless), to: "\(name)/\(index)")
                }
            }
            #expect(try await ingest.run(folder.path("a")).slicesStored == 2)
            #expect(try await place.rows(Self.copies).isEmpty)
            #expect(try await ingest.run(folder.path("b")).slicesStored == 3)
            for _ in 0..<2 {
                let sentences = try await place.rows(Self.copies).map { try $0.get("sentence", as: String.self) }
                #expect(sentences.count == 2)
                #expect(sentences.allSatisfy { $0.contains("and 2 of its slices have the pixels of the series") })
                #expect(try await ingest.run(folder.path("b")) { $0.rehash = true }.known == 3)
            }
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Gives an element another tag, for which no reader asks.
    private static func rename(
        _ tag: [UInt8], to other: [UInt8], vr: String = "UI", in bytes: inout [UInt8]
    ) throws {
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: tag + Array(vr.utf8)) })
        bytes.replaceSubrange(place..<place + 4, with: other)
    }

    @Test(arguments: TestEngine.available)
    func `a file without preamble and with garbage behind its end is stored`(engine: WarehouseEngine) async throws {
        let whole = try DICOMWriter().file(elements: Self.elements(uid: "2.25.43"), frames: [try Self.frame(7)])
        let start = try #require(whole.indices.first { whole[$0...].starts(with: [8, 0, 0x16, 0]) })
        try await TestWarehouse.with(engine) { place in
            let bare = Array(whole[start...]) + [UInt8]("garbage behind the end".utf8)
            try await Self.store(bare, named: "bare", in: place)
            let found = try await findings(place)
            #expect(found.isSuperset(of: ["no_preamble", "no_transfer_syntax"]))
            #expect(!found.isDisjoint(with: ["structure_lost", "trailing_bytes", "truncated"]))
        }
    }

    /// A PACS that lost the pixels, and a file that was cut inside its only frame.
    @Test(arguments: TestEngine.available)
    func `an image without an honest pixel is rejected by name`(engine: WarehouseEngine) async throws {
        let whole = try DICOMWriter().file(elements: Self.elements(uid: "2.25.44"), frames: [try Self.frame(7)])
        let pixels = try #require(try DICOMFile(bytes: whole).pixelDataOffset)
        try await TestWarehouse.with(engine) { place in
            let folder = try TemporaryFolder()
            let home = try TemporaryFolder()
            try folder.write(Array(whole.prefix(pixels - 12)), to: "no-pixels")
            try folder.write(Array(whole.dropLast(2)), to: "cut")
            let summary = try await TestIngest(into: place, home: home).run(folder.path)
            #expect(summary.rejectedByCode == ["no_pixels": 1, "pixel_data_truncated": 1])
            #expect(try await place.count("SELECT count(*) FROM slice") == 0)
        }
    }

    /// A folder of that one file is read, and its one image is stored.
    private static func store(_ bytes: [UInt8], named name: String = "a", in place: TestWarehouse) async throws {
        let folder = try TemporaryFolder()
        let home = try TemporaryFolder()
        try folder.write(bytes, to: name)
        let summary = try await TestIngest(into: place, home: home).run(folder.path)
        #expect(summary.rejected == 0 && summary.slicesStored == 1)
    }
}
