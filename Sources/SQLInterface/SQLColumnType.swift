/// What the values of a column are, as the server or the schema says: also where there are none.
package enum SQLColumnType: Sendable, Hashable {
    case integer, real, boolean, text, blob, timestamp

    /// From the declared type of a column of an SQLite table; nil for NUMERIC and ANY, which may hold anything.
    ///
    /// **Source** https://www.sqlite.org/datatype3.html, "Determination of Column Affinity"
    package init?(sqliteDeclaration declaration: String) {
        let name = declaration.uppercased()
        func has(_ parts: String...) -> Bool { parts.contains { name.contains($0) } }
        if has("INT") {
            self = .integer
        } else if has("CHAR", "CLOB", "TEXT") {
            self = .text
        } else if has("BLOB") {
            self = .blob
        } else if has("REAL", "FLOA", "DOUB") {
            self = .real
        } else {
            return nil
        }
    }
}

/// A result with the types of its columns; nil where nobody says.
package struct TypedRows: Sendable, Hashable {
    package let rows: RowSet
    package let types: [SQLColumnType?]

    package init(rows: RowSet, types: [SQLColumnType?]) {
        precondition(rows.columns.count == types.count, "a column has one type, or none")
        self.rows = rows
        self.types = types
    }
}
