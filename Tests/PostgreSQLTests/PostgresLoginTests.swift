import PostgreSQL
import SQLInterface
import Testing

@Suite struct PostgresLoginTests {
    @Test func `no server, a name that cannot be resolved and a bad URL are told in a sentence`() {
        for url in ["postgresql://127.0.0.1:1/x", "postgresql:///x?host=/nowhere"] {
            let error = #expect(throws: PostgresError.self) {
                try PostgresSession(options: PostgresOptions(connectionString: url))
            }
            #expect(error?.kind == .connection)
            #expect(error?.description.contains("no server can be reached") == true)
            #expect(error?.description.contains("(x at ") == true)
        }
        for url in ["postgresql://u@localhost:notaport/x", "postgresql://u:secret@h/x?nokeyword=1"] {
            let error = #expect(throws: PostgresError.self) {
                try PostgresSession(options: PostgresOptions(connectionString: url))
            }
            #expect(error?.kind == .syntax)
            #expect(error.map { String(reflecting: $0).contains("secret") } == false)
        }
    }

    @Test(.enabled(if: !TestServer.url.isEmpty, Comment(rawValue: TestServer.isMissing)))
    func `a database that is not UTF-8 and a statement that writes while reading are refused`() throws {
        let session = try PostgresSession(options: PostgresOptions(connectionString: TestServer.url))
        _ = try? session.executeScript(
            "CREATE DATABASE slicehouse_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        let latin = TestServer.url.replacing("/postgres?", with: "/slicehouse_latin1?")
        let encoding = #expect(throws: PostgresError.self) {
            try PostgresSession(options: PostgresOptions(connectionString: latin))
        }
        #expect(encoding?.description.contains("LATIN1") == true)
        let reading = try PostgresSession(
            options: PostgresOptions(connectionString: TestServer.url, isReadOnly: true))
        let refused = #expect(throws: PostgresError.self) {
            try reading.execute("CREATE TABLE public.written_while_reading (a integer)")
        }
        #expect(refused?.kind == .readOnly)
    }

    /// PostgreSQL runs all of these in a transaction that only reads: they change no row.
    @Test(.enabled(if: !TestServer.url.isEmpty, Comment(rawValue: TestServer.isMissing)))
    func `a session that reads writes no file and no setting of the server`() throws {
        let reading = try PostgresSession(
            options: PostgresOptions(connectionString: TestServer.url, isReadOnly: true))
        for text in [
            "COPY (SELECT 1) TO '/dev/null'", "COPY (SELECT 1) TO PROGRAM 'true'", "COPY (SELECT 1) TO STDOUT",
            "ALTER SYSTEM SET log_statement = 'none'", "VACUUM", "SET work_mem = '64MB'", "CREATE TABLE x (a integer)",
        ] {
            let error = #expect(throws: PostgresError.self) { try reading.rows(SQL(raw: text)) }
            #expect(error?.kind == .readOnly, "\(text)")
        }
        for text in ["SELECT 7", "WITH a AS (SELECT 7) TABLE a", "VALUES (7)", "EXPLAIN SELECT 7", "SHOW work_mem"] {
            #expect(try reading.rows(SQL(raw: text)).rows.isEmpty == false, "\(text)")
        }
        #expect(try reading.rows(SQL(raw: "-- nothing")).rows.isEmpty)
    }

    @Test(.enabled(if: !TestServer.url.isEmpty, Comment(rawValue: TestServer.isMissing)))
    func `a missing database and an unknown user are told apart`() throws {
        let base = TestServer.url
        let noDatabase = base.replacing("/postgres?", with: "/nothing_here?")
        let error = #expect(throws: PostgresError.self) {
            try PostgresSession(options: PostgresOptions(connectionString: noDatabase))
        }
        #expect(error?.kind == .databaseMissing)
        #expect(error?.sqlState == "3D000")
        let noUser = base.replacing("slicehouse@", with: "nobody_here@")
        let refused = #expect(throws: PostgresError.self) {
            try PostgresSession(options: PostgresOptions(connectionString: noUser))
        }
        #expect(refused?.kind == .authentication)
    }

    @Test(.enabled(if: !TestServer.url.isEmpty, Comment(rawValue: TestServer.isMissing)))
    func `a wrong and an absent password are refused without being repeated`() throws {
        let session = try PostgresSession(options: PostgresOptions(connectionString: TestServer.url))
        try session.executeScript(
            """
            DO $$ BEGIN
                CREATE ROLE slicehouse_password LOGIN PASSWORD 'right-password';
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
            """)
        let wrong = TestServer.url.replacing("slicehouse@", with: "slicehouse_password:hunter2@")
        let error = #expect(throws: PostgresError.self) {
            try PostgresSession(options: PostgresOptions(connectionString: wrong))
        }
        #expect(error?.kind == .authentication)
        #expect(error?.sqlState == "28P01")
        #expect(error.map { String(reflecting: $0).contains("hunter2") } == false)
        let absent = TestServer.url.replacing("slicehouse@", with: "slicehouse_password@")
        let missing = #expect(throws: PostgresError.self) {
            try PostgresSession(options: PostgresOptions(connectionString: absent))
        }
        #expect(missing?.kind == .authentication)
        #expect(missing?.description.contains("PGPASSWORD") == true)
        let right = TestServer.url.replacing("slicehouse@", with: "slicehouse_password:right-password@")
        _ = try PostgresSession(options: PostgresOptions(connectionString: right))
    }
}
