internal import CanonicalJSON
internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// Regions of masks that a source tells by their values, and that no mask of the data set marks: that nobody has it may
/// be true, and more often the values are others in these files.
struct UnmarkedRegions: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    /// As that of `--masks-for`, there about a series.
    private static let check = "mask_value_absent"

    private struct Region: Hashable {
        let target: String
        let values: [Double]
    }

    /// Brings the findings of the data sets of a run up to date. Returns how many are new.
    func refresh(_ plans: [DatasetPlan]) async throws -> Int {
        var regions: [DatasetIdentity: Set<Region>] = [:]
        for plan in plans.flatMap(\.series) {
            for region in plan.mask?.regions ?? [] {
                guard case .values(let values)? = region.rule else { continue }
                regions[plan.dataset, default: []].insert(Region(target: region.target, values: values))
            }
        }
        let writer = FindingWriter(connection: connection, context: context)
        var findings: [Finding] = []
        var standing: Set<Int64> = []
        for (dataset, own) in regions {
            guard let id = try await datasetID(dataset) else { continue }
            standing.formUnion(try await self.standing(of: id, about: Set(own.map(\.target))))
            for region in own where try await isUnmarked(region, datasetID: id) {
                findings.append(finding(region, of: dataset, datasetID: id))
            }
        }
        let (found, earlier) = (findings, standing)
        return try await connection.transaction {
            try await writer.replace(earlier, with: found)
        }
    }

    private func datasetID(_ dataset: DatasetIdentity) async throws -> Int64? {
        try await connection.rows(
            "SELECT dataset_id FROM dataset WHERE name = \(dataset.name) AND version = \(dataset.version)"
        ).first?.get("dataset_id")
    }

    /// Masks that wait for their images, or have another grid, say nothing yet.
    private func isUnmarked(_ region: Region, datasetID: Int64) async throws -> Bool {
        let rows = try await connection.rows(
            """
            SELECT COUNT(*) AS masks, COALESCE(MAX(annotation.voxel_count), 0) AS voxels
            FROM patient JOIN annotation ON annotation.patient_id = patient.patient_id
            WHERE patient.dataset_id = \(datasetID) AND annotation.kind = 'mask'
                AND annotation.target = \(region.target) AND annotation.mask_series_id IS NOT NULL
            """)
        guard let row = rows.first else { return false }
        return try row.get("masks", as: Int.self) > 0 && row.get("voxels", as: Int.self) == 0
    }

    /// Findings of earlier runs; what this run has no masks of stands as it is.
    private func standing(of datasetID: Int64, about targets: Set<String>) async throws -> Set<Int64> {
        let rows = try await connection.rows(
            """
            SELECT quality_finding_id, detail FROM quality_finding
            WHERE check_name = \(Self.check) AND level = 'dataset' AND dataset_id = \(datasetID)
            """)
        let own = try rows.filter { row in
            let target = try JSONValue(parsing: row.get("detail"))["target"]?.string
            return target.map(targets.contains) ?? false
        }
        return Set(try own.map { try $0.get("quality_finding_id", as: Int64.self) })
    }

    private func finding(_ region: Region, of dataset: DatasetIdentity, datasetID: Int64) -> Finding {
        let name = DatasetChoice.reference(name: dataset.name, version: dataset.version)
        let values = region.values.map(MaskRule.text).joined(separator: ", ")
        return Finding(
            check: Self.check, severity: .warning, subject: .dataset(datasetID),
            sentence: "No voxel that the masks of \(name) lay on an image has a value that its source lists for "
                + "\(region.target) (\(values)), so that no image has any; see whether the files have other values.",
            detail: ["target": .string(region.target), "values": .array(region.values.map(JSONValue.number))])
    }
}
