internal import CanonicalJSON
internal import Datasets
internal import SQLInterface
internal import Warehouse

/// Tables of a declared layout beside image files of which none is where the layout has its images.
struct UnmatchedImageFindings: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    static let check = "images_not_matched"

    /// Brings the findings about the tables of a run up to date. Returns how many are new.
    func refresh(_ plans: [DatasetPlan]) async throws -> Int {
        let writer = FindingWriter(connection: connection, context: context)
        var findings: [Finding] = []
        var standing: Set<Int64> = []
        for plan in plans {
            for table in plan.labelFiles {
                guard let id = try await sourceFileID(of: table) else { continue }
                standing.formUnion(
                    try await writer.standing(where: "check_name = \(Self.check) AND source_file_id = \(id)"))
                if let images = plan.unmatched, images.table == table.file {
                    findings.append(finding(images, sourceFileID: id))
                }
            }
        }
        let (found, earlier) = (findings, standing)
        guard !found.isEmpty || !earlier.isEmpty else { return 0 }
        return try await connection.transaction {
            try await writer.replace(earlier, with: found)
        }
    }

    private func sourceFileID(of table: LabelFilePlan) async throws -> Int64? {
        let key = context.sourceKey(table.file, table.dataset.patientKeyKind)
        return try await connection.rows(
            "SELECT source_file_id FROM source_file WHERE root = \(key[0]) AND relative_path = \(key[1])"
        ).first?.get("source_file_id")
    }

    private func finding(_ images: UnmatchedImages, sourceFileID: Int64) -> Finding {
        Finding(
            check: Self.check, severity: .warning, subject: .sourceFile(sourceFileID), sentence: images.sentence,
            detail: ["count": .integer(images.files.count), "patterns": .strings(images.patterns)])
    }
}
