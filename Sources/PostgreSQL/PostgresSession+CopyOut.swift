internal import CLibPQ
internal import SQLInterface

/// One row of COPY in the binary format, lent by libpq until the next.
///
/// **Source** PostgreSQL manual, COPY, "Binary Format": an int16 count, then per field an int32 length (-1 for NULL) and
/// that many bytes, big-endian.
@safe package struct PostgresCopyRow {
    private let bytes: UnsafeRawBufferPointer
    private var position = 2

    fileprivate init?(_ bytes: UnsafeRawBufferPointer, columns: Int) {
        guard bytes.count >= 2, unsafe Int(bytes[0]) << 8 | Int(bytes[1]) == columns else { return nil }
        unsafe self.bytes = bytes
    }

    /// The next field; nil where it is NULL or the row is cut short.
    package mutating func next() -> UnsafeRawBufferPointer? {
        guard unsafe position + 4 <= bytes.count else { return nil }
        let length = unsafe Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int32.self))
        position += 4
        guard unsafe length >= 0 && position + Int(length) <= bytes.count else { return nil }
        defer { position += Int(length) }
        return unsafe UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(length)])
    }

    /// The next field as an int4.
    package mutating func nextInteger() -> Int? {
        guard let field = unsafe next(), field.count == 4 else { return nil }
        return unsafe Int(Int32(bigEndian: field.loadUnaligned(as: Int32.self)))
    }
}

extension PostgresSession {
    /// Runs `COPY (query) TO STDOUT (FORMAT binary)` and lends its rows one by one, as libpq received them.
    ///
    /// A body that throws ends the statement on the server; the connection is then ready again.
    /// **Cost** one row in memory; the server is held back by the socket while the body works.
    package func copyOut(query: String, columns: Int, _ body: (inout PostgresCopyRow) throws -> Void) throws {
        try refuseWhileStreaming()
        var sql = SQL(raw: "COPY (\(query)) TO STDOUT (FORMAT binary)")
        sql.name = "copy out"
        let started = unsafe PostgresResult(takingOwnershipOf: PQexec(handle.pointer, sql.text))
        guard started.status == PGRES_COPY_OUT else { throw started.error(statement: sql) }
        var isHeader = true
        do {
            while let data = try unsafe nextCopyData(sql) {
                defer { unsafe PQfreemem(data.baseAddress.map { unsafe UnsafeMutableRawPointer(mutating: $0) }) }
                var bytes = unsafe data
                if isHeader { unsafe bytes = try withoutHeader(bytes) }
                isHeader = false
                guard var row = unsafe PostgresCopyRow(bytes, columns: columns) else { continue }  // the trailer
                try body(&row)
            }
        } catch {
            drainCopy()
            throw error
        }
        try finishCopyOut(sql)
    }

    /// Stops the statement that runs on this connection; may be called from another thread while it blocks.
    package func makeCanceller() -> (@Sendable () -> Void)? {
        guard let canceller = PostgresCanceller(handle) else { return nil }
        return { canceller.cancel() }
    }

    /// Nil at the end of the data. The caller frees the memory.
    private func nextCopyData(_ sql: SQL) throws(PostgresError) -> UnsafeRawBufferPointer? {
        var buffer: UnsafeMutablePointer<CChar>?
        let length = unsafe PQgetCopyData(handle.pointer, &buffer, 0)
        switch length {
        case -1: return nil
        case -2:
            throw PostgresError(
                kind: .connection, statementName: sql.name,
                reason: PostgresError.reason(kind: .connection, parserMessage: nil),
                serverMessage: unsafe String(cString: PQerrorMessage(handle.pointer)))
        default: return unsafe UnsafeRawBufferPointer(start: buffer, count: Int(length))
        }
    }

    /// Behind the signature, flags and header extension, which the server sends before the first row.
    private func withoutHeader(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard bytes.count >= 19 else {
            throw PostgresError(
                kind: .invalidData, reason: "the server's COPY does not begin with the binary signature")
        }
        let extensionLength = unsafe Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 15, as: UInt32.self)))
        return unsafe UnsafeRawBufferPointer(rebasing: bytes[min(bytes.count, 19 + extensionLength)...])
    }

    private func finishCopyOut(_ sql: SQL) throws(PostgresError) {
        var failure: PostgresError?
        while true {
            let result = unsafe PostgresResult(takingOwnershipOf: PQgetResult(handle.pointer))
            if result.isAbsent { break }
            if failure == nil, result.status != PGRES_COMMAND_OK { failure = result.error(statement: sql) }
        }
        if let failure { throw failure }
    }

    private func drainCopy() {
        guard !isLost else { return }
        PostgresCanceller(handle)?.cancel()
        var buffer: UnsafeMutablePointer<CChar>?
        while unsafe PQgetCopyData(handle.pointer, &buffer, 0) > 0 { unsafe PQfreemem(buffer) }
        while unsafe !PostgresResult(takingOwnershipOf: PQgetResult(handle.pointer)).isAbsent {}
    }
}
