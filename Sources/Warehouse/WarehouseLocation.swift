internal import Glibc

/// Where a warehouse is: `sqlite:path`, `sqlite::memory:` or `postgresql://user@host/database?schema=name`.
///
/// What a URL leaves out comes from libpq's `PG*` variables. The password is never part of `description`.
package struct WarehouseLocation: Sendable, Hashable, CustomStringConvertible {
    package enum Store: Sendable, Hashable {
        case sqlite(path: String)
        /// The connection string may hold a password.
        case postgresql(connectionString: String, schema: String)
    }

    package let store: Store
    /// The schema that tables live in when none is named.
    package static let defaultSchema = "slicehouse"
    package static let defaultText = "sqlite:slicehouse.sqlite"

    package init(_ store: Store) {
        self.store = store
    }

    package var engine: WarehouseEngine {
        switch store {
        case .sqlite: .sqlite
        case .postgresql: .postgresql
        }
    }

    /// Reads a location.
    ///
    /// - Parameter schema: The schema of a PostgreSQL location that does not name one.
    /// **Throws** `badLocation`.
    package init(parsing text: String, schema: String = defaultSchema) throws(WarehouseError) {
        if text.hasPrefix("sqlite:") {
            let path = String(text.dropFirst("sqlite:".count))
            guard !path.isEmpty else { throw Self.bad(text, "the path is missing; write sqlite:PATH") }
            store = .sqlite(path: path)
        } else if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            let (url, named) = Self.extractSchema(text)
            let schema = named ?? schema
            guard Self.isPlainName(schema) else {
                throw Self.bad(Self.redacted(url), "the schema name must consist of a-z, 0-9 and _")
            }
            store = .postgresql(connectionString: url, schema: schema)
        } else {
            throw Self.unnamed(text)
        }
    }

    /// The location named by an option, else by `SLICEHOUSE_DATABASE`, else `sqlite:slicehouse.sqlite`; the schema
    /// named by the URL, else by `SLICEHOUSE_SCHEMA`, else `slicehouse`.
    package static func resolve(
        _ option: String?, environment: [String: String] = environmentVariables()
    ) throws(WarehouseError) -> WarehouseLocation {
        if let option, option.isEmpty {
            throw bad("--database", "it is empty; write sqlite:PATH or postgresql://USER@HOST/DATABASE")
        }
        let text = option ?? environment["SLICEHOUSE_DATABASE"] ?? ""
        return try WarehouseLocation(
            parsing: text.isEmpty ? defaultText : text, schema: environment["SLICEHOUSE_SCHEMA"] ?? defaultSchema)
    }

    /// The two variables that name a warehouse.
    package static func environmentVariables() -> [String: String] {
        var result: [String: String] = [:]
        for name in ["SLICEHOUSE_DATABASE", "SLICEHOUSE_SCHEMA"] {
            if let value = unsafe getenv(name) { result[name] = unsafe String(cString: value) }
        }
        return result
    }

    package var description: String {
        switch store {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgresql(let url, let schema):
            Self.redacted(url) + (schema == Self.defaultSchema ? "" : " (schema \(schema))")
        }
    }

    // MARK: URLs

    /// Takes `schema=…` out of the query: libpq refuses keywords it does not know.
    private static func extractSchema(_ url: String) -> (url: String, schema: String?) {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return (url, nil) }
        var schema: String?
        let others = parts[1].split(separator: "&").filter { item in
            guard item.hasPrefix("schema=") else { return true }
            schema = String(item.dropFirst("schema=".count))
            return false
        }
        return (parts[0] + (others.isEmpty ? "" : "?" + others.joined(separator: "&")), schema)
    }

    /// The URL without its password, wherever it stands.
    static func redacted(_ url: String) -> String {
        var result = url
        if let start = url.firstRange(of: "://")?.upperBound {
            let authority = url[start...].prefix { $0 != "/" && $0 != "?" }
            // A password may hold an unescaped "@" or "/": hide up to the last "@" of the URL's first part.
            let login = url[start...].prefix { $0 != "?" }
            if let at = login.lastIndex(of: "@"), let colon = authority.firstIndex(of: ":"), colon < at {
                result.replaceSubrange(colon..<at, with: "")
            }
        }
        guard let query = result.firstIndex(of: "?") else { return result }
        let items = result[result.index(after: query)...].split(separator: "&")
        let safe = items.filter { !$0.hasPrefix("password=") && !$0.hasPrefix("sslpassword=") }
        return result[..<query] + (safe.isEmpty ? "" : "?" + safe.joined(separator: "&"))
    }

    private static func isPlainName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (1...63).contains(name.utf8.count) else { return false }
        let isLetter = (0x61...0x7A).contains(first) || first == 0x5F
        return isLetter
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    /// A mistyped URL may hold a password anywhere, and is not repeated; a path is.
    private static func unnamed(_ text: String) -> WarehouseError {
        guard text.hasSuffix(".sqlite"), !text.contains(where: { ":@?=".contains($0) }) else {
            return bad("database", "it is named sqlite:PATH or postgresql://USER@HOST/DATABASE")
        }
        return bad(text, "a database in a file is named with its kind in front; write sqlite:\(text)")
    }

    private static func bad(_ text: String, _ reason: String) -> WarehouseError {
        WarehouseError(code: .badLocation, subject: text.isEmpty ? "database" : text, reason: reason)
    }
}
