/// What went wrong in a database, in words that do not depend on the engine.
package enum DatabaseFailureKind: String, Sendable, Hashable, CaseIterable {
    /// The server cannot be reached, or the connection was lost.
    case connection
    case authentication
    /// The database or file named does not exist.
    case databaseMissing
    /// The file is not a database, or is damaged.
    case notADatabase
    /// Somebody else holds the lock; try again later.
    case locked
    /// A conflict with another transaction; run the transaction again.
    case conflict
    case cancelled
    case diskFull
    case inputOutput
    /// The server lacks memory, connections or another resource.
    case resources
    case readOnly
    case permission
    case uniqueViolation
    case foreignKeyViolation
    case checkViolation
    case notNullViolation
    /// A value cannot be stored or computed: a bad cast, a division by zero, a number out of range.
    case invalidData
    /// The statement names a table, column or function that does not exist.
    case undefinedName
    case syntax
    /// The library was used wrongly, such as a statement on a connection that still streams.
    case misuse
    case other

    /// Whether the same transaction may succeed when it is run again, perhaps on a new connection.
    package var isRetryable: Bool {
        switch self {
        case .connection, .locked, .conflict, .resources: true
        default: false
        }
    }
}

/// An error of either engine. Its `description` never repeats a value of a row; `debugDescription` may.
package protocol DatabaseFailure: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    var kind: DatabaseFailureKind { get }
}
