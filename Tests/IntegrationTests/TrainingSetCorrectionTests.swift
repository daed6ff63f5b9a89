import Phantom
import SQLInterface
import TestSupport
import Testing
import Training
import Warehouse

/// Sets whose labels and marks were corrected after they were frozen, as `training-set check` sees them.
@Suite("Corrections behind training sets")
struct TrainingSetCorrectionTests {
    /// A corrected file is another source, whose annotations have other ids.
    @Test(arguments: TestEngine.available)
    func `crops around a corrected table of candidates differ where a class does`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        try SmallLUNA.write(to: home)
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            try await ingest.run(home.path("luna"))
            try await program.succeed("split create s --folds all=1")
            for (name, target) in [
                ("labels", "labels --domain nodule_candidate"), ("grade", "grade --domain nodule_candidate"),
                ("none", "none"),
            ] {
                try await program.succeed(
                    "training-set create \(name) --split s --sample crop --shape 3x8x8 --outside pad "
                        + "--recipe nodule-crop --target \(target) --marks source=candidates")
                #expect(try await SetCheck.of(name, by: program) == .clean, "\(name)")
            }
            let path = try #require(home.files(below: "luna").first { $0.hasSuffix("/candidates.csv") })
            var lines = String(decoding: try home.read(path), as: UTF8.self).split(separator: "\n").map(String.init)
            let volume = try #require(home.files(below: "luna").first { $0.hasSuffix(".mhd") })
            let uid = try #require(volume.split(separator: "/").last).dropLast(".mhd".count)
            let candidate = try #require(lines.firstIndex { $0.hasPrefix(uid + ",") && $0.hasSuffix(",0") })

            lines[candidate] = String(lines[candidate].dropLast()) + "1"
            try home.write(lines.joined(separator: "\n") + "\n", to: path)
            try await ingest.run(home.path("luna"))
            for name in ["labels", "grade"] {
                let found = try await SetCheck.of(name, by: program)
                #expect(found == SetCheck(exitCode: 65, counts: ["targets": 1]), "\(name): \(found)")
            }
            #expect(try await SetCheck.of("none", by: program) == .clean)

