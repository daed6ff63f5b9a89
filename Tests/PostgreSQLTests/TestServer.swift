import Foundation
import PostgreSQL
import SQLInterface

/// The server that tests use: `Tests/throwaway-postgresql -- swift test`.
enum TestServer {
    static let url = ProcessInfo.processInfo.environment["SLICEHOUSE_TEST_POSTGRESQL"] ?? ""
    static let isMissing = "SLICEHOUSE_TEST_POSTGRESQL is not set: run Tests/throwaway-postgresql -- swift test"

    /// Runs the body in a schema of its own, which is dropped afterwards.
    static func withSession(_ body: (PostgresSession) throws -> Void) throws {
        let schema = "t_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        let session = try PostgresSession(options: PostgresOptions(connectionString: url, schema: schema))
        _ = try session.execute("CREATE SCHEMA \(identifier: schema)")
        defer {
            try? session.rollback()
            _ = try? session.execute("DROP SCHEMA \(identifier: schema) CASCADE")
        }
        try body(session)
    }
}
