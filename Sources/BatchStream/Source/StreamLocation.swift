/// Where the warehouse is, as `--database` and Python name it: `sqlite:PATH` or `postgresql://…?schema=NAME`.
///
/// The module Warehouse reads the same texts; it stands on GRDB and Swift concurrency, which a stream must not need.
package enum StreamLocation: Sendable, Hashable {
    case sqlite(path: String)
    case postgresql(connectionString: String, schema: String)

    /// **Throws** `notFound` for other texts, which are not repeated: they may hold a password.
    package init(parsing text: String, schema: String = "slicehouse") throws(StreamError) {
        let isServer = text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
        if text.hasPrefix("sqlite:"), text.count > 7 {
            self = .sqlite(path: String(text.dropFirst(7)))
            return
        }
        guard isServer else {
            throw StreamError(
                .notFound, "The warehouse cannot be opened: it is named sqlite:PATH or postgresql://USER@HOST/DATABASE."
            )
        }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let items = parts.count == 2 ? parts[1].split(separator: "&") : []
        let named = items.last { $0.hasPrefix("schema=") }.map { String($0.dropFirst(7)) }
        let rest = items.filter { !$0.hasPrefix("schema=") }.joined(separator: "&")
        self = .postgresql(
            connectionString: parts[0] + (rest.isEmpty ? "" : "?" + rest), schema: named ?? schema)
    }

    /// A new connection that only reads.
    package func connect() throws -> any StreamConnection {
        switch self {
        case .sqlite(let path): try SQLiteStreamConnection(path: path)
        case .postgresql(let connectionString, let schema):
            try PostgresStreamConnection(connectionString: connectionString, schema: schema)
        }
    }
}
