import SQLInterface
import Testing

@Suite struct SQLTimestampTests {
    /// Expected texts: Python, `datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=…)`, `.isoformat()`.
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
            (1_767_225_599_123_456, "2025-12-31T23:59:59.123456Z"),
        ] as [(Int64, String)])
    func `an instant is written as ISO 8601 and read back`(microseconds: Int64, text: String) {
        #expect(SQLTimestamp(microseconds: microseconds).iso8601 == text)
        #expect(SQLTimestamp(iso8601: text)?.microseconds == microseconds)
    }

    @Test func `the forms that PostgreSQL prints are read`() {
        #expect(SQLTimestamp(iso8601: "2025-12-31 23:59:59.12+00")?.iso8601 == "2025-12-31T23:59:59.120000Z")
        #expect(SQLTimestamp(iso8601: "2025-12-31 23:59:59")?.iso8601 == "2025-12-31T23:59:59.000000Z")
    }

    @Test(arguments: [
        "", "2025-12-31", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-12-31T24:00:00Z",
        "2025-12-31T23:59:59.Z", "2025-12-31T23:59:59+01", "infinity", "2025-12-31T23:59:59.1234567Z",
    ])
    func `anything else is refused`(text: String) {
        #expect(SQLTimestamp(iso8601: text) == nil)
    }
}
