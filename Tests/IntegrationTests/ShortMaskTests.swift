import Ingestion
import Phantom
import SQLInterface
import TestSupport
import Testing
import Training
import Warehouse

/// A mask volume with fewer slices than its images says nothing of the others.
@Suite("Masks that are too short")
struct ShortMaskTests {
    private static let mask = "ich/masks/049.nii"
    private static let image = "ich/ct_scans/049.nii"
    private static let images: SQL = """
        SELECT count(*) FROM slice JOIN series ON series.series_id = slice.series_id WHERE series.role = 'image'
        """
    private static let marks: SQL =
        "SELECT slice_id, voxel_count, rle FROM annotation_mask ORDER BY slice_id, annotation_id"

    @Test(arguments: TestEngine.available)
    func `images that a mask has no slice for are told and no negatives, until it is whole`(
        engine: WarehouseEngine
    ) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let original = try folder.read(Self.mask)
        let count = Self.sliceCount(original)
        let kept = count / 2
        try folder.write(Self.cut(original, to: kept), to: Self.mask)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            let told = try await Self.findings(place)
            let beginning = "Of the \(count) images of its series this mask has no slice for \(count - kept) and says"
            #expect(told.count == 1 && told[0].hasPrefix(beginning), "\(told)")
            #expect(try await place.brokenPromises() == [])
            try await FrozenSets.split(place) { $0.folds = "all=1" }
            let all = try #require(try await place.count(Self.images))
            let short = try await FrozenSets.createMasks(place)
            #expect(short.sampleCount == all - (count - kept))
            #expect(short.refused.map(\.reason) == ["mask_unplaced"])
            #expect(short.refused.map(\.count) == [count - kept])

            try folder.write(original, to: Self.mask)
            try await ingest.run(folder.path)
            let after = try await Self.findings(place)
            #expect(after == [])
            let whole = try await FrozenSets.createMasks(place)
            #expect(whole.sampleCount == all && whole.refused.isEmpty)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// All of its slices are known, so that nothing is new but what is gone.
    @Test(arguments: TestEngine.available)
    func `a mask that is cut short in its place marks what it holds, and the rest again when it is back`(
        engine: WarehouseEngine
    ) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let original = try folder.read(Self.mask)
        let count = Self.sliceCount(original)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            let before = try await place.rows(Self.marks)
            let last = try #require(
                try await place.count(
                    """
                    SELECT max(slice.instance_number) FROM annotation_mask
                    JOIN slice ON slice.patient_id = annotation_mask.patient_id
                        AND slice.slice_id = annotation_mask.mask_slice_id
                    JOIN patient ON patient.patient_id = slice.patient_id WHERE patient.patient_key = '049'
                    """))
            try #require(last > 1)
            let short = Self.cut(original, to: last - 1)
            try folder.write(short, to: Self.mask)
            let run = try await ingest.run(folder.path)
            #expect(run.slicesStored == 0)
            let cut = try await place.rows(Self.marks)
            #expect(cut.count == before.count - 1)
            let told = try await Self.findings(place)
            #expect(told.count == 1 && told[0].contains("no slice for \(count - last + 1) and"), "\(told)")
            #expect(try await place.brokenPromises() == [])
            try await FrozenSets.split(place) { $0.folds = "all=1" }
            let lost = try await FrozenSets.createMasks(place)
            #expect(lost.refused.map(\.count) == [count - last + 1])

            // Read again, it is still short.
            try await ingest.run(folder.path) { $0.rehash = true }
            let again = try await Self.findings(place)
            #expect(again == told)

            try folder.write(original, to: Self.mask)
            try await ingest.run(folder.path)
            let back = try await place.rows(Self.marks)
            #expect(back.rows == before.rows)
            let after = try await Self.findings(place)
            #expect(after == [])
            #expect(try await FrozenSets.createMasks(place).refused.isEmpty)
            #expect(try await place.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `images that grow beyond their mask are told`(engine: WarehouseEngine) async throws {
        let (folder, home) = try await (Self.cohort(), TemporaryFolder())
        let (mask, image) = try (folder.read(Self.mask), folder.read(Self.image))
        let count = Self.sliceCount(image)
        let kept = count / 2
        try folder.write(Self.cut(mask, to: kept), to: Self.mask)
        try folder.write(Self.cut(image, to: kept), to: Self.image)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            let before = try await Self.findings(place)
            #expect(before == [])
            try folder.write(image, to: Self.image)
            try await ingest.run(folder.path)
            let told = try await Self.findings(place)
            #expect(told.count == 1 && told[0].contains("no slice for \(count - kept) and"), "\(told)")
            try folder.write(mask, to: Self.mask)
            try await ingest.run(folder.path)
            let after = try await Self.findings(place)
            #expect(after == [])
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// Three volumes, each on the list of candidates; the third has no lung mask and no nodule.
    @Test(arguments: TestEngine.available)
    func `a list of points has read no lungs, and is no other negative of nodules than before`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try SmallLUNA.folder { $0.scanCount = 3 }
        for name in ["annotations_with_malignancy", "candidates_V2"] { try cohort.remove("luna/\(name).csv") }
        let table = String(decoding: try cohort.read("luna/annotations.csv"), as: UTF8.self).split(separator: "\n")
        let series = try #require(table[3].split(separator: ",").first)
        try cohort.write(table.prefix(3).joined(separator: "\n") + "\n", to: "luna/annotations.csv")
        let masks = cohort.files(below: "luna/seg-lungs-LUNA16").filter { $0.contains(series) }
        try #require(!masks.isEmpty)
        for file in masks { try cohort.remove(file) }
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            try await FrozenSets.split(place) { $0.folds = "all=1" }
            let lungs = try await FrozenSets.createMasks(place, marks: "target=lung")
            // Six slices a volume.
            #expect(lungs.sampleCount == 12)
            #expect(lungs.refused.map(\.reason) == ["not_read"] && lungs.refused.map(\.count) == [6])
            let nodules = try await FrozenSets.create(place, recipe: "nodule-crop") { options in
                options.sample = "volume"
                options.target = "spheres"
                options.domains = []
                options.marks = "target=nodule"
            }
            #expect(nodules.sampleCount == 3 && nodules.refused.isEmpty)
        }
    }

    // MARK: Steps

    private static func cohort() async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.3.1"), to: "ich")
        return folder
    }

    private static func findings(_ place: TestWarehouse) async throws -> [String] {
        try await place.rows("SELECT sentence FROM quality_finding WHERE check_name = 'mask_slices_missing'")
            .map { try $0.get("sentence") }
    }

    /// The third side of a NIfTI-1 volume. **Source** nifti1.h: dim at 40, two bytes each; its first is their number.
    private static func sliceCount(_ bytes: [UInt8]) -> Int { Int(bytes[46]) | Int(bytes[47]) << 8 }

    /// The first slices of a NIfTI-1 volume. **Source** nifti1.h: bitpix at 72, vox_offset at 108.
    private static func cut(_ bytes: [UInt8], to slices: Int) -> [UInt8] {
        func number(at offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
        let offset = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[108 + $1]) << (8 * UInt32($1)) }
        let plane = number(at: 42) * number(at: 44) * number(at: 72) / 8
        var copy = Array(bytes.prefix(Int(Float(bitPattern: offset)) + plane * slices))
        copy[46] = UInt8(truncatingIfNeeded: slices)
        copy[47] = UInt8(truncatingIfNeeded: slices / 256)
        return copy
    }
}
