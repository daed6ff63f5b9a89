internal import Catalogue
internal import SQLInterface
internal import Warehouse

/// Writes the pixels of stored slices anew where they are missing or damaged, from a file that was read again.
struct PixelMender: Sendable {
    let connection: any WarehouseConnection

    /// - Parameter slice: as it was read again; its digest is that of the stored slice.
    /// - Returns: whether the stored pixels were others.
    ///
    /// **Cost** reads and decodes the stored pixels. Call it in a transaction.
    func mend(_ slice: PreparedSlice, patientID: Int64, sliceID: Int64) async throws -> Bool {
        guard try await !isIntact(patientID: patientID, sliceID: sliceID) else { return false }
        _ = try await connection.execute(
            "DELETE FROM slice_pixels WHERE patient_id = \(patientID) AND slice_id = \(sliceID)")
        try await connection.load(
            table: "slice_pixels", columns: PreparedSlice.pixelColumns,
            rows: slice.pixelRows(patientID: patientID, sliceID: sliceID))
        return true
    }

    private func isIntact(patientID: Int64, sliceID: Int64) async throws -> Bool {
        var isIntact = false
        try await SliceStream.slice(patientID: patientID, sliceID: sliceID).forEachBatch(on: connection) { slices in
            // Pixels that cannot be decoded are damaged, too.
            for stored in slices { isIntact = (try? stored.isIntact()) ?? false }
        }
        return isIntact
    }
}
