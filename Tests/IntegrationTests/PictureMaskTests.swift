import ImageFiles
import Imaging
import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Masks of one picture each, which come, change and are refused one by one. What is expected is what the same files
/// give in one run.
@Suite("Masks of pictures") struct PictureMaskTests {
    @Test(arguments: TestEngine.available, [false, true])
    func `an image that comes after its mask is marked as if it had come before`(
        engine: WarehouseEngine, isCut: Bool
    ) async throws {
        let cohort = try await Cohort(engine)
        let mask = cohort.masks[0]
        let image = Cohort.image(of: mask)
        let original = try cohort.folder.read(image)
        if isCut {
            try cohort.folder.write(Array(original.prefix(original.count / 2)), to: image)
        } else {
            try cohort.folder.remove(image)
        }
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort.home)
            let first = try await ingest.run(cohort.folder.path)
            #expect(first.rejected == (isCut ? 1 : 0))
            #expect(try await place.rows(Cohort.marks).count == cohort.atOnce.count - 1)
            #expect(try await Cohort.findings(place) == ["mask_slice_without_image"])

            try cohort.folder.write(original, to: image)
            let second = try await ingest.run(cohort.folder.path)
            #expect(second.slicesStored == 1 && second.masksStored == 1)
            #expect(try await place.rows(Cohort.marks).rows == cohort.atOnce.rows)
            #expect(try await Cohort.findings(place) == [])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// That its file was corrected is known, and which of its drawings was the last one is not stored.
    @Test(arguments: TestEngine.available)
    func `a mask that is refused after it was corrected leaves what it marked last`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohort(engine)
        let (mask, neighbour) = (cohort.masks[0], cohort.masks[1])
        let corrected = try cohort.folder.read(cohort.masks[cohort.masks.count - 1])
        let other = try cohort.folder.read(cohort.masks[cohort.masks.count - 2])
        let expected = try await cohort.markedAtOnce(with: [(mask, corrected)])
        let both = try await cohort.markedAtOnce(with: [(mask, corrected), (neighbour, other)])
        try #require(expected.rows != cohort.atOnce.rows && both.rows != expected.rows)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort.home)
            try await ingest.run(cohort.folder.path)
            try cohort.folder.write(corrected, to: mask)
            try await ingest.run(cohort.folder.path)
            #expect(try await place.rows(Cohort.marks).rows == expected.rows)

            try cohort.folder.write(Array(corrected.prefix(corrected.count / 2)), to: mask)
            #expect(try await ingest.run(cohort.folder.path).rejected == 1)
            #expect(try await place.rows(Cohort.marks).rows == expected.rows)
            #expect(try await Cohort.findings(place) == ["mask_redrawn"])

            // Another one of the series.
            try cohort.folder.write(other, to: neighbour)
            try await ingest.run(cohort.folder.path)
            #expect(try await place.rows(Cohort.marks).rows == both.rows)

            try cohort.folder.write(corrected, to: mask)
            try await ingest.run(cohort.folder.path)
            #expect(try await place.rows(Cohort.marks).rows == both.rows)
            #expect(try await Cohort.findings(place) == ["mask_redrawn"])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// The masks come one by one, and then an image.
    @Test(arguments: TestEngine.available)
    func `what is said of marks without an image is what one run over the files says`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohort(engine)
        let folder = cohort.folder
        let (mask, other) = (cohort.masks[0], cohort.masks[1])
        let (late, image) = try (folder.read(other), folder.read(Cohort.image(of: mask)))
        for path in [mask, other] { try folder.remove(Cohort.image(of: path)) }
        try folder.remove(other)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort.home)
            try await ingest.run(folder.path)
            #expect(try await Cohort.sentences(place).count == 1)
            for (path, bytes) in [(other, late), (Cohort.image(of: mask), image)] {
                try folder.write(bytes, to: path)
                try await ingest.run(folder.path)
                let expected = try await Cohort.ingested(folder, cohort.home, engine) { try await Cohort.sentences($0) }
                #expect(try await Cohort.sentences(place) == expected)
                #expect(expected.count == 1)
            }
        }
    }

    /// One of its slices was drawn anew, and one has no image.
    @Test(arguments: TestEngine.available)
    func `a mask file that is read again and holds what it held writes nothing`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohort(engine)
        let folder = cohort.folder
        let corrected = try folder.read(cohort.masks[cohort.masks.count - 1])
        try folder.remove(Cohort.image(of: cohort.masks[2]))
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort.home)
            try await ingest.run(folder.path)
            try folder.write(corrected, to: cohort.masks[0])
            #expect(try await ingest.run(folder.path).masksStored > 0)
            let before = try await place.rows(Cohort.marks)
            try folder.write(try folder.read(cohort.masks[1]), to: cohort.masks[1])
            let again = try await ingest.run(folder.path)
            #expect(again.masksStored == 0 && again.slicesStored == 0 && again.findings == 0)
            #expect(try await place.rows(Cohort.marks).rows == before.rows)
            let expected = try await cohort.markedAtOnce(with: [])
            #expect(before.rows == expected.rows)
        }
    }

    /// Of all marks no image is there: the annotation says that somebody looked, and nothing is marked.
    @Test(arguments: TestEngine.available)
    func `a mask that is corrected to a blank one is as if it had been blank`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohort(engine)
        for mask in cohort.otherMasks { try cohort.folder.remove(Cohort.image(of: mask)) }
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: cohort.home)
            try await ingest.run(cohort.folder.path)
            #expect(try await Cohort.findings(place) == ["mask_slice_without_image"])
            for mask in cohort.otherMasks {
                let pixels = try JPEGCodec.decode(cohort.folder.read(mask))
                let black = [UInt8](repeating: 0, count: pixels.pixelCount)
                let blank = try PixelBuffer(rows: pixels.rows, columns: pixels.columns, elements: black)
                try cohort.folder.write(JPEGCodec.encode(blank), to: mask)
            }
            try await ingest.run(cohort.folder.path)
            #expect(try await Cohort.findings(place) == [])
            let expected = try await cohort.markedAtOnce(with: [])
            #expect(try await place.rows(Cohort.marks).rows == expected.rows)
        }
    }
}

