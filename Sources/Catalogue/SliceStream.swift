internal import Imaging
internal import PixelCodec
internal import SQLInterface
package import Warehouse

/// Streams slices with their pixels out of either engine, in the order that the condition's caller asks for.
///
/// **Cost** memory is one batch of rows; the database waits while the body works.
package struct SliceStream: Sendable {
    private let condition: SQL
    private let order: String

    /// Slices of one series, by `slice_index`.
    package static func series(patientID: Int64, seriesID: Int64) -> SliceStream {
        SliceStream(
            condition: "slice.patient_id = \(patientID) AND slice.series_id = \(seriesID)",
            order: "slice.slice_index, slice_pixels.tile_index")
    }

    /// One slice.
    package static func slice(patientID: Int64, sliceID: Int64) -> SliceStream {
        SliceStream(
            condition: "slice.patient_id = \(patientID) AND slice.slice_id = \(sliceID)",
            order: "slice_pixels.tile_index")
    }

    /// Some slices of one patient, by id.
    package static func slices(patientID: Int64, sliceIDs: [Int64]) -> SliceStream {
        SliceStream(
            condition: "slice.patient_id = \(patientID) AND slice.slice_id IN \(list: sliceIDs)",
            order: "slice.slice_id, slice_pixels.tile_index")
    }

    /// Every slice of the warehouse.
    package static var all: SliceStream {
        SliceStream(condition: "1 = 1", order: "slice.patient_id, slice.slice_id, slice_pixels.tile_index")
    }

    /// Slices of some data sets.
    package static func datasets(_ choice: DatasetChoice) -> SliceStream {
        SliceStream(
            condition: """
                slice.patient_id IN (SELECT patient.patient_id FROM patient
                    JOIN dataset ON dataset.dataset_id = patient.dataset_id WHERE \(sql: choice.condition))
                """, order: "slice.patient_id, slice.slice_id, slice_pixels.tile_index")
    }

    /// Calls the body with batches of whole slices; a slice without any pixel row comes with no tiles.
    package func forEachBatch(
        on connection: any WarehouseConnection, batchRows: Int = 64, _ body: ([StoredSlice]) async throws -> Void
    ) async throws {
        var open: StoredSlice?
        try await connection.stream(query, batchRows: batchRows) { rows in
            var whole: [StoredSlice] = []
            for row in rows {
                let sliceID: Int64 = try row.get("slice_id")
                if open?.sliceID != sliceID {
                    if let open { whole.append(open) }
                    open = try slice(row)
                }
                if let tile = try tile(row) { open?.tiles.append(tile) }
            }
            if !whole.isEmpty { try await body(whole) }
        }
        if let open { try await body([open]) }
    }

    private var query: SQL {
        """
        SELECT slice.patient_id, slice.series_id, slice.slice_id, slice.slice_index, slice.pixel_type, slice.rows,
            slice.columns, slice.samples_per_pixel, slice.rescale_slope, slice.rescale_intercept, slice.pixel_digest,
            slice_pixels.first_row, slice_pixels.row_count, slice_pixels.encoding, slice_pixels.bytes
        FROM slice LEFT JOIN slice_pixels
            ON slice_pixels.patient_id = slice.patient_id AND slice_pixels.slice_id = slice.slice_id
        WHERE \(sql: condition) ORDER BY \(raw: order)
        """
    }

    private func slice(_ row: Row) throws -> StoredSlice {
        let slope: Double? = try row.get("rescale_slope")
        let intercept: Double? = try row.get("rescale_intercept")
        return StoredSlice(
            patientID: try row.get("patient_id"), seriesID: try row.get("series_id"),
            sliceID: try row.get("slice_id"), sliceIndex: try row.get("slice_index"),
            type: PixelType(rawValue: try row.get("pixel_type")) ?? .u8, rows: try row.get("rows"),
            columns: try row.get("columns"), samplesPerPixel: try row.get("samples_per_pixel"),
            rescale: slope.flatMap { slope in intercept.map { Rescale(slope: slope, intercept: $0) } },
            digest: try row.get("pixel_digest"), tiles: [])
    }

    private func tile(_ row: Row) throws -> StoredSlice.Tile? {
        guard let bytes = try row.get("bytes", as: [UInt8]?.self) else { return nil }
        return StoredSlice.Tile(
            firstRow: try row.get("first_row"), rowCount: try row.get("row_count"),
            encoding: PixelEncoding(rawValue: try row.get("encoding")) ?? .blosc, bytes: bytes)
    }
}
