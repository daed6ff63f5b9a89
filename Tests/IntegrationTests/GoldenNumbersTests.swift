import Ingestion
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Counts of the published CT-ICH tables, which the phantom reproduces: `hemorrhage_diagnosis.csv` of 1.0.0 has 2501
/// rows of 82 patients, `hemorrhage_diagnosis_raw_ct.csv` of 1.3.1 has 2814 rows of 75 patients, both with 318 slices
/// that show blood: 24 intraventricular, 73 intraparenchymal, 18 subarachnoid, 173 epidural, 56 subdural.
@Suite("Golden numbers of CT-ICH")
struct GoldenNumbersTests {
    private static let positives = [
        "epidural": 173, "fracture": 195, "intraparenchymal": 73, "intraventricular": 24, "subarachnoid": 18,
        "subdural": 56,
    ]

    @Test(arguments: TestEngine.available)
    func `both published versions give the published counts, and a rerun changes nothing`(
        engine: WarehouseEngine
    ) async throws {
        let cohort = try await Cohorts.wholeICH()
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { place in
            let ingest = try TestIngest(into: place, home: home)
            let summary = try await ingest.run(cohort.path)
            #expect(summary.isBalanced)
            #expect(summary.rejected == 0 && summary.rejectedRows == 0)
            #expect(summary.labelSource == 4)
            try await expectCatalogue(of: place)
            try await expectLabels(of: place)
            try await expectMasks(of: place)
            #expect(try await place.brokenPromises() == [])
            let before = try await WarehouseContents(of: place)
            let again = try await ingest.run(cohort.path)
            #expect(again.known == summary.seen && again.seen == summary.seen)
            #expect(try await WarehouseContents(of: place).differences(from: before) == [])
        }
    }

    private func expectCatalogue(of place: TestWarehouse) async throws {
        let rows = try await place.rows(
            """
            SELECT dataset.version, series.role, series.companion_of IS NULL AS is_first,
                count(DISTINCT series.patient_id) AS patients, count(*) AS slices
            FROM slice JOIN series ON series.patient_id = slice.patient_id AND series.series_id = slice.series_id
            JOIN patient ON patient.patient_id = slice.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id
            GROUP BY dataset.version, series.role, series.companion_of IS NULL
            """)
        var slices: [String: [Int]] = [:]
        for row in rows {
            let isFirst: Bool = try row.get("is_first")
            let name = "\(try row.get("version", as: String.self)) \(try row.get("role", as: String.self))"
            slices[name + (isFirst ? "" : " companion")] = [try row.get("patients"), try row.get("slices")]
        }
        // 2501 brain, 2500 bone (patient 084 lacks one), 318 masks; 2814 slices in 75 volumes and as many masks.
        #expect(slices["1.0.0 image"] == [82, 2501])
        #expect(slices["1.0.0 image companion"] == [82, 2500])
        #expect(slices["1.0.0 mask companion"]?[1] == 318)
        #expect(slices["1.3.1 image"] == [75, 2814])
        #expect(slices["1.3.1 mask companion"] == [75, 2814])
        #expect(try await place.count("SELECT count(*) FROM patient_alias") == 75)
    }

    private func expectLabels(of place: TestWarehouse) async throws {
        let rows = try await place.rows(
            """
            SELECT dataset_version, domain_name, count(DISTINCT slice_id) AS slices,
                count(DISTINCT CASE WHEN term_name = 'present' THEN slice_id END) AS positives
            FROM label_current WHERE level = 'slice' GROUP BY dataset_version, domain_name
            """)
        var positives: [String: [String: Int]] = [:]
        for row in rows {
            let domain: String = try row.get("domain_name")
            let version: String = try row.get("dataset_version")
            positives[version, default: [:]][domain] = try row.get("positives")
            #expect(try row.get("slices", as: Int.self) == (version == "1.0.0" ? 2501 : 2814))
        }
        for (domain, count) in Self.positives where domain != "fracture" {
            #expect(positives["1.0.0"]?[domain] == count, "\(domain)")
            #expect(positives["1.3.1"]?[domain] == count, "\(domain)")
        }
        #expect(positives["1.0.0"]?["fracture"] == Self.positives["fracture"])
        let any = try await place.rows(
            "SELECT dataset_version, sum(any_haemorrhage) AS n, count(*) AS all_slices FROM slice_label_wide GROUP BY 1 ORDER BY 1"
        )
        #expect(
            try any.map { try [$0.get("n", as: Int.self), $0.get("all_slices", as: Int.self)] }
                == [[318, 2501], [318, 2814]])
        let combinations = try await place.rows(
            """
            SELECT types, count(*) AS slices FROM (
                SELECT slice_id, count(*) AS types FROM label_current
                WHERE dataset_version = '1.0.0' AND level = 'slice' AND family = 'haemorrhage'
                AND term_name = 'present' GROUP BY slice_id
            ) AS positive GROUP BY types ORDER BY types
            """)
        // 293 slices show one type, 24 two, 1 three.
        #expect(try combinations.map { try $0.get("slices", as: Int.self) } == [293, 24, 1])
    }

    private func expectMasks(of place: TestWarehouse) async throws {
        let conditions = try await place.count(
            """
            SELECT count(DISTINCT label.raw_value) FROM label
            JOIN label_domain ON label_domain.label_domain_id = label.label_domain_id
            WHERE label_domain.name = 'condition_on_file'
            """)
        #expect(conditions == 13)
        let masks = try await place.rows(
            """
            SELECT dataset.version, count(*) AS masks FROM annotation_mask
            JOIN patient ON patient.patient_id = annotation_mask.patient_id
            JOIN dataset ON dataset.dataset_id = patient.dataset_id GROUP BY 1 ORDER BY 1
            """)
        #expect(try masks.map { try $0.get("masks", as: Int.self) } == [318, 318])
    }
}
