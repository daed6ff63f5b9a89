import CanonicalJSON
import SQLInterface
import TestSupport
import Testing
import Training
import Warehouse

/// Digests, targets and places of frozen samples, beside what Python computes from the rows.
@Suite("Training sets beside Python")
struct TrainingSetOracleTests {
    @Test func `the digest, the targets and the order are those that Python computes from the rows`() async throws {
        try await TestWarehouse.with(.sqlite) { place in
            try await SyntheticCatalogue().write(to: place)
            try await FrozenSets.split(place)
            try await FrozenSets.create(place) { options in
                options.classWeights = "balanced"
                options.oversample = "balanced"
            }
            try await Self.expectOracleAgrees(place, samples: 60)
        }
    }

    @Test func `masks, contexts and volumes of CT-ICH are those that Python computes from the rows`() async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(.sqlite) { place in
            try await TestIngest(into: place, home: home).run(cohort.path("ich"))
            try await FrozenSets.split(place) { $0.folds = "train=0.5,test=0.5" }
            let slices = try await place.count(
                """
                SELECT count(*) FROM slice JOIN series ON series.series_id = slice.series_id
                WHERE role = 'image' AND companion_of IS NULL
                """)
            let markedSlices = try await place.count("SELECT count(DISTINCT slice_id) FROM annotation_mask")
            for (version, sample) in ["slice", "context", "volume"].enumerated() {
                // A volume has no slice that its mask could be of, unless slices are an axis.
                let recipe = sample == "volume" ? "nodule-crop" : "brain-window-512"
                let report = try await FrozenSets.create(place, recipe: recipe) { options in
                    options.domains = []
                    options.sample = sample
                    options.context = 3
                    options.target = "mask"
                }
                #expect(report.version == version + 1)
                if sample != "volume" { #expect(report.sampleCount == slices) }
                let marked = try report.folds.rows.map { try $0.get("marked", as: Int.self) }.reduce(0, +)
                if sample != "volume" { #expect(marked == markedSlices) }
                try await Self.expectOracleAgrees(place, version: version + 1, samples: report.sampleCount)
            }
            let ends = try await place.rows(
                """
                SELECT slice.slice_index FROM training_sample_slice AS part
                JOIN slice ON slice.slice_id = part.slice_id
                JOIN training_sample AS sample ON sample.training_set_id = part.training_set_id
                    AND sample.sample_number = part.sample_number
                JOIN slice AS centre ON centre.slice_id = sample.slice_id
                JOIN training_set ON training_set.training_set_id = part.training_set_id
                WHERE centre.slice_index = 1 AND training_set.sample_kind = 'context'
                ORDER BY part.sample_number, part.slice_ordinal LIMIT 7
                """)
            #expect(try ends.map { try $0.get(at: 0, as: Int.self) } == [0, 0, 0, 1, 2, 3, 4])
            #expect(try await SyntheticCatalogue.brokenPromises(of: place) == [])
        }
    }

    @Test func `crops of LUNA16 begin where NumPy puts them, and spheres are where the table says`() async throws {
        let cohort = try SmallLUNA.folder()
        try await TestWarehouse.with(.sqlite) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            try await FrozenSets.split(place) { $0.isOfficial = true }
            let crops = try await FrozenSets.create(place) { options in
                options.sample = "crop"
                options.shape = "4x8x8"
                options.target = "labels"
                options.domains = ["nodule_candidate"]
                options.marks = "source=candidates"
            }
            #expect(crops.sampleCount > 10)
            try await Self.expectOracleAgrees(place, samples: crops.sampleCount, crops: crops.sampleCount)
            let volumes = try await FrozenSets.create(place, recipe: "nodule-crop") { options in
                options.sample = "volume"
                options.target = "spheres"
                options.domains = []
                options.marks = "source=annotations"
            }
            #expect(volumes.sampleCount == 10)
            let rows = try await place.rows(
                """
                SELECT sample.target, annotation.centre_column, annotation.diameter_mm, series.column_spacing_mm
                FROM training_sample AS sample
                JOIN annotation ON annotation.series_id = sample.series_id
                JOIN series ON series.series_id = sample.series_id
                JOIN label_source ON label_source.label_source_id = annotation.label_source_id
                JOIN training_set ON training_set.training_set_id = sample.training_set_id
                WHERE label_source.name = 'annotations' AND training_set.target_kind = 'spheres'
                """)
            #expect(rows.count == 10)
            for row in rows {
                let sphere = try JSONValue(parsing: row.get(at: 0)).array?.first?.array?.compactMap(\.number)
                let column: Double = try row.get(at: 1)
                #expect(sphere?.count == 6 && sphere?[2] == column)
                let diameter: Double = try row.get(at: 2)
                let spacing: Double = try row.get(at: 3)
                #expect(sphere?[5] == diameter / 2 / spacing)
            }
        }
    }

    // MARK: Steps

    private static func expectOracleAgrees(
        _ place: TestWarehouse, version: Int = 1, samples: Int, crops: Int = 0
    ) async throws {
        let path = String(place.url.dropFirst("sqlite:".count))
        let rows = try await PythonScript("training-set-oracle").table([path, "t", String(version)])
        let said = Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
        #expect(said["digest"] == said["stored"])
        #expect(said["samples"] == String(samples) && said["pixels"] == String(samples))
        #expect(said["targets"] == String(samples))
        #expect(said["crops"] == String(crops))
    }
}
