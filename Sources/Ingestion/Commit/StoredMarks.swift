internal import CanonicalJSON
internal import Catalogue
internal import Datasets
internal import Imaging
internal import SQLInterface
internal import Warehouse

/// What stored slices of a mask mark: their grey levels, brought to marks by the rule that was stored with their series.
struct StoredMarks: Sendable {
    let connection: any WarehouseConnection

    /// - Parameters:
    ///   - stream: Slices of one mask source; their levels together decide on the threshold.
    ///   - formatRule: For regions without a rule of their own.
    func slices(_ stream: SliceStream, of plan: MaskPlan, formatRule: MaskRule) async throws -> [MaskWriter.Slice] {
        var stored: [StoredSlice] = []
        try await stream.forEachBatch(on: connection) { stored += $0 }
        guard let first = stored.first else { return [] }
        let numbers = try await instanceNumbers(of: stored, patientID: first.patientID)
        let buffers = try stored.map { try $0.pixels() }
        let regions = try MaskRegions(
            plan, formatRule: formatRule, frames: buffers.map { $0.statistics() }, rescale: first.rescale)
        return try zip(stored, buffers).flatMap { slice, buffer in
            try regions.marked(in: buffer).map { marked in
                MaskWriter.Slice(
                    sliceID: slice.sliceID, instanceNumber: numbers[slice.sliceID], rows: slice.rows,
                    columns: slice.columns, marked: marked)
            }
        }
    }

    /// `series.mask_rule`, where it is one rule for all regions.
    static func formatRule(_ text: String?) throws -> MaskRule? {
        try text.flatMap { try JSONValue(parsing: $0)["rule"]?.string }.flatMap(MaskRule.init)
    }

    private func instanceNumbers(of slices: [StoredSlice], patientID: Int64) async throws -> [Int64: Int] {
        let rows = try await connection.rows(
            """
            SELECT slice_id, instance_number FROM slice
            WHERE patient_id = \(patientID) AND slice_id IN \(list: slices.map(\.sliceID))
            AND instance_number IS NOT NULL
            """)
        var numbers: [Int64: Int] = [:]
        for row in rows { numbers[try row.get("slice_id")] = try row.get("instance_number") }
        return numbers
    }
}
