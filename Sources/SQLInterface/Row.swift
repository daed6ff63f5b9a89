/// One row of a result: values beside the names of their columns.
package struct Row: Sendable, Hashable {
    package let columns: [String]
    package let values: [SQLValue]

    package init(columns: [String], values: [SQLValue]) {
        precondition(columns.count == values.count, "a row has one value per column")
        self.columns = columns
        self.values = values
    }

    /// The value of the named column; nil when the result has no such column.
    package subscript(column: String) -> SQLValue? {
        columns.firstIndex(of: column).map { values[$0] }
    }

    /// Decodes the named column: `let id: Int64 = try row.get("slice_id")`; an optional type admits NULL.
    ///
    /// **Throws** `missingColumn`, `unexpectedNull`, `unexpectedType`.
    package func get<T: SQLDecodable>(_ column: String, as type: T.Type = T.self) throws(SQLDecodingError) -> T {
        guard let index = columns.firstIndex(of: column) else {
            throw SQLDecodingError(code: .missingColumn, column: column, reason: "the result has no such column")
        }
        return try decode(values[index], column: column)
    }

    /// Decodes the column at an index.
    package func get<T: SQLDecodable>(at index: Int, as type: T.Type = T.self) throws(SQLDecodingError) -> T {
        guard values.indices.contains(index) else {
            throw SQLDecodingError(code: .missingColumn, column: "#\(index)", reason: "the result has no such column")
        }
        return try decode(values[index], column: columns[index])
    }

    private func decode<T: SQLDecodable>(_ value: SQLValue, column: String) throws(SQLDecodingError) -> T {
        if let decoded = T(sqlValue: value) { return decoded }
        if value.isNull {
            throw SQLDecodingError(code: .unexpectedNull, column: column, reason: "it is NULL")
        }
        throw SQLDecodingError(code: .unexpectedType, column: column, reason: "it is not a \(T.self)")
    }
}

/// The rows of one result, all of the same shape.
package struct RowSet: Sendable, Hashable, RandomAccessCollection {
    package let columns: [String]
    package let rows: [[SQLValue]]

    package init(columns: [String], rows: [[SQLValue]]) {
        self.columns = columns
        self.rows = rows
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { rows.count }
    package subscript(position: Int) -> Row { Row(columns: columns, values: rows[position]) }

    /// The first value of the first row; nil when there is no row.
    package var scalar: SQLValue? { rows.first?.first }
}
