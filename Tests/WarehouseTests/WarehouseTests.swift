import SQLInterface
import Testing
import Warehouse

@Suite struct WarehouseTests {
    @Test(arguments: TestEngines.available)
    func `the real migrations and views are applied, and a second opening changes nothing`(
        engine: WarehouseEngine
    ) async throws {
        let library = try SQLLibrary.locate()
        try await TestEngines.withLocation(engine) { location in
            let first = try await Warehouse.open(location, access: .write(create: true), library: library)
            let ledger: SQL = "SELECT version, name, applied_at FROM schema_migration ORDER BY version"
            let before = try await first.withConnection { try await $0.rows(ledger) }
            try await first.close()
            #expect(before.count == library.paths(below: "migrations/\(engine.rawValue)").count)
            let second = try await Warehouse.open(location, access: .write(create: true), library: library)
            #expect(try await second.withConnection { try await $0.rows(ledger) } == before)
            try await second.close()
        }
    }

    /// Of a list of three words and more SQLite makes a B-tree for every row that it checks.
    @Test func `SQLite checks the words of a row without building anything, and as strictly as before`() async throws {
        try await TestEngines.withLocation(.sqlite) { location in
            let warehouse = try await Warehouse.open(
                location, access: .write(create: true), library: try SQLLibrary.locate())
            try await warehouse.withConnection(.write) { connection in
                for table in ["source_file", "series", "slice", "slice_pixels", "header_value", "label", "label_value"]
                {
                    let columns = try await connection.rows("PRAGMA table_info(\(identifier: table))").count
                    let nothing = Array(repeating: "NULL", count: columns).joined(separator: ", ")
                    let program = try await connection.rows(
                        "EXPLAIN INSERT INTO \(identifier: table) VALUES (\(raw: nothing))")
                    #expect(
                        try !program.contains { try $0.get("opcode", as: String.self) == "OpenEphemeral" }, "\(table)")
                }
                let error = await #expect(throws: (any Error).self) {
                    try await connection.execute(
                        """
                        INSERT INTO rejection (ingest_run_id, stage, code, reader_version, sentence)
                        VALUES (1, 'elsewhere', 'x', '1', 'x')
                        """)
                }
                #expect((error as? any DatabaseFailure)?.kind == .checkViolation)
                #expect(try await connection.rows("PRAGMA integrity_check")[0].get(at: 0, as: String.self) == "ok")
            }
            try await warehouse.close()
        }
    }

    /// By the labels of a whole patient they would take the square of the slices.
    @Test func `checks over labels find those of a slice by the index of the subject`() async throws {
        let library = try SQLLibrary.locate()
        try await TestEngines.withLocation(.sqlite) { location in
            let warehouse = try await Warehouse.open(location, access: .write(create: true), library: library)
            for name in [
                "any_haemorrhage_contradicts", "label_rows_match_slices", "no_haemorrhage_contradicts",
                "positive_slice_without_mask",
            ] {
                let check = try #require(library.qualityChecks(engine: .sqlite).first { $0.name == name })
                let plan = try await warehouse.withConnection {
                    try await $0.rows("EXPLAIN QUERY PLAN \(sql: try check.sql())")
                }
                let steps = try plan.map { try $0.get("detail", as: String.self) }
                #expect(
                    steps.contains { $0.contains("label ") && $0.contains("label_source_id=? AND subject_id=?") },
                    "\(name): \(steps)")
            }
            try await warehouse.close()
        }
    }

    @Test(arguments: TestEngines.available)
    func `a place without a warehouse is refused unless it may be made`(engine: WarehouseEngine) async throws {
        let library = try TestLibrary().open()
        try await TestEngines.withLocation(engine) { location in
            for access in [Warehouse.Access.read, .write(create: false)] {
                let error = await #expect(throws: (any Error).self) {
                    try await Warehouse.open(location, access: access, library: library)
                }
                #expect((error as? any DatabaseFailure)?.kind == .databaseMissing)
                #expect(error.map { "\($0)".contains("run slicehouse") } == true)
            }
        }
    }

    @Test(arguments: TestEngines.available)
    func `an older database is refused until it is upgraded`(engine: WarehouseEngine) async throws {
        var files = try TestLibrary()
        try await TestEngines.withLocation(engine) { location in
            try await Warehouse.open(location, access: .write(create: true), library: files.open()).close()
            try files.add(
                "migrations/\(engine.rawValue)/0003_add.sql", "CREATE TABLE added (added_id bigint PRIMARY KEY);")
            let library = try files.open()
            for access in [Warehouse.Access.read, .write(create: true)] {
                #expect(
                    await code { _ = try await Warehouse.open(location, access: access, library: library) }
                        == .schemaOutdated)
            }
            let upgraded = try await Warehouse.open(
                location, access: .write(create: false), migration: .upgrade, library: library)
            #expect(try await upgraded.withConnection { try await $0.rows("SELECT * FROM added") }.isEmpty)
            try await upgraded.close()
            try await Warehouse.open(location, access: .read, library: library).close()
        }
    }

    @Test(arguments: TestEngines.available)
    func `a transaction commits whole or leaves nothing`(engine: WarehouseEngine) async throws {
        struct Stop: Error {}
        try await withWarehouse(engine) { warehouse in
            await #expect(throws: Stop.self) {
                try await warehouse.withConnection(.write) { connection in
                    try await connection.transaction {
                        try await connection.load(table: "patient", columns: ["patient_id", "name"], rows: [[1, "a"]])
                        throw Stop()
                    }
                }
            }
            #expect(try await count(warehouse) == 0)
            try await warehouse.withConnection(.write) { connection in
                try await connection.transaction {
                    try await connection.load(
                        table: "patient", columns: ["name", "patient_id"], rows: [["a", 1], ["b", 2]])
                }
            }
            #expect(try await count(warehouse) == 2)
        }
    }

    @Test(arguments: TestEngines.available)
    func `a failure is named alike on both engines`(engine: WarehouseEngine) async throws {
        try await withWarehouse(engine) { warehouse in
            let cases: [(SQL, DatabaseFailureKind)] = [
                ("INSERT INTO patient (patient_id, name) VALUES (1, 'b')", .uniqueViolation),
                ("INSERT INTO patient (patient_id, name) VALUES (2, NULL)", .notNullViolation),
                ("INSERT INTO slice (slice_id, patient_id) VALUES (1, 77)", .foreignKeyViolation),
                ("SELECT absent FROM patient", .undefinedName),
                ("SELECT * FROM absent", .undefinedName),
                ("SELEC 1", .syntax),
            ]
            try await warehouse.withConnection(.write) { connection in
                try await connection.execute("INSERT INTO patient (patient_id, name) VALUES (\(1), \("a"))")
                for (sql, kind) in cases {
                    let error = await #expect(throws: (any Error).self) { try await connection.execute(sql) }
                    #expect((error as? any DatabaseFailure)?.kind == kind, "\(sql.text)")
                }
            }
        }
    }

    @Test(arguments: TestEngines.available)
    func `a stream gives every row once and holds no more than a batch`(engine: WarehouseEngine) async throws {
        try await withWarehouse(engine) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                let rows = (0..<1_000).map { [SQLValue.integer(Int64($0)), .text("n\($0)")] }
                try await connection.transaction {
                    try await connection.load(table: "patient", columns: ["patient_id", "name"], rows: rows)
                }
                var seen: [[SQLValue]] = []
                try await connection.stream("SELECT patient_id, name FROM patient ORDER BY patient_id", batchRows: 64) {
                    #expect($0.count <= 64)
                    seen += $0.rows
                }
                #expect(seen == rows)
                struct Enough: Error {}
                await #expect(throws: Enough.self) {
                    try await connection.stream("SELECT patient_id FROM patient", batchRows: 10) { _ in throw Enough() }
                }
                #expect(try await connection.rows("SELECT count(*) FROM patient").scalar == 1_000)
            }
        }
    }

    @Test(arguments: TestEngines.available)
    func `more borrowers than connections all get one in turn`(engine: WarehouseEngine) async throws {
        try await withWarehouse(engine, connectionLimit: 3) { warehouse in
            try await withThrowingTaskGroup { group in
                for number in 0..<40 {
                    group.addTask {
                        try await warehouse.withConnection(number % 2 == 0 ? .write : .read) { connection in
                            if number % 2 == 0 {
                                try await connection.transaction {
                                    try await connection.execute(
                                        "INSERT INTO patient (patient_id, name) VALUES (\(number), \("x"))")
                                }
                            } else {
                                _ = try await connection.rows("SELECT count(*) FROM patient")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await count(warehouse) == 20)
        }
    }

    @Test(arguments: TestEngines.available)
    func `a borrower that leaves a transaction open does not hand it to the next`(engine: WarehouseEngine) async throws
    {
        try await withWarehouse(engine, connectionLimit: 1) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                try await connection.begin(.write)
                try await connection.execute("INSERT INTO patient (patient_id, name) VALUES (1, 'x')")
            }
            #expect(try await count(warehouse) == 0)
        }
    }

    @Test(arguments: TestEngines.available)
    func `commits without waiting for the disk can be asked for and ended`(engine: WarehouseEngine) async throws {
        try await withWarehouse(engine) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                for isSynchronous in [false, true] {
                    try await connection.setSynchronousCommit(isSynchronous)
                    let isClaimed = try await connection.transaction { try await connection.claim(key: 7) }
                    #expect(isClaimed)
                }
            }
        }
    }

    @Test func `a memory warehouse lives as long as it is open`() async throws {
        let location = try WarehouseLocation(parsing: "sqlite::memory:")
        let warehouse = try await Warehouse.open(
            location, access: .write(create: true), library: TestLibrary().open())
        #expect(try await count(warehouse) == 0)
        try await warehouse.close()
        #expect(await code { _ = try await count(warehouse) } == .closed)
    }

    @Test func `a borrower that leaves a transaction open costs a memory warehouse nothing`() async throws {
        let location = try WarehouseLocation(parsing: "sqlite::memory:")
        let warehouse = try await Warehouse.open(
            location, access: .write(create: true), library: TestLibrary().open())
        try await warehouse.withConnection(.write) { connection in
            try await connection.execute("INSERT INTO patient (patient_id, name) VALUES (1, 'x')")
            try await connection.begin(.write)
            try await connection.execute("INSERT INTO patient (patient_id, name) VALUES (2, 'y')")
        }
        #expect(try await count(warehouse) == 1)
        try await warehouse.close()
    }

    @Test func `a warehouse opened to read lends nobody a connection to write`() async throws {
        try await TestEngines.withLocation(.sqlite) { location in
            let library = try TestLibrary().open()
            try await Warehouse.open(location, access: .write(create: true), library: library).close()
            let warehouse = try await Warehouse.open(location, access: .read, library: library)
            #expect(await code { try await warehouse.withConnection(.write) { _ in } } == .readOnly)
            try await warehouse.close()
        }
    }

    private func withWarehouse(
        _ engine: WarehouseEngine, connectionLimit: Int = 8, _ body: (Warehouse) async throws -> Void
    ) async throws {
        let library = try TestLibrary().open()
        try await TestEngines.withLocation(engine) { location in
            let warehouse = try await Warehouse.open(
                location, access: .write(create: true), library: library, connectionLimit: connectionLimit)
            try await body(warehouse)
            try await warehouse.close()
        }
    }

    private func count(_ warehouse: Warehouse) async throws -> Int {
        try await warehouse.withConnection { try await $0.rows("SELECT count(*) FROM patient")[0].get(at: 0) }
    }
}
