import PostgreSQL
import SQLInterface
import Testing

@Suite(.enabled(if: !TestServer.url.isEmpty, Comment(rawValue: TestServer.isMissing)))
struct PostgresConnectionTests {
    private let options = PostgresOptions(connectionString: TestServer.url)

    @Test func `a cancelled task cancels its statement on the server, and can roll back`() async throws {
        let connection = try await PostgresConnection.open(options)
        try await connection.begin(.write)
        let error = await #expect(throws: PostgresError.self) {
            try await withThrowingTaskGroup { group in
                group.addTask { _ = try await connection.rows("SELECT pg_sleep(600)") }
                group.addTask { try await Self.waitUntilSleeping(options) }
                try await group.next()
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        #expect(error?.kind == .cancelled)
        try await connection.rollback()
        #expect(try await connection.rows("SELECT 1").scalar == 1)
    }

    @Test func `a claim holds until the transaction of its session ends`() async throws {
        let first = try await PostgresConnection.open(options)
        let second = try await PostgresConnection.open(options)
        let key = Int64.random(in: 0...(.max))
        try await first.begin(.write)
        try await second.begin(.write)
        #expect(try await first.claim(key: key))
        #expect(try await !second.claim(key: key))
        try await first.rollback()
        #expect(try await second.claim(key: key))
        try await second.rollback()
    }

    @Test func `a connection that the server ends is reported lost`() async throws {
        let victim = try await PostgresConnection.open(options)
        let other = try await PostgresConnection.open(options)
        let pid = try await victim.rows("SELECT pg_backend_pid()")[0].get(at: 0, as: Int.self)
        _ = try await other.rows("SELECT pg_terminate_backend(CAST(\(pid) AS integer), 5000)")
        let error = await #expect(throws: PostgresError.self) { try await victim.rows("SELECT 1") }
        #expect(error?.kind == .connection)
        #expect(error?.kind.isRetryable == true)
        #expect(await !victim.isReusable())
    }

    /// Returns when another session of this server runs `pg_sleep`.
    private static func waitUntilSleeping(_ options: PostgresOptions) async throws {
        let observer = try await PostgresConnection.open(options)
        let query: SQL =
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
        while try await observer.rows(query).scalar == 0 { await Task.yield() }
    }
}
