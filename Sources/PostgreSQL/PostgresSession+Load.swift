internal import CLibPQ
package import SQLInterface

extension PostgresSession {
    /// Copies rows into a table with COPY in the binary format.
    ///
    /// **Throws** `invalidData` naming table and column when a value does not fit; the transaction has then failed.
    /// **Cost** small fields go through one buffer; a large blob goes to libpq from where it is, in pieces.
    package func load(table: String, columns: [String], rows: [[SQLValue]]) throws(PostgresError) {
        guard !rows.isEmpty else { return }
        var encoder = try PostgresCopyEncoder(table: table, columns: columns, types: types(ofTable: table))
        let names = columns.map(SQL.quoted).joined(separator: ", ")
        var sql: SQL = "COPY \(identifier: table) (\(raw: names)) FROM STDIN (FORMAT binary)"
        sql.name = "load \(table)"
        try refuseWhileStreaming()
        let started = unsafe PostgresResult(takingOwnershipOf: PQexec(handle.pointer, sql.text))
        try check(started, sql)
        do {
            try sendRows(rows, &encoder)
        } catch {
            finishCopy(refusingWith: "the client could not encode a row")
            throw error
        }
        try finishCopy(sql)
    }

    private func sendRows(_ rows: [[SQLValue]], _ encoder: inout PostgresCopyEncoder) throws(PostgresError) {
        for row in rows {
            try unsafe encoder.append(row: row) { piece throws(PostgresError) in try unsafe send(piece) }
        }
        encoder.appendEnd()
        try unsafe encoder.flush { piece throws(PostgresError) in try unsafe send(piece) }
    }

    /// A COPY message may be of any size, but libpq grows its buffer to hold one.
    private static let largestPiece = 1 << 20

    private func send(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
        var start = 0
        while start < bytes.count {
            let count = min(Self.largestPiece, bytes.count - start)
            let piece = unsafe bytes.baseAddress?.advanced(by: start).assumingMemoryBound(to: CChar.self)
            guard unsafe PQputCopyData(handle.pointer, piece, Int32(count)) == 1 else {
                throw PostgresError(
                    kind: .connection, reason: PostgresError.reason(kind: .connection, parserMessage: nil),
                    serverMessage: unsafe String(cString: PQerrorMessage(handle.pointer)))
            }
            start += count
        }
    }

    private func finishCopy(_ sql: SQL) throws(PostgresError) {
        let isSent = unsafe PQputCopyEnd(handle.pointer, nil) == 1
        // All results must be read, or the connection stays in COPY; the first failure tells the story.
        var failure: PostgresError?
        while true {
            let result = unsafe PostgresResult(takingOwnershipOf: PQgetResult(handle.pointer))
            if result.isAbsent { break }
            if failure == nil, result.status != PGRES_COMMAND_OK {
                failure = result.error(statement: sql)
            }
        }
        if let failure { throw failure }
        guard isSent else {
            throw PostgresError(kind: .connection, reason: PostgresError.reason(kind: .connection, parserMessage: nil))
        }
    }

    private func finishCopy(refusingWith reason: String) {
        unsafe PQputCopyEnd(handle.pointer, reason)
        while unsafe !PostgresResult(takingOwnershipOf: PQgetResult(handle.pointer)).isAbsent {}
    }
}