/// The pictures of CT-ICH 1.0.0, and what they give in one run.
private struct Cohort {
    let engine: WarehouseEngine
    let folder: TemporaryFolder
    let home: TemporaryFolder
    /// Of one patient, those that mark something, by path.
    let masks: [String]
    /// Of another one.
    let otherMasks: [String]
    let atOnce: RowSet

    static let marks: SQL = """
        SELECT mask.slice_id, mask.voxel_count, mask.rle, annotation.target, annotation.voxel_count AS total
        FROM annotation_mask AS mask
        JOIN annotation ON annotation.patient_id = mask.patient_id
            AND annotation.annotation_id = mask.annotation_id
        ORDER BY mask.slice_id, annotation.target
        """

    init(_ engine: WarehouseEngine) async throws {
        let folder = try TemporaryFolder()
        try folder.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.0.0"), to: "ich")
        self.engine = engine
        self.folder = folder
        home = try TemporaryFolder()
        let (marks, first, second) = try await Self.ingested(folder, home, engine) { place in
            #expect(try await Self.findings(place) == [])
            return (
                try await place.rows(Self.marks), try await Self.paths(of: "049", in: place),
                try await Self.paths(of: "058", in: place)
            )
        }
        atOnce = marks
        masks = first
        otherMasks = second
        try #require(masks.count >= 4 && !otherMasks.isEmpty)
    }

    /// Files that mark something on the pictures of a patient.
    private static func paths(of patient: String, in place: TestWarehouse) async throws -> [String] {
        let pattern = "%/\(patient)/%"
        let rows = try await place.rows(
            """
            SELECT DISTINCT source_file.relative_path FROM annotation_mask AS mask
            JOIN slice_source ON slice_source.patient_id = mask.patient_id
                AND slice_source.slice_id = mask.mask_slice_id
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
            WHERE source_file.relative_path LIKE \(pattern)
            """)
        return try rows.map { try $0.get("relative_path", as: String.self) }.sorted()
    }

    /// The picture that a mask is of.
    static func image(of mask: String) -> String { mask.replacing("_HGE_Seg", with: "") }

    /// What one run marks with some files changed; they are as they were afterwards.
    func markedAtOnce(with changes: [(path: String, bytes: [UInt8])]) async throws -> RowSet {
        let before = try changes.map { (path: $0.path, bytes: try folder.read($0.path)) }
        for change in changes { try folder.write(change.bytes, to: change.path) }
        let marks = try await Self.ingested(folder, home, engine) { try await $0.rows(Self.marks) }
        for change in before { try folder.write(change.bytes, to: change.path) }
        return marks
    }

    /// What a warehouse holds after one run over the files as they are.
    static func ingested<R>(
        _ folder: TemporaryFolder, _ home: TemporaryFolder, _ engine: WarehouseEngine,
        _ body: (TestWarehouse) async throws -> R
    ) async throws -> R {
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(folder.path)
            return try await body(place)
        }
    }

    static func findings(_ place: TestWarehouse) async throws -> [String] {
        try await place.rows(
            """
            SELECT DISTINCT check_name FROM quality_finding
            WHERE check_name LIKE 'mask_redrawn%'
                OR check_name IN ('mask_slice_without_image', 'mask_size_mismatch', 'mask_without_image')
            ORDER BY check_name
            """
        ).map { try $0.get("check_name") }
    }

    /// What is said of marks that have no place.
    static func sentences(_ place: TestWarehouse) async throws -> [String] {
        try await place.rows(
            """
            SELECT sentence FROM quality_finding
            WHERE check_name IN ('mask_slice_without_image', 'mask_size_mismatch') ORDER BY sentence
            """
        ).map { try $0.get("sentence") }
    }
}
