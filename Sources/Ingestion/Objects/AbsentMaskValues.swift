internal import CanonicalJSON
internal import SQLInterface
internal import Warehouse

/// Says which values `--target` names and no voxel of the masks has: nearly always a slip of the keyboard.
///
/// They mark nothing. That something was looked for and not found is said by a mask without any marked voxel.
struct AbsentMaskValues: Sendable {
    let connection: any WarehouseConnection
    let context: RunContext

    private static let check = "mask_value_absent"
    /// Values named in a sentence.
    private static let listLimit = 10

    /// Returns how many findings are new.
    ///
    /// - Parameter values: of the voxels of all masks of the run.
    func note(_ values: Set<Int>, of assigned: AssignedSeries) async throws -> Int {
        let named = assigned.assignment.targets.sorted { $0.key < $1.key }
        let subject = Finding.Subject.series(patientID: assigned.series.patientID, seriesID: assigned.series.seriesID)
        let absent = named.filter { !values.contains($0.key) }.map { value, name in
            Finding(
                check: Self.check, severity: .warning, subject: subject,
                sentence: "No voxel of the masks that were given has the value of --target \(name)=\(value), so "
                    + "nothing is marked as \(name); they have \(Self.list(values)).",
                detail: ["target": .string(name), "value": .integer(value)])
        }
        let present = Set(named.map(\.value)).subtracting(absent.compactMap { $0.detail["target"]?.string })
        for finding in absent { context.observer.notice(finding.sentence) }
        return try await connection.transaction {
            let writer = FindingWriter(connection: connection, context: context)
            try await writer.remove(try await standing(subject, about: present))
            return try await writer.write(absent)
        }
    }

    /// What an earlier run missed and this one found.
    private func standing(_ subject: Finding.Subject, about targets: Set<String>) async throws -> [Int64] {
        guard case .series(let patientID, let seriesID) = subject else { return [] }
        let rows = try await connection.rows(
            """
            SELECT quality_finding_id, detail FROM quality_finding
            WHERE check_name = \(Self.check) AND patient_id = \(patientID) AND series_id = \(seriesID)
            """)
        return try rows.filter { row in
            let target = try JSONValue(parsing: row.get("detail"))["target"]?.string
            return target.map(targets.contains) ?? false
        }.map { try $0.get("quality_finding_id", as: Int64.self) }
    }

    private static func list(_ values: Set<Int>) -> String {
        let sorted = values.sorted()
        let shown = sorted.prefix(listLimit).map { String($0) }.joined(separator: ", ")
        return sorted.count > listLimit ? "\(shown) and \(sorted.count - listLimit) others" : shown
    }
}
