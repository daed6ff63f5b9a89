internal import PostgreSQL
internal import SQLInterface

/// Reads from PostgreSQL, pixels by COPY in the binary format.
final class PostgresStreamConnection: StreamConnection {
    private let session: PostgresSession
    let interruption: (@Sendable () -> Void)?

    init(connectionString: String, schema: String) throws {
        session = try PostgresSession(
            options: PostgresOptions(
                connectionString: connectionString, schema: schema, applicationName: "slicehouse batches",
                isReadOnly: true))
        interruption = session.makeCanceller()
        // The plan order is that of the list; anything but an index look-up per slice would reorder it.
        try session.executeScript("SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off")
    }

    func forEachRow(_ sql: SQL, _ body: ([SQLValue]) throws -> Void) throws {
        try session.openStream(sql)
        do {
            while let batch = try session.nextBatch(maxRows: 4_096) { try batch.rows.forEach(body) }
        } catch {
            session.closeStream()
            throw error
        }
    }

    /// Users type such statements: what one does besides reading, such as a large object in PostgreSQL 15, is undone.
    func typedResult(_ sql: SQL) throws -> TypedRows {
        try session.begin(.snapshot)
        defer { try? session.rollback() }
        return try session.typedRows(sql)
    }

    /// Sorting moves pointers only: bytes that lie outside of their row are read when they are sent.
    func forEachTile(of slices: [SliceKey], _ body: (StoredTile) throws -> Void) throws {
        guard !slices.isEmpty else { return }
        let list = slices.enumerated().map { "(\($0),\($1.patient)::bigint,\($1.slice)::bigint)" }
        let query =
            "SELECT w.place, p.first_row, p.row_count, (p.encoding = 'jpeg')::integer, p.bytes "
            + "FROM (VALUES \(list.joined(separator: ","))) AS w (place, patient_id, slice_id) "
            + "JOIN slice_pixels AS p ON p.patient_id = w.patient_id AND p.slice_id = w.slice_id "
            + "ORDER BY w.place, p.tile_index"
        try session.copyOut(query: query, columns: 5) { row in
            guard let request = row.nextInteger(), let first = row.nextInteger(), let count = row.nextInteger(),
                let isJPEG = row.nextInteger(), let bytes = unsafe row.next(), slices.indices.contains(request)
            else {
                throw StreamError(.database, "The server's COPY of pixels cannot be understood.")
            }
            try body(
                unsafe StoredTile(
                    request: request, firstRow: first, rowCount: count, isJPEG: isJPEG == 1, bytes: bytes))
        }
    }

    func close() { session.close() }
}