            // Nothing lies at its place any more, and nothing is said of it.
            lines.remove(at: candidate)
            try home.write(lines.joined(separator: "\n") + "\n", to: path)
            try await ingest.run(home.path("luna"))
            for name in ["labels", "grade"] {
                let found = try await SetCheck.of(name, by: program)
                #expect(found == SetCheck(exitCode: 65, counts: ["targets": 1, "would_leave": 1]), "\(name): \(found)")
            }
            #expect(try await SetCheck.of("none", by: program) == SetCheck(exitCode: 0, counts: ["would_leave": 1]))
        }
    }

    /// Four readers drew four nodules, of which one missed one. A file that was written again gives their marks other ids,
    /// and by these another order.
    @Test(arguments: TestEngine.available)
    func `the same drawings in another order are the same masks`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        var options = LIDCOptions()
        options.patientCount = 1
        options.slices = 12
        options.matrixSize = 64
        _ = try LIDCPhantom(options).write(to: home.path("lidc"))
        try home.write("{layout: NCDHW, steps: []}", to: "deep.yaml")
        let reading = try #require(home.files(below: "lidc").first { $0.hasSuffix("/69.xml") })
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            try await ingest.run(home.path("lidc"))
            try await program.succeed("split create s --folds all=1")
            let readers = (1...4).map { ",reader=reader-\($0)" }.joined()
            let masks = "--split s --recipe deep.yaml --target mask --marks target=nodule\(readers) --sample"
            let slices = "training-set create slices \(masks) slice"
            for line in [
                slices, "training-set create volumes \(masks) volume",
                "training-set create crops \(masks) crop --shape 3x16x16 --outside pad",
            ] { try await program.succeed(line) }
            try home.write(try home.read(reading) + [UInt8(ascii: "\n")], to: reading)
            try await ingest.run(home.path("lidc"))
            for set in ["slices@1", "volumes@1", "crops@1"] {
                let found = try await SetCheck.of(set, by: program)
                #expect(found == .clean, "\(set): \(found)")
            }
            // Their digests are others.
            try await program.succeed(slices)
            #expect(try await place.count("SELECT count(*) FROM training_set WHERE name = 'slices'") == 2)

            let drawing = try #require(
                try await place.count(
                    """
                    SELECT min(annotation.annotation_id) FROM annotation
                    JOIN label_source ON label_source.label_source_id = annotation.label_source_id
                    WHERE label_source.is_active AND annotation.kind = 'contour' AND annotation.target = 'nodule'
                    """))
            let drawn = try #require(
                try await place.count("SELECT count(*) FROM annotation_mask WHERE annotation_id = \(drawing)"))
            try await place.script("DELETE FROM annotation_mask WHERE annotation_id = \(drawing)")
            let slice = try await SetCheck.of("slices@1", by: program)
            #expect(drawn > 0 && slice == SetCheck(exitCode: 65, counts: ["targets": drawn]), "\(slice)")
            let volume = try await SetCheck.of("volumes@1", by: program)
            #expect(volume == SetCheck(exitCode: 65, counts: ["targets": 1]), "\(volume)")
        }
    }

    // MARK: Nothing to learn any more

    @Test(arguments: TestEngine.available)
    func `a label that was withdrawn is another target`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let program = try Program(home: home).with("SLICEHOUSE_DATABASE", place.url)
            try await TestIngest(into: place, home: home).run(cohort.path)
            try await program.succeed("split create s --folds all=1")
            for target in ["grade", "labels"] {
                try await program.succeed(
                    "training-set create \(target) --split s --recipe brain-window-512 --target \(target) "
                        + "--domain fracture --dataset physionet-ct-ich@1.3.1")
            }
            try await program.succeed(
                "domains correct fracture --patient 049 --slice 3 --dataset physionet-ct-ich@1.3.1 "
                    + "--source hemorrhage_diagnosis --withdraw --author reader --reason seen-on-the-bone-window")
            for name in ["grade", "labels"] {
                let found = try await SetCheck.of(name, by: program)
                #expect(found == SetCheck(exitCode: 65, counts: ["targets": 1, "would_leave": 1]), "\(name): \(found)")
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `labels that contradict each other now are another target`(engine: WarehouseEngine) async throws {
        try await TestWarehouse.with(engine) { place in
            let catalogue = SyntheticCatalogue()
            try await catalogue.write(to: place)
            try await FrozenSets.split(place)
            try await FrozenSets.create(place)
            try await FrozenSets.create(place, "united") { $0.conflicts = "max" }
            try await FrozenSets.contradict(place, slice: catalogue.sliceID(1, 1))
            #expect(try await Self.errors(of: "t", in: place) == ["targets": 1])
            // Absent and present make present.
            #expect(try await Self.errors(of: "united", in: place) == ["targets": 1])
        }
    }

    /// As of masks without a reading beside them, where an empty drawing says nothing.
    @Test(arguments: TestEngine.available)
    func `masks of series that nobody marks any more are another target`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(cohort.path)
            try await place.script("DELETE FROM reading")
            try await FrozenSets.split(place) { $0.folds = "all=1" }
            try await FrozenSets.createMasks(place)
            #expect(try await Self.errors(of: "t", in: place) == [:])
            let series = try #require(try await place.count("SELECT min(series_id) FROM training_sample"))
            let samples = try #require(
                try await place.count("SELECT count(*) FROM training_sample WHERE series_id = \(series)"))
            try await place.script(
                """
                DELETE FROM annotation_mask WHERE annotation_id IN (
                    SELECT annotation_id FROM annotation WHERE series_id = \(series))
                """)
            #expect(try await Self.errors(of: "t", in: place) == ["targets": samples])
        }
    }

    /// As of a segmentation that was drawn anew with frames of another size.
    @Test(arguments: TestEngine.available)
    func `masks that can no longer be laid on are another target`(engine: WarehouseEngine) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            try await TestIngest(into: place, home: home).run(cohort.path)
            try await FrozenSets.split(place) { $0.folds = "all=1" }
            try await FrozenSets.createMasks(place)
            let masks = try await place.rows(
                """
                SELECT patient_id, series_id, companion_of, ingest_run_id FROM series
                WHERE role = 'mask' AND companion_of IN (SELECT series_id FROM training_sample) ORDER BY series_id
                """)
            let mask = try #require(masks.first)
            let image: Int64 = try mask.get("companion_of")
            let samples = try #require(
                try await place.count("SELECT count(*) FROM training_sample WHERE series_id = \(image)"))
            try await FrozenSets.write(
                place,
                """
                INSERT INTO quality_finding (quality_finding_id, check_name, severity, level, patient_id, series_id,
                    sentence, detail, ingest_run_id)
                VALUES (77, 'mask_size_mismatch', 'warning', 'series', \(try mask.get("patient_id", as: Int64.self)),
                    \(try mask.get("series_id", as: Int64.self)), 'another size',
                    '{"marks": [{"kind": "mask", "reader": "radiologist-consensus", "target": "haemorrhage"}]}',
                    \(try mask.get("ingest_run_id", as: Int64.self)))
                """)
            #expect(try await Self.errors(of: "t", in: place) == ["targets": samples])
        }
    }

    // MARK: Steps

    /// Counts by check, of what is an error.
    private static func errors(of set: String, in place: TestWarehouse) async throws -> [String: Int] {
        let findings = try await place.open { try await TrainingSetAudit($0).run(set) }
        return Dictionary(
            uniqueKeysWithValues: findings.filter { $0.severity == .error }.map { ($0.check, $0.count) })
    }
}
