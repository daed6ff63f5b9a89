package import SQLInterface

/// A slice by its key.
package struct SliceKey: Sendable, Hashable {
    package let patient: Int64
    package let slice: Int64
}

/// One row of `slice_pixels`, lent for the time of a call.
@safe package struct StoredTile {
    /// Index into the slices that were asked for.
    package let request: Int
    package let firstRow: Int
    package let rowCount: Int
    package let isJPEG: Bool
    package let bytes: UnsafeRawBufferPointer
}

/// A connection that one thread at a time reads with; every call blocks.
///
/// Errors of the database are ``DatabaseFailure``s.
package protocol StreamConnection: AnyObject {
    /// Gives the rows of a query one by one.
    func forEachRow(_ sql: SQL, _ body: ([SQLValue]) throws -> Void) throws

    /// The names and rows of a query, and what its columns are as far as that is known.
    func typedResult(_ sql: SQL) throws -> TypedRows

    /// Gives the tiles of the slices in the order asked for, those of a slice from top to bottom.
    ///
    /// A slice without pixels is left out.
    func forEachTile(of slices: [SliceKey], _ body: (StoredTile) throws -> Void) throws

    /// Ends what the connection is doing; may be called from any thread. Nil where nothing can.
    var interruption: (@Sendable () -> Void)? { get }

    func close()
}

extension StreamConnection {
    /// The names and rows of a query.
    package func result(_ sql: SQL) throws -> RowSet { try typedResult(sql).rows }
}
