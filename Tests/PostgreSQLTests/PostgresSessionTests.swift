import PostgreSQL
import SQLInterface
import Testing

@Suite(.enabled(if: !TestServer.url.isEmpty, Comment(rawValue: TestServer.isMissing)))
struct PostgresSessionTests {
    @Test func `binary results mean what the server prints`() throws {
        try TestServer.withSession { session in
            // Each value beside its text as the server writes it.
            let rows = try session.rows(
                """
                SELECT true, (-2)::int2, 2147483647::int4, (-9223372036854775808)::int8, 0.1::float8, 1.5::float4,
                    'ž'::text, 'n'::name, '{"a": 1}'::jsonb, '\\x00ff'::bytea, '2025-12-31 23:59:59.123456+00'::timestamptz,
                    '1999-12-31'::date, '00112233-4455-6677-8899-aabbccddeeff'::uuid, NULL::text, 12345678901::numeric,
                    -1234.5600::numeric, 0.00012::numeric, 'NaN'::numeric IS NOT NULL
                """)
            #expect(
                rows.rows[0] == [
                    true, -2, 2_147_483_647, .integer(.min), 0.1, 1.5, "ž", "n", #"{"a": 1}"#, .blob([0, 255]),
                    .timestamp(microseconds: 1_767_225_599_123_456), "1999-12-31",
                    "00112233-4455-6677-8899-aabbccddeeff", .null, 12_345_678_901, -1234.56, 0.00012, true,
                ])
        }
    }

    @Test(arguments: [
        "0", "1", "-1", "9999", "10000", "100000000", "0.1", "0.0001", "0.00001", "-12345678.87654321", "1e20", "0.50",
        "123456789012345678.5", "100.000",
    ])
    func `a numeric is read as the server's text reads`(text: String) throws {
        try TestServer.withSession { session in
            let row = try session.rows("SELECT CAST(\(text) AS numeric), CAST(CAST(\(text) AS numeric) AS text)").rows[
                0]
            guard case .text(let printed) = row[1] else {
                Issue.record("the text is missing")
                return
            }
            let expected = Int64(printed).map { SQLValue.integer($0) } ?? .real(Double(printed) ?? .nan)
            #expect(row[0] == expected)
        }
    }

    @Test func `a type without a binary reader comes as text beside the others`() throws {
        try TestServer.withSession { session in
            let rows = try session.rows(
                """
                SELECT ARRAY[1, 2], interval '1 day', 7, 0.5::float8, true, '\\x0a'::bytea,
                    '2025-12-31 23:59:59+00'::timestamptz, 2.5
                """)
            #expect(
                rows.rows[0] == [
                    "{1,2}", "1 day", 7, 0.5, true, .blob([10]), .timestamp(microseconds: 1_767_225_599_000_000), 2.5,
                ])
        }
    }

    @Test func `columns have their types where there are no rows`() throws {
        try TestServer.withSession { session in
            let result = try session.typedRows(
                """
                SELECT 1 AS a, 0.5::float8, 2.5, true, 'x'::text, '\\x0a'::bytea, now(), current_date, ARRAY[1]
                WHERE false
                """)
            #expect(result.rows.isEmpty)
            #expect(
                result.types == [.integer, .real, .real, .boolean, .text, .blob, .timestamp, .text, .text])
        }
    }

    @Test func `parameters of every kind arrive`() throws {
        try TestServer.withSession { session in
            let rows = try session.rows(
                """
                SELECT \(Int64.min), \(0.1), CAST(\("ž") AS text), \(SQLValue.blob([0, 1])), \(true),
                    \(SQLTimestamp(microseconds: -1)), CAST(\(nil as Int?) AS text), CAST(\("") AS text)
                """)
            #expect(
                rows.rows[0] == [
                    .integer(.min), 0.1, "ž", .blob([0, 1]), true, .timestamp(microseconds: -1), .null, "",
                ])
        }
    }

    @Test func `COPY brings every kind of value into its column`() throws {
        try TestServer.withSession { session in
            try session.executeScript(
                """
                CREATE TABLE t (a bigint, b integer, c smallint, d double precision, e real, f boolean, g text, h jsonb,
                    i bytea, j timestamptz, k date, l uuid, m json)
                """)
            let big = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 131) }
            let columns = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"]
            let row: [SQLValue] = [
                .integer(.max), -5, 6, 0.1, 2.5, true, "tab\tžluť\n", #"{"k": [1]}"#, .blob(big),
                .timestamp(microseconds: 1), "2024-02-29", "00112233-4455-6677-8899-aabbccddeeff", "[1]",
            ]
            let small: [SQLValue] = [
                1, 2, 3, 4, 5, 0, "", "null", .blob([]), "2025-12-31T23:59:59.000001Z", "1970-01-01",
                "00112233445566778899aabbccddeeff", "1",
            ]
            try session.load(
                table: "t", columns: columns, rows: [row, Array(repeating: .null, count: columns.count), small])
            let rows = try session.rows("SELECT * FROM t").rows
            #expect(rows[0] == row)
            #expect(rows[1] == Array(repeating: .null, count: columns.count))
            #expect(
                rows[2] == [
                    1, 2, 3, 4.0, 5.0, false, "", "null", .blob([]),
                    .timestamp(microseconds: 1_767_225_599_000_001), "1970-01-01",
                    "00112233-4455-6677-8899-aabbccddeeff", "1",
                ])
            #expect(
                try session.rows("SELECT encode(sha256(i), 'hex') = encode(sha256(\(big)), 'hex') FROM t").scalar
                    == true)
        }
    }

    @Test func `a value that does not fit names table and column, and the session goes on`() throws {
        try TestServer.withSession { session in
            try session.executeScript("CREATE TABLE t (id integer, age smallint)")
            try session.begin(.write)
            let error = #expect(throws: PostgresError.self) {
                try session.load(table: "t", columns: ["id", "age"], rows: [[1, 2], [3, 70_123]])
            }
            #expect(error?.kind == .invalidData)
            #expect(error?.table == "t")
            #expect(error?.column == "age")
            #expect(error?.description.contains("70123") == false)
            try session.rollback()
            #expect(try session.rows("SELECT count(*) FROM t").scalar == 0)
        }
    }

    /// PostgreSQL repeats values in the primary message, DETAIL and CONTEXT.
    @Test func `no value of a row is in the description of an error`() throws {
        try TestServer.withSession { session in
            try session.executeScript(
                "CREATE TABLE patient (name text CONSTRAINT patient_name_key UNIQUE, born date, age integer)")
            _ = try session.execute("INSERT INTO patient (name) VALUES (\("DOE^JANE"))")
            let statements: [SQL] = [
                "INSERT INTO patient (name) VALUES (\("DOE^JANE"))",
                "SELECT CAST(name AS integer) FROM patient",
                "SELECT CAST(CAST(\("DOE^JANE") AS text) AS date)",
                "INSERT INTO patient (age) SELECT CAST(name AS integer) FROM patient",
            ]
            for statement in statements {
                let error = #expect(throws: PostgresError.self) { try session.execute(statement) }
                #expect(error?.description.contains("DOE") == false)
                #expect(error.map { String(reflecting: $0).contains("DOE") } == true)
            }
            let error = #expect(throws: PostgresError.self) {
                try session.load(table: "patient", columns: ["name"], rows: [["DOE^JANE"]])
            }
            #expect(error?.constraint == "patient_name_key")
            #expect(error?.kind == .uniqueViolation)
            #expect(error?.description.contains("DOE") == false)
        }
    }

    @Test func `a commit after a failed statement is an error and not a silent rollback`() throws {
        try TestServer.withSession { session in
            try session.begin(.write)
            #expect(throws: PostgresError.self) { try session.execute("SELECT 1 / 0") }
            let error = #expect(throws: PostgresError.self) { try session.commit() }
            #expect(error?.kind == .misuse)
        }
    }

    @Test func `a stream gives all rows in batches and may be left early`() throws {
        try TestServer.withSession { session in
            let sql: SQL = "SELECT i FROM generate_series(1, \(10)) AS i"
            try session.openStream(sql)
            #expect(try session.nextBatch(maxRows: 4)?.map { $0.values[0] } == [1, 2, 3, 4])
            let error = #expect(throws: PostgresError.self) { try session.rows("SELECT 1") }
            #expect(error?.kind == .misuse)
            #expect(try session.nextBatch(maxRows: 100)?.count == 6)
            #expect(try session.nextBatch(maxRows: 4) == nil)
            try session.openStream("SELECT i, repeat('x', 1000) FROM generate_series(1, 10000000) AS i")
            #expect(try session.nextBatch(maxRows: 10)?.count == 10)
            session.closeStream()
            #expect(try session.rows("SELECT 1").scalar == 1)
        }
    }

    @Test func `an error in the middle of a stream ends it`() throws {
        try TestServer.withSession { session in
            try session.openStream("SELECT 1 / (3 - i) FROM generate_series(1, 5) AS i")
            #expect(try session.nextBatch(maxRows: 2)?.count == 2)
            let error = #expect(throws: PostgresError.self) { try session.nextBatch(maxRows: 2) }
            #expect(error?.sqlState == "22012")
            #expect(try session.rows("SELECT 1").scalar == 1)
        }
    }

    @Test func `a table that changes under a prepared statement is noticed`() throws {
        try TestServer.withSession { session in
            try session.executeScript("CREATE TABLE t (i integer)")
            #expect(try session.rows("SELECT * FROM t").columns == ["i"])
            try session.executeScript("ALTER TABLE t ADD COLUMN j text")
            #expect(try session.rows("SELECT * FROM t").columns == ["i", "j"])
        }
    }

    @Test func `more statements than the cache holds can be prepared`() throws {
        try TestServer.withSession { session in
            for number in 0..<600 {
                let rows = try session.rows(SQL(raw: "SELECT \(number % 400)"))
                #expect(rows.scalar == .integer(Int64(number % 400)))
            }
        }
    }

    @Test func `a line is given for an error in a file`() throws {
        try TestServer.withSession { session in
            let error = #expect(throws: PostgresError.self) {
                try session.executeScript("SELECT 1;\n\nSELECT absent FROM pg_class;", name: "0007_x.sql")
            }
            #expect(error?.kind == .undefinedName)
            #expect(error?.description.contains("line 3") == true)
            #expect(error?.description.contains("0007_x.sql") == true)
        }
    }

    @Test func `notices are kept and not printed`() throws {
        try TestServer.withSession { session in
            _ = session.takeNotices()
            try session.executeScript("DO $$ BEGIN RAISE NOTICE 'look here'; END $$")
            #expect(session.takeNotices() == ["look here"])
            #expect(session.takeNotices().isEmpty)
        }
    }
}
