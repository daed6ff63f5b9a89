import PostgreSQL
import SQLInterface
import Testing

@Suite struct PostgresErrorTests {
    /// Names: PostgreSQL manual, appendix A.
    @Test(arguments: [
        ("08006", true), ("40001", true), ("40P01", true), ("53300", true), ("57P01", true), ("57P03", true),
        ("55P03", true), ("53100", false), ("57014", false), ("23505", false), ("22P02", false), ("28P01", false),
        ("3D000", false), ("42P01", false), ("XX000", false), ("08P01", false),
    ])
    func `retry is decided by the SQLSTATE`(sqlState: String, isRetryable: Bool) {
        #expect(PostgresError.kind(sqlState: sqlState).isRetryable == isRetryable)
    }
}
