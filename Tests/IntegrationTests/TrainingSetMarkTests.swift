import SQLInterface
import TestSupport
import Testing
import Training
import Warehouse

/// Which marks a frozen set takes, and which images are their negatives.
@Suite("Marks of training sets")
struct TrainingSetMarkTests {
    @Test(arguments: TestEngine.available)
    func `several sources of the same marks are refused, and slips in --marks are told`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try SmallLUNA.folder()
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            try await FrozenSets.split(place) { $0.isOfficial = true }
            func refusal(
                recipe: String = "nodule-crop", _ change: @escaping (inout TrainingSetOptions) -> Void
            ) async -> String {
                let error = await #expect(throws: TrainingError.self) {
                    try await FrozenSets.create(place, recipe: recipe) { options in
                        options.domains = []
                        change(&options)
                    }
                }
                return error?.description ?? ""
            }
            let spheres = await refusal { options in
                options.sample = "volume"
                options.target = "spheres"
                options.marks = "target=nodule"
            }
            #expect(spheres.contains("name one of annotations, annotations_with_malignancy by --marks source="))
            let crops = await refusal(recipe: "brain-window-512") { options in
                options.sample = "crop"
                options.shape = "4x8x8"
                options.target = "labels"
                options.domains = ["nodule_candidate"]
            }
            #expect(crops.contains("several crops around one place; name one of candidates, candidates_V2 by --marks"))
            let slip = await refusal { options in
                options.target = "spheres"
                options.marks = "target=nodul"
            }
            #expect(slip.contains("--marks target=nodul: no mark of the split is of this target; did you mean "))
            #expect(slip.contains("target=nodule?"))
            let shape = await refusal { options in
                options.target = "mask"
                options.marks = "target=nodule"
            }
            #expect(shape.contains("nodule is marked by points with a diameter and not by masks; --target spheres"))
        }
    }

    @Test(arguments: TestEngine.available)
    func `slices whose mask could not be laid on are no negatives until it is mended`(
        engine: WarehouseEngine
    ) async throws {
        let (folder, home) = (try TemporaryFolder(), try TemporaryFolder())
        try folder.copy(try await Cohorts.smallICH().path("ich"), to: "ich")
        let mask = "ich/ct-ich-1.3.1/masks/049.nii"
        let original = try folder.read(mask)
        try folder.write(try Self.halfAsWide(original), to: mask)
        let images: SQL = """
            SELECT count(*) FROM slice JOIN series ON series.series_id = slice.series_id
            WHERE role = 'image' AND companion_of IS NULL
            """
        let unplaced: SQL = """
            SELECT count(*) FROM slice
            JOIN slice_source ON slice_source.slice_id = slice.slice_id
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
            WHERE source_file.relative_path LIKE '%ct_scans/049.nii'
            """
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            let findings = try await place.rows(
                "SELECT sentence FROM quality_finding WHERE check_name = 'mask_size_mismatch'")
            #expect(!findings.isEmpty)
            try await FrozenSets.split(place) { $0.folds = "all=1" }
            let all = try #require(try await place.count(images))
            let lost = try #require(try await place.count(unplaced))
            #expect(lost > 0 && lost < all)
            let made = try await FrozenSets.createMasks(place)
            #expect(made.sampleCount == all - lost)
            #expect(made.refused.map(\.reason) == ["mask_unplaced"] && made.refused.map(\.count) == [lost])

            try folder.write(original, to: mask)
            try await ingest.run(folder.path)
            let mended = try await FrozenSets.createMasks(place)
            #expect(mended.sampleCount == all && mended.refused.isEmpty)
            #expect(try await place.brokenPromises() == [])
        }
    }

    /// What another reader marks there does not say what the mask shows, nor does the mask what it does not draw.
    @Test(arguments: TestEngine.available)
    func `images whose mask has no place are no negatives of what it draws, whoever else marked them`(
        engine: WarehouseEngine
    ) async throws {
        let (folder, home) = (try TemporaryFolder(), try TemporaryFolder())
        try folder.copy(try await Cohorts.smallICH().path("ich/ct-ich-1.3.1"), to: "ich")
        let original = try folder.read("ich/masks/049.nii")
        try folder.write(try PlacedNIfTI(original).moved(x: 20), to: "ich/masks/049.nii")
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            try await ingest.run(folder.path)
            let image = try await Self.volume(place, "%ct_scans/049.nii")
            let other = try await Self.volume(place, "%ct_scans/058.nii").count
            try await Self.markTumour(place, on: image)
            try await FrozenSets.split(place) { $0.folds = "all=1" }
            let blood = try await FrozenSets.createMasks(place, marks: "target=haemorrhage")
            #expect(blood.sampleCount == other)
            #expect(blood.refused.map(\.reason) == ["mask_unplaced"] && blood.refused.map(\.count) == [image.count])
            let tumour = try await FrozenSets.createMasks(place, marks: "target=tumour")
            #expect(tumour.sampleCount == image.count + other && tumour.refused.isEmpty)

            try folder.write(original, to: "ich/masks/049.nii")
            try await ingest.run(folder.path)
            let mended = try await FrozenSets.createMasks(place, marks: "target=haemorrhage")
            #expect(mended.sampleCount == image.count + other && mended.refused.isEmpty)

            // As of a segmentation whose frames have another size.
            let mask = try #require(
                try await place.rows("SELECT series_id FROM series WHERE companion_of = \(image.seriesID)").first)
            try await FrozenSets.write(
                place,
                """
                INSERT INTO quality_finding (quality_finding_id, check_name, severity, level, patient_id, series_id,
                    sentence, detail, ingest_run_id)
                VALUES (77, 'mask_size_mismatch', 'warning', 'series', \(image.patientID),
                    \(try mask.get("series_id", as: Int64.self)), 'another size',
                    '{"marks": [{"kind": "mask", "reader": "maker:1", "target": "tumour"}]}', \(image.runID))
                """)
            let unplaced = try await FrozenSets.createMasks(place, marks: "target=tumour")
            #expect(unplaced.sampleCount == other)
            #expect(unplaced.refused.map(\.reason) == ["mask_unplaced"])
            let same = try await FrozenSets.createMasks(place, marks: "target=haemorrhage")
            #expect(same.sampleCount == image.count + other && same.refused.isEmpty)
        }
    }

    /// Another reader marked one series; of the others nothing is known from this one.
    @Test(arguments: TestEngine.available)
    func `with a reader, negatives are what this reader read`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(cohort.path("ich"))
            try await FrozenSets.split(place) { $0.folds = "all=1" }
            let all = try await FrozenSets.createMasks(place)
            #expect(all.refused.isEmpty)
            let marked = try await place.rows(
                """
                SELECT annotation.annotation_id, annotation.series_id FROM annotation
                JOIN annotation_mask ON annotation_mask.annotation_id = annotation.annotation_id
                ORDER BY annotation.annotation_id LIMIT 1
                """)
            let (annotation, series): (Int64, Int64) = (try marked[0].get(at: 0), try marked[0].get(at: 1))
            try await FrozenSets.write(
                place,
                """
                INSERT INTO reader (reader_id, dataset_id, reader_key, kind)
                SELECT 77, patient.dataset_id, 'r1', 'human' FROM series
                JOIN patient ON patient.patient_id = series.patient_id WHERE series.series_id = \(series)
                """)
            try await FrozenSets.write(
                place, "UPDATE annotation SET reader_id = 77 WHERE annotation_id = \(annotation)")
            func slices(_ series: Int64) async throws -> Int? {
                try await place.count("SELECT count(*) FROM slice WHERE series_id = \(series)")
            }
            let own = try #require(try await slices(series))
            let theirs = try await FrozenSets.createMasks(place, marks: "reader=r1")
            #expect(theirs.sampleCount == own)
            #expect(theirs.refused.map(\.reason) == ["not_read"])
            #expect(theirs.refused.map(\.count) == [all.sampleCount - own])
            // The reader looks at another one, and finds nothing.
            let other = try await place.rows(
                """
                SELECT series_id FROM series
                WHERE role = 'image' AND companion_of IS NULL AND series_id <> \(series) ORDER BY series_id LIMIT 1
                """)
            let negative: Int64 = try other[0].get(at: 0)
            try await FrozenSets.write(
                place,
                """
                INSERT INTO reading (patient_id, series_id, reader_id)
                SELECT patient_id, series_id, 77 FROM series WHERE series_id = \(negative)
                """)
            let more = try #require(try await slices(negative))
            #expect(try await FrozenSets.createMasks(place, marks: "reader=r1").sampleCount == own + more)
        }
    }

    @Test(arguments: TestEngine.available)
    func `samples of series that a named source has no mark on are told`(engine: WarehouseEngine) async throws {
        let cohort = try SmallLUNA.folder()
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            try await FrozenSets.split(place) { $0.isOfficial = true }
            // One series that only the other source marks.
            try await FrozenSets.write(
                place,
                """
                UPDATE annotation SET label_source_id = (
                    SELECT label_source_id FROM label_source WHERE name = 'annotations_with_malignancy')
                WHERE label_source_id = (SELECT label_source_id FROM label_source WHERE name = 'annotations')
                    AND series_id = (SELECT min(marked.series_id) FROM annotation AS marked
                        JOIN label_source ON label_source.label_source_id = marked.label_source_id
                        WHERE label_source.name = 'annotations')
                """)
            let silent = try await place.count(
                """
                SELECT count(*) FROM series WHERE role = 'image' AND series_id NOT IN (
                    SELECT annotation.series_id FROM annotation
                    JOIN label_source ON label_source.label_source_id = annotation.label_source_id
                    WHERE label_source.name = 'annotations')
                """)
            let report = try await FrozenSets.create(place, recipe: "nodule-crop") { options in
                options.sample = "volume"
                options.target = "spheres"
                options.domains = []
                options.marks = "source=annotations"
            }
            let count = try #require(silent)
            #expect(count > 0 && report.notes.count == 1)
            let note = try #require(report.notes.first)
            #expect(note.hasPrefix("\(count) of the \(report.sampleCount) samples are of series"))
            let slip = await #expect(throws: TrainingError.self) {
                try await FrozenSets.create(place) { options in
                    options.sample = "crop"
                    options.shape = "4x8x8"
                    options.target = "labels"
                    options.domains = ["nodule_candidate"]
                    options.marks = "target=candidate"
                }
            }
            #expect(slip?.description.contains("--marks target=candidate: no mark of the split is of this") == true)
            #expect(slip?.description.contains("did you mean target=nodule-candidate?") == true)
        }
    }

    // MARK: Steps

    private struct Volume {
        let patientID: Int64
        let seriesID: Int64
        /// Slices.
        let count: Int
        let runID: Int64
    }

    /// The series of a file.
    private static func volume(_ place: TestWarehouse, _ path: String) async throws -> Volume {
        let rows = try await place.rows(
            """
            SELECT slice.patient_id, slice.series_id, count(*), max(series.ingest_run_id) FROM slice
            JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
            JOIN slice_source ON slice_source.patient_id = slice.patient_id
                AND slice_source.slice_id = slice.slice_id
            JOIN source_file ON source_file.source_file_id = slice_source.source_file_id
            WHERE source_file.relative_path LIKE \(path)
            GROUP BY slice.patient_id, slice.series_id
            """)
        let row = try #require(rows.first)
        return Volume(
            patientID: try row.get(at: 0), seriesID: try row.get(at: 1), count: try row.get(at: 2),
            runID: try row.get(at: 3))
    }

    /// A second reader marks one slice of a volume.
    private static func markTumour(_ place: TestWarehouse, on volume: Volume) async throws {
        try await FrozenSets.write(
            place,
            """
            INSERT INTO reader (reader_id, dataset_id, reader_key, kind)
            SELECT 77, dataset_id, 'r1', 'human' FROM dataset
            """)
        try await FrozenSets.write(
            place,
            """
            INSERT INTO reading (patient_id, series_id, reader_id)
            VALUES (\(volume.patientID), \(volume.seriesID), 77)
            """)
        try await FrozenSets.write(
            place,
            """
            INSERT INTO annotation (patient_id, annotation_id, series_id, reader_id, annotation_key, kind, target, rule,
                ingest_run_id)
            VALUES (\(volume.patientID), 77, \(volume.seriesID), 77, 'tumour', 'mask', 'tumour', '{}', \(volume.runID))
            """)
        try await FrozenSets.write(
            place,
            """
            INSERT INTO annotation_mask (patient_id, annotation_id, slice_id, rle, voxel_count, first_row, last_row,
                first_column, last_column)
            SELECT slice.patient_id, 77, slice.slice_id, given.rle, given.voxel_count, given.first_row, given.last_row,
                given.first_column, given.last_column
            FROM slice, (
                SELECT rle, voxel_count, first_row, last_row, first_column, last_column FROM annotation_mask
                ORDER BY slice_id LIMIT 1
            ) AS given
            WHERE slice.patient_id = \(volume.patientID) AND slice.series_id = \(volume.seriesID)
                AND slice.slice_index = 0
            """)
    }

    /// Every second voxel of the rows of a NIfTI-1 volume. **Source** nifti1.h: dim at 40, bitpix at 72, vox_offset at
    /// 108.
    private static func halfAsWide(_ bytes: [UInt8]) throws -> [UInt8] {
        func number(at offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
        let offset = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[108 + $1]) << (8 * UInt32($1)) }
        let start = Int(Float(bitPattern: offset))
        let width = number(at: 72) / 8
        let columns = number(at: 42)
        try #require(columns % 2 == 0)
        var half = Array(bytes[..<start])
        half[42] = UInt8((columns / 2) & 0xff)
        half[43] = UInt8(columns >> 9)
        for voxel in stride(from: start, to: bytes.count, by: 2 * width) { half += bytes[voxel..<voxel + width] }
        return half
    }
}
