internal import SQLInterface
internal import Warehouse

/// Slices with Bits Stored 12, which a recipe with unwrapped values asks for.
struct TwelveBitSlices: Sendable {
    private var ids: Set<Int64> = []

    /// Looks among slices of one patient. Where the slices of a series differ, each says it for itself.
    mutating func add(
        _ sliceIDs: [Int64], of patientID: Int64, on connection: any WarehouseConnection
    ) async throws {
        let rows = try await connection.rows(
            """
            SELECT slice.slice_id FROM slice
            WHERE slice.patient_id = \(patientID) AND slice.slice_id IN \(list: sliceIDs) AND (
                EXISTS (
                    SELECT 1 FROM header_value
                    WHERE header_value.patient_id = slice.patient_id AND header_value.series_id = slice.series_id
                        AND header_value.path = \(Self.path) AND header_value.value = '12')
                OR EXISTS (
                    SELECT 1 FROM header_slice_value
                    WHERE header_slice_value.path = \(Self.path) AND header_slice_value.patient_id = slice.patient_id
                        AND header_slice_value.slice_id = slice.slice_id AND header_slice_value.value = '12'))
            """)
        for row in rows { ids.insert(try row.get(at: 0)) }
    }

    func bitsStored(of sliceID: Int64) -> Int? { ids.contains(sliceID) ? 12 : nil }

    /// Bits Stored.
    private static let path = "00280101"
}
