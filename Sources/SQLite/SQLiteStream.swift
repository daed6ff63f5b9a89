internal import SQLInterface

/// A query that has been started and is read in batches.
final class SQLiteStream {
    private let statement: PreparedStatement
    private let columns: [String]
    private var isAtEnd = false
    var name: String? { statement.name }

    init(statement: PreparedStatement) {
        self.statement = statement
        columns = statement.columnNames
    }

    /// At most `maxRows` rows, fewer if they are large; nil after the last.
    func nextBatch(maxRows: Int) throws(SQLiteError) -> RowSet? {
        guard !isAtEnd else { return nil }
        var batch = RowBatch(maxRows: maxRows)
        while !batch.isFull {
            guard try statement.step() else {
                isAtEnd = true
                break
            }
            batch.append(statement.row())
        }
        return batch.rows.isEmpty ? nil : RowSet(columns: columns, rows: batch.rows)
    }
}
