internal import CLibPQ
internal import SQLInterface

/// A query whose rows arrive one by one.
struct PostgresStream {
    let sql: SQL
    let prepared: PostgresPreparedStatement

    /// At most `maxRows` rows, fewer if they are large; nil after the last, when the connection is ready again.
    func nextBatch(_ handle: PostgresHandle, maxRows: Int) throws(PostgresError) -> RowSet? {
        var batch = RowBatch(maxRows: maxRows)
        while !batch.isFull {
            let result = unsafe PostgresResult(takingOwnershipOf: PQgetResult(handle.pointer))
            if result.isAbsent { break }
            switch result.status {
            case PGRES_SINGLE_TUPLE:
                batch.append(try result.row(0, types: prepared.types, isBinary: prepared.isBinary))
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK: continue
            default: throw result.error(statement: sql)
            }
        }
        return batch.rows.isEmpty ? nil : RowSet(columns: prepared.columns, rows: batch.rows)
    }

    /// Cancels what is left and discards it.
    func close(_ handle: PostgresHandle) {
        if unsafe PQtransactionStatus(handle.pointer) == PQTRANS_ACTIVE {
            PostgresCanceller(handle)?.cancel()
        }
        while unsafe !PostgresResult(takingOwnershipOf: PQgetResult(handle.pointer)).isAbsent {}
    }
}
