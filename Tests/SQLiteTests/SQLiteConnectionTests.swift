import SQLInterface
import SQLite
import Testing

@Suite struct SQLiteConnectionTests {
    private static let endless: SQL =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

    @Test func `a cancelled task stops its statement, and the connection serves the next`() async throws {
        let connection = try await SQLiteConnection.open(
            SQLiteOptions(path: ":memory:", access: .write(create: true)))
        let error = await #expect(throws: SQLiteError.self) {
            try await withThrowingTaskGroup { group in
                group.addTask { _ = try await connection.rows(Self.endless) }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        #expect(error?.kind == .cancelled)
        #expect(try await connection.rows("SELECT 1").scalar == 1)
    }

    @Test func `a statement that runs is interrupted`() async throws {
        let connection = try await SQLiteConnection.open(
            SQLiteOptions(path: ":memory:", access: .write(create: true)))
        let error = await #expect(throws: SQLiteError.self) {
            try await withThrowingTaskGroup { group in
                group.addTask { _ = try await connection.rows(Self.endless) }
                // Lets the statement start; the outcome is the same if it has not.
                group.addTask { try await Task.sleep(for: .milliseconds(50)) }
                try await group.next()
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        #expect(error?.kind == .cancelled)
    }
}
