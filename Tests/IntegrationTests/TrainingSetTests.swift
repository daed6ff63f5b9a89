import CanonicalJSON
import Foundation
import Phantom
import SQLInterface
import TestSupport
import Testing
import Training
import Warehouse

/// Frozen training sets: what is in them, what is left out, and what cannot be stored.
@Suite("Training sets")
struct TrainingSetTests {
    @Test(arguments: TestEngine.available)
    func `the same definition is found again, and another one is the next version`(engine: WarehouseEngine) async throws
    {
        try await TestWarehouse.with(engine) { place in
            try await SyntheticCatalogue().write(to: place)
            try await Self.split(place)
            let first = try await Self.create(place)
            #expect(first.version == 1 && !first.isKnown && first.sampleCount == 60)
            let again = try await Self.create(place)
            #expect(again.version == 1 && again.isKnown && again.digest == first.digest)
            let other = try await Self.create(place) { $0.conflicts = "max" }
            #expect(other.version == 2 && !other.isKnown && other.digest != first.digest)
            // The earlier one is found, not made a third time.
            #expect(try await Self.create(place).version == 1)
            await #expect(throws: TrainingError.self) {
                try await Self.create(place, expected: Array(repeating: 0, count: 32)) { $0.missing = "null" }
            }
            #expect(try await place.count("SELECT count(*) FROM training_set") == 2)
            #expect(try await SyntheticCatalogue.brokenPromises(of: place) == [])
        }
    }

    @Test func `the digest, the targets and the order are those that Python computes from the rows`() async throws {
        try await TestWarehouse.with(.sqlite) { place in
            try await SyntheticCatalogue().write(to: place)
            try await Self.split(place)
            try await Self.create(place) { options in
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
            try await Self.split(place) { $0.folds = "train=0.5,test=0.5" }
            let slices = try await place.count(
                """
                SELECT count(*) FROM slice JOIN series ON series.series_id = slice.series_id
                WHERE role = 'image' AND companion_of IS NULL
                """)
            let markedSlices = try await place.count("SELECT count(DISTINCT slice_id) FROM annotation_mask")
            for (version, sample) in ["slice", "context", "volume"].enumerated() {
                // A volume has no slice that its mask could be of, unless slices are an axis.
                let recipe = sample == "volume" ? "nodule-crop" : "brain-window-512"
                let report = try await Self.create(place, recipe: recipe) { options in
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
        let cohort = try Self.luna()
        try await TestWarehouse.with(.sqlite) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            try await Self.split(place) { $0.isOfficial = true }
            let crops = try await Self.create(place) { options in
                options.sample = "crop"
                options.shape = "4x8x8"
                options.target = "labels"
                options.domains = ["nodule_candidate"]
                options.marks = "source=candidates"
            }
            #expect(crops.sampleCount > 10)
            try await Self.expectOracleAgrees(place, samples: crops.sampleCount, crops: crops.sampleCount)
            let volumes = try await Self.create(place, recipe: "nodule-crop") { options in
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

    @Test(.enabled(if: TestEngine.hasPostgreSQL, Comment(rawValue: TestEngine.isMissing)))
    func `both engines freeze the same rows under the same digest`() async throws {
        let cohort = try await Cohorts.wholeICH()
        let home = try TemporaryFolder()
        var contents: [WarehouseContents] = []
        for engine in TestEngine.available {
            try await TestWarehouse.with(engine) { place in
                try await TestIngest(into: place, home: home).run(cohort.path("ich"))
                try await Self.split(place) { $0.stratify = "haemorrhage" }
                try await Self.create(place, "masks") { options in
                    options.target = "mask"
                    options.domains = []
                    options.classWeights = "sqrt"
                    options.oversample = "3"
                }
                try await Self.create(place, "types") { options in
                    options.domains = ["epidural", "subdural", "fracture"]
                    options.missing = "null"
                    options.classWeights = "balanced"
                    options.oversample = "balanced"
                    options.sample = "context"
                }
                contents.append(try await WarehouseContents(of: place))
            }
        }
        for table in ["recipe", "training_set", "training_sample", "training_sample_slice"] {
            #expect(contents[0].tables[table]?.isEmpty == false)
        }
        let differences = contents[0].differences(from: contents[1]).filter { $0.hasPrefix("training") }
        #expect(differences == [])
    }

    @Test(arguments: TestEngine.available)
    func `labels that are missing or contradict each other follow the rule`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            try await Self.split(place)
            // One slice loses its value; of another a second reader says the opposite (absent there).
            try await Self.write(
                place,
                """
                UPDATE label_value SET status = 'quarantined', label_term_id = NULL, reason = 'test'
                WHERE label_id = (SELECT label_id FROM label WHERE slice_id = \(catalogue.sliceID(0, 0)))
                """)
            try await Self.contradict(place, slice: catalogue.sliceID(1, 1))
            let counts = try await [("drop", "drop"), ("null", "drop"), ("drop", "max"), ("null", "null")].asyncMap {
                missing, conflicts in
                try await Self.create(place) { options in
                    options.missing = missing
                    options.conflicts = conflicts
                }
            }
            #expect(counts.map(\.sampleCount) == [58, 59, 59, 60])
            #expect(counts[0].refused.map(\.reason) == ["no_value", "conflict"])
            #expect(counts[0].refused[0].sentence == "without a clean value of finding; --missing null keeps them")
            #expect(counts[0].refused.map(\.count) == [1, 1])
            func target(_ version: Int, _ slice: Int64) async throws -> String? {
                let rows = try await place.rows(
                    """
                    SELECT target FROM training_sample
                    WHERE slice_id = \(slice) AND training_set_id = (
                        SELECT training_set_id FROM training_set WHERE version = \(version))
                    """)
                return try rows.first?.get(at: 0, as: String.self)
            }
            #expect(try await target(2, catalogue.sliceID(0, 0)) == "[null]")
            #expect(try await target(3, catalogue.sliceID(1, 1)) == "[1]")
            #expect(try await target(4, catalogue.sliceID(1, 1)) == "[null]")
        }
    }

    @Test(arguments: TestEngine.available)
    func `variants, masks and patients without a fold stay outside`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            try await Self.split(place)
            catalogue.patients = 20..<22
            try await catalogue.write(to: place)
            try await Self.write(
                place, "UPDATE series SET is_trainable = \(false) WHERE series_id = \(catalogue.seriesID(3))")
            try await Self.write(
                place, "UPDATE series SET role = 'localizer' WHERE series_id = \(catalogue.seriesID(4))")
            let query = UserQuery("-- all of them\nSELECT slice_id FROM slice -- and nothing else\n; ")
            let report = try await Self.create(place) { $0.query = query }
            #expect(report.sampleCount == 54)
            #expect(
                Dictionary(uniqueKeysWithValues: report.refused.map { ($0.reason, $0.count) })
                    == ["not_image": 3, "variant": 3, "no_fold": 6])
            let all = try await Self.create(place) { options in
                options.query = query
                options.includesVariants = true
            }
            #expect(all.sampleCount == 57)
            await #expect(throws: TrainingError.self) {
                try await Self.create(place) { $0.query = UserQuery("SELECT series_id FROM series") }
            }
            await #expect(throws: TrainingError.self) {
                try await Self.create(place) { $0.query = UserQuery("DELETE FROM slice RETURNING slice_id") }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a sample cannot be stored in another fold than its patient's`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            try await SyntheticCatalogue().write(to: place)
            try await Self.split(place)
            try await Self.create(place)
            for statement in [
                "UPDATE training_sample SET fold = CASE WHEN fold = 'train' THEN 'test' ELSE 'train' END",
                "UPDATE training_sample SET fold = 'holdout' WHERE sample_number = 0",
                "UPDATE split_assignment SET fold = CASE WHEN fold = 'train' THEN 'test' ELSE 'train' END",
            ] as [SQL] {
                await #expect(throws: (any Error).self, "\(statement.text)") { try await Self.write(place, statement) }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `the audit finds changed rows, labels, pixels and identities`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            try await Self.split(place)
            try await Self.create(place)
            func checks() async throws -> [String: Int] {
                let findings = try await place.open { try await TrainingSetAudit($0).run("t@1") }
                return Dictionary(uniqueKeysWithValues: findings.map { ($0.check, $0.count) })
            }
            #expect(try await checks() == [:])
            catalogue.patients = 20..<23
            try await catalogue.write(to: place)
            _ = try await place.open(.write(create: false)) { try await SplitExtension($0).extend("s") }
            #expect(try await checks() == ["would_join": 9])
            try await Self.write(
                place,
                """
                UPDATE label_value SET label_term_id = (SELECT label_term_id FROM label_term WHERE name = 'present')
                WHERE label_id = (SELECT label_id FROM label WHERE slice_id = \(catalogue.sliceID(0, 0)))
                """)
            #expect(try await checks() == ["would_join": 9, "targets": 1])
            try await Self.write(
                place,
                "UPDATE slice SET pixel_digest = \([UInt8](repeating: 9, count: 32)) WHERE slice_id = \(catalogue.sliceID(1, 0))"
            )
            #expect(try await checks() == ["would_join": 9, "targets": 1, "pixels": 1])
            try await Self.write(place, "UPDATE training_sample SET weight = 2 WHERE sample_number = 5")
            #expect(try await checks()["digest"] == 1)
            let folds = try await place.rows("SELECT patient_id, fold FROM split_assignment ORDER BY patient_id")
            let one = try #require(try folds.first { try $0.get(at: 1, as: String.self) == "train" })
            let other = try #require(try folds.first { try $0.get(at: 1, as: String.self) != "train" })
            let pair: [Int64] = [try one.get(at: 0), try other.get(at: 0)].sorted()
            try await Self.write(
                place,
                """
                INSERT INTO patient_alias (patient_id, alias_patient_id, reason, evidence, created_at)
                VALUES (\(pair[0]), \(pair[1]), 'declared', 'test', \(SQLTimestamp(microseconds: 0)))
                """)
            #expect(try await checks()["identity_in_one_fold"] == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a set whose query fails is told, and the others are looked at all the same`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            let catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            try await Self.split(place)
            try await place.script("CREATE TABLE picked AS SELECT slice_id FROM slice")
            try await Self.create(place, "a") { $0.query = UserQuery("SELECT slice_id FROM picked") }
            try await Self.create(place, "b")
            try await place.script("DROP TABLE picked")
            func checks(_ name: String?) async throws -> [String] {
                let findings = try await place.open { try await TrainingSetAudit($0).run(name) }
                return findings.map { "\($0.subject) \($0.check) \($0.count)" }.sorted()
            }
            #expect(try await checks(nil) == ["a@1 query 1"])
            try await Self.write(
                place,
                "UPDATE slice SET pixel_digest = \([UInt8](repeating: 9, count: 32)) WHERE slice_id = \(catalogue.sliceID(1, 0))"
            )
            // What the rows alone say of the first is said too.
            #expect(try await checks(nil) == ["a@1 pixels 1", "a@1 query 1", "b@1 pixels 1"])
            #expect(try await checks("a") == ["a@1 pixels 1", "a@1 query 1"])
            await #expect(throws: TrainingError.self) { try await checks("c") }
            let home = try TemporaryFolder()
            let run = try await Program(home: home).run("training-set", "check", "--json", "--database", place.url)
            withExtendedLifetime(home) {}
            #expect(run.exitCode == 65 && run.error.isEmpty, "\(run.error)")
            let lines = try run.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            let query = try #require(lines.first { $0["check"]?.string == "query" })
            #expect(query["training_set"]?.string == "a@1" && query["severity"]?.string == "error")
            #expect(query["what"]?.string?.contains("picked") == true, "\(run.output)")
            #expect(lines.contains { $0["training_set"]?.string == "b@1" })
        }
    }

    @Test(arguments: TestEngine.available)
    func `weights are scikit-learn's, and a plan repeats what is rare`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            try await SyntheticCatalogue().write(to: place)
            try await Self.split(place) { $0.folds = "all=1" }
            try await Self.create(place) { options in
                options.target = "grade"
                options.classWeights = "balanced"
                options.oversample = "balanced"
            }
            let rows = try await place.rows("SELECT class_weights, sampling_plan FROM training_set")
            let weights = try JSONValue(parsing: rows[0].get(at: 0))
            // 7 of 60 are positive: compute_class_weight("balanced") gives 60 / (2 × 53) and 60 / (2 × 7).
            #expect(weights["classes"]?["0"]?["weight"]?.number == 60.0 / 106)
            #expect(weights["classes"]?["1"]?["weight"]?.number == 60.0 / 14)
            let plan = try JSONValue(parsing: rows[0].get(at: 1))
            #expect(plan["classes"]?["1"]?["times"]?.number == 8)
            let repeated = plan["repeats"]?.array ?? []
            #expect(repeated.count == 7 && repeated.allSatisfy { $0.array?.last == 8 })
            let weighed = try await place.rows(
                "SELECT target, weight FROM training_sample WHERE weight > 1 ORDER BY sample_number")
            #expect(try weighed.count == 7 && weighed.allSatisfy { try $0.get(at: 1, as: Double.self) == 60.0 / 14 })
        }
    }

    @Test(arguments: TestEngine.available)
    func `weights and plan of a k-fold split are of all folds but the one that is held out`(
        engine: WarehouseEngine
    ) async throws {
        try await TestWarehouse.with(engine) { place in
            try await SyntheticCatalogue().write(to: place)
            try await Self.split(place) { options in
                options.foldCount = 3
                options.method = "balanced"
            }
            try await Self.create(place) { options in
                options.target = "grade"
                options.classWeights = "balanced"
                options.oversample = "balanced"
            }
            let rows = try await place.rows("SELECT class_weights, sampling_plan, parameters FROM training_set")
            let weights = try JSONValue(parsing: rows[0].get(at: 0))
            let plan = try JSONValue(parsing: rows[0].get(at: 1))
            #expect(try JSONValue(parsing: rows[0].get(at: 2))["train_fold"] == .null)
            #expect(weights["fold"] == .null && plan["fold"] == .null && plan["repeats"] == nil)
            let counts = try await place.rows(
                """
                SELECT fold, sum(CASE WHEN CAST(target AS text) = '1' THEN 1 ELSE 0 END) AS positive,
                    count(*) AS total FROM training_sample GROUP BY fold
                """
            ).map { row -> (fold: String, positive: Int, total: Int) in
                (try row.get(at: 0), try row.get(at: 1), try row.get(at: 2))
            }
            #expect(counts.count == 3)
            for held in counts {
                let rest = counts.filter { $0.fold != held.fold }
                let total = rest.reduce(0) { $0 + $1.total }
                let positive = rest.reduce(0) { $0 + $1.positive }
                // compute_class_weight("balanced") of scikit-learn, and halves rounded up.
                let round = weights["held_out"]?[held.fold]?["classes"]
                #expect(round?["1"]?["count"]?.number == Double(positive))
                #expect(round?["1"]?["weight"]?.number == Double(total) / Double(2 * positive))
                #expect(round?["0"]?["weight"]?.number == Double(total) / Double(2 * (total - positive)))
                let times = (Double(total - positive) / Double(positive)).rounded(.toNearestOrAwayFromZero)
                #expect(plan["held_out"]?[held.fold]?["1"]?["times"]?.number == times)
            }
            let stored = try await place.rows(
                "SELECT CAST(target AS text), weight FROM training_sample ORDER BY sample_number")
            let classes = (plan["sample_classes"]?["samples"]?.array ?? []).compactMap(\.number)
            #expect(try stored.map { try $0.get(at: 0, as: String.self) } == classes.map { $0 == 1 ? "1" : "0" })
            #expect(try stored.allSatisfy { try $0.get(at: 1, as: Double.self) == 1 })
            await #expect(throws: TrainingError.self) {
                try await Self.create(place) { options in
                    options.oversample = "balanced"
                    options.trainFold = "fold-0+fold-3"
                }
            }
            await #expect(throws: TrainingError.self) { try await Self.create(place) { $0.trainFold = "fold-0" } }
        }
    }

    @Test(arguments: TestEngine.available)
    func `patients whom a split is not about are told from those who came later`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            var catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            var other = SyntheticCatalogue()
            other.dataset = "elsewhere"
            other.patients = 0..<5
            try await other.write(to: place)
            try await Self.split(place) { $0.datasets = ["synthetic"] }
            catalogue.patients = 20..<22
            try await catalogue.write(to: place)
            let report = try await Self.create(place)
            #expect(report.refused.map(\.reason) == ["no_fold", "outside_split"])
            #expect(report.refused.map(\.count) == [6, 15])
            #expect(report.refused[0].sentence.contains("slicehouse split extend s gives them one"))
            #expect(report.refused[1].sentence.contains("whom split s is not about, by its --dataset or --query"))
            _ = try await place.open(.write(create: false)) { try await SplitExtension($0).extend("s") }
            #expect(try await Self.create(place).refused.map(\.reason) == ["outside_split"])
            // Row 20 and on are the other fold, and whoever the table does not have has none.
            try await Self.split(place) { options in
                options.name = "rows"
                options.firstRows = 20
                options.datasets = ["synthetic"]
            }
            catalogue.patients = 22..<23
            catalogue.hasLabels = false
            try await catalogue.write(to: place)
            let given = try await Self.create(place, "given") { options in
                options.split = "rows"
                options.target = "none"
                options.domains = []
            }
            #expect(given.refused.map(\.reason) == ["outside_split", "fold_not_given"])
            #expect(given.refused.map(\.count) == [15, 3])
        }
    }

    @Test(arguments: TestEngine.available)
    func `several sources of the same marks are refused, and slips in --marks are told`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try Self.luna()
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            try await Self.split(place) { $0.isOfficial = true }
            func refusal(
                recipe: String = "nodule-crop", _ change: @escaping (inout TrainingSetOptions) -> Void
            ) async -> String {
                let error = await #expect(throws: TrainingError.self) {
                    try await Self.create(place, recipe: recipe) { options in
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
            try await Self.split(place) { $0.folds = "all=1" }
            let all = try #require(try await place.count(images))
            let lost = try #require(try await place.count(unplaced))
            #expect(lost > 0 && lost < all)
            let made = try await Self.createMasks(place)
            #expect(made.sampleCount == all - lost)
            #expect(made.refused.map(\.reason) == ["mask_unplaced"] && made.refused.map(\.count) == [lost])

            try folder.write(original, to: mask)
            try await ingest.run(folder.path)
            let mended = try await Self.createMasks(place)
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
            try await Self.split(place) { $0.folds = "all=1" }
            let blood = try await Self.createMasks(place, marks: "target=haemorrhage")
            #expect(blood.sampleCount == other)
            #expect(blood.refused.map(\.reason) == ["mask_unplaced"] && blood.refused.map(\.count) == [image.count])
            let tumour = try await Self.createMasks(place, marks: "target=tumour")
            #expect(tumour.sampleCount == image.count + other && tumour.refused.isEmpty)

            try folder.write(original, to: "ich/masks/049.nii")
            try await ingest.run(folder.path)
            let mended = try await Self.createMasks(place, marks: "target=haemorrhage")
            #expect(mended.sampleCount == image.count + other && mended.refused.isEmpty)

            // As of a segmentation whose frames have another size.
            let mask = try #require(
                try await place.rows("SELECT series_id FROM series WHERE companion_of = \(image.seriesID)").first)
            try await Self.write(
                place,
                """
                INSERT INTO quality_finding (quality_finding_id, check_name, severity, level, patient_id, series_id,
                    sentence, detail, ingest_run_id)
                VALUES (77, 'mask_size_mismatch', 'warning', 'series', \(image.patientID),
                    \(try mask.get("series_id", as: Int64.self)), 'another size',
                    '{"marks": [{"kind": "mask", "reader": "maker:1", "target": "tumour"}]}', \(image.runID))
                """)
            let unplaced = try await Self.createMasks(place, marks: "target=tumour")
            #expect(unplaced.sampleCount == other)
            #expect(unplaced.refused.map(\.reason) == ["mask_unplaced"])
            let same = try await Self.createMasks(place, marks: "target=haemorrhage")
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
            try await Self.split(place) { $0.folds = "all=1" }
            let all = try await Self.createMasks(place)
            #expect(all.refused.isEmpty)
            let marked = try await place.rows(
                """
                SELECT annotation.annotation_id, annotation.series_id FROM annotation
                JOIN annotation_mask ON annotation_mask.annotation_id = annotation.annotation_id
                ORDER BY annotation.annotation_id LIMIT 1
                """)
            let (annotation, series): (Int64, Int64) = (try marked[0].get(at: 0), try marked[0].get(at: 1))
            try await Self.write(
                place,
                """
                INSERT INTO reader (reader_id, dataset_id, reader_key, kind)
                SELECT 77, patient.dataset_id, 'r1', 'human' FROM series
                JOIN patient ON patient.patient_id = series.patient_id WHERE series.series_id = \(series)
                """)
            try await Self.write(
                place, "UPDATE annotation SET reader_id = 77 WHERE annotation_id = \(annotation)")
            func slices(_ series: Int64) async throws -> Int? {
                try await place.count("SELECT count(*) FROM slice WHERE series_id = \(series)")
            }
            let own = try #require(try await slices(series))
            let theirs = try await Self.createMasks(place, marks: "reader=r1")
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
            try await Self.write(
                place,
                """
                INSERT INTO reading (patient_id, series_id, reader_id)
                SELECT patient_id, series_id, 77 FROM series WHERE series_id = \(negative)
                """)
            let more = try #require(try await slices(negative))
            #expect(try await Self.createMasks(place, marks: "reader=r1").sampleCount == own + more)
        }
    }

    @Test(arguments: TestEngine.available)
    func `samples of series that a named source has no mark on are told`(engine: WarehouseEngine) async throws {
        let cohort = try Self.luna()
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: cohort).run(cohort.path("luna"))
            try await Self.split(place) { $0.isOfficial = true }
            // One series that only the other source marks.
            try await Self.write(
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
            let report = try await Self.create(place, recipe: "nodule-crop") { options in
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
                try await Self.create(place) { options in
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
        try await write(
            place,
            """
            INSERT INTO reader (reader_id, dataset_id, reader_key, kind)
            SELECT 77, dataset_id, 'r1', 'human' FROM dataset
            """)
        try await write(
            place,
            """
            INSERT INTO reading (patient_id, series_id, reader_id)
            VALUES (\(volume.patientID), \(volume.seriesID), 77)
            """)
        try await write(
            place,
            """
            INSERT INTO annotation (patient_id, annotation_id, series_id, reader_id, annotation_key, kind, target, rule,
                ingest_run_id)
            VALUES (\(volume.patientID), 77, \(volume.seriesID), 77, 'tumour', 'mask', 'tumour', '{}', \(volume.runID))
            """)
        try await write(
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

    @discardableResult
    private static func createMasks(
        _ place: TestWarehouse, marks: String? = nil
    ) async throws -> TrainingSetCreation.Report {
        try await create(place) { options in
            options.target = "mask"
            options.domains = []
            options.marks = marks
        }
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

    private static func luna() throws -> TemporaryFolder {
        let cohort = try TemporaryFolder()
        var options = LUNA16Options()
        options.matrixSize = 32
        options.slices = 6
        options.candidatesPerSeries = 2
        _ = try LUNA16Phantom(options).write(to: cohort.path("luna"))
        return cohort
    }

    private static func split(
        _ place: TestWarehouse, _ change: (inout SplitOptions) -> Void = { _ in }
    ) async throws {
        var options = SplitOptions()
        options.name = "s"
        change(&options)
        let request = try options.resolve()
        try await place.open(.write(create: false)) { warehouse in
            _ = try await SplitCreation(warehouse, clock: { SQLTimestamp(microseconds: 0) }).create(request)
        }
    }

    @discardableResult
    private static func create(
        _ place: TestWarehouse, _ name: String = "t", recipe: String = "brain-window-512", expected: [UInt8]? = nil,
        _ change: (inout TrainingSetOptions) -> Void = { _ in }
    ) async throws -> TrainingSetCreation.Report {
        var options = TrainingSetOptions()
        options.name = name
        options.split = "s"
        options.target = "labels"
        options.domains = ["finding"]
        change(&options)
        return try await place.open(.write(create: false)) { warehouse in
            let recipe = try RecipeLibrary(home: warehouse.sqlLibrary.home).recipe(recipe)
            let request = try options.resolve(recipe: recipe)
            return try await TrainingSetCreation(warehouse, clock: { SQLTimestamp(microseconds: 0) })
                .create(request, expected: expected)
        }
    }

    private static func write(_ place: TestWarehouse, _ statement: SQL) async throws {
        _ = try await place.open(.write(create: false)) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                try await connection.transaction { try await connection.execute(statement) }
            }
        }
    }

    /// A second reader says present of a slice.
    private static func contradict(_ place: TestWarehouse, slice: Int64) async throws {
        try await write(
            place,
            """
            INSERT INTO reader (reader_id, dataset_id, reader_key, kind)
            SELECT 77, dataset_id, 'second', 'human' FROM dataset
            """)
        try await write(
            place,
            """
            INSERT INTO label (patient_id, label_source_id, label_id, label_domain_id, reader_id, level, slice_id,
                occurrence, raw_value, ingest_run_id)
            SELECT patient_id, label_source_id, 78, label_domain_id, 77, level, slice_id, occurrence, '1', ingest_run_id
            FROM label WHERE slice_id = \(slice)
            """)
        try await write(
            place,
            """
            INSERT INTO label_value (patient_id, label_source_id, label_id, label_ruleset_id, value_ordinal, status,
                label_term_id)
            SELECT label.patient_id, label.label_source_id, 78, label_value.label_ruleset_id, 0, 'clean',
                (SELECT label_term_id FROM label_term WHERE name = 'present')
            FROM label
            JOIN label_value ON label_value.patient_id = label.patient_id AND label_value.label_id = label.label_id
            WHERE label.slice_id = \(slice)
            """)
    }

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

extension Sequence {
    /// One after the other.
    fileprivate func asyncMap<R>(_ body: (Element) async throws -> R) async throws -> [R] {
        var results: [R] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
