internal import SQLInterface
internal import Warehouse

/// Where a slice is stored.
struct SlicePlace: Hashable, Sendable {
    let patientID: Int64
    let sliceID: Int64

    /// Places that one query asks for.
    static let pageSize = 500

    /// A query over a table of slices for some places, without order.
    ///
    /// CROSS JOIN keeps SQLite at an index look-up a slice.
    static func query(_ places: ArraySlice<SlicePlace>, columns: String, of table: String) -> SQL {
        var query: SQL = "WITH wanted (patient_id, slice_id) AS (VALUES "
        for (index, place) in places.enumerated() {
            query.append(index == 0 ? "" : ", ")
            query.append("\(list: [place.patientID, place.sliceID])")
        }
        query.append(
            """
            )
            SELECT \(raw: columns) FROM wanted CROSS JOIN \(raw: table)
            WHERE \(raw: table).patient_id = wanted.patient_id AND \(raw: table).slice_id = wanted.slice_id
            """)
        return query
    }
}

/// What a stored slice is, without its pixels.
struct SliceFacts: Sendable {
    let rows: Int
    let columns: Int
    let sliceIndex: Int
    let digest: [UInt8]

    /// By slice; slices that are gone are not in it.
    ///
    /// **Cost** a query for every ``SlicePlace/pageSize`` slices.
    static func read(
        _ places: Set<SlicePlace>, on connection: any WarehouseConnection
    ) async throws -> [Int64: SliceFacts] {
        let sorted = places.sorted { $0.sliceID < $1.sliceID }
        var facts: [Int64: SliceFacts] = [:]
        for start in stride(from: 0, to: sorted.count, by: SlicePlace.pageSize) {
            let page = sorted[start..<min(start + SlicePlace.pageSize, sorted.count)]
            let columns = "slice.slice_id, slice.rows, slice.columns, slice.slice_index, slice.pixel_digest"
            for row in try await connection.rows(SlicePlace.query(page, columns: columns, of: "slice")) {
                facts[try row.get(at: 0)] = SliceFacts(
                    rows: try row.get(at: 1), columns: try row.get(at: 2), sliceIndex: try row.get(at: 3),
                    digest: try row.get(at: 4))
            }
        }
        return facts
    }
}
