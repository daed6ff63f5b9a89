import SQLInterface
import Testing
import Warehouse

@Suite struct MigratorTests {
    @Test(arguments: TestEngines.available)
    func `a status changes nothing and lists what is pending`(engine: WarehouseEngine) async throws {
        let library = try TestLibrary().open()
        try await TestEngines.withLocation(engine) { location in
            let warehouse = try await Warehouse.open(
                location, access: .write(create: true), migration: .ignore, library: library)
            let migrator = try Migrator(library: library, location: location)
            try await warehouse.withConnection(.write) { connection in
                let before = try await migrator.status(connection)
                #expect(before.pending.map(\.fileName) == ["0001_create_patient.sql", "0002_create_slice.sql"])
                #expect(try await migrator.status(connection).applied.isEmpty)
                #expect(try await migrator.migrate(connection).map(\.version) == [1, 2])
                #expect(try await migrator.status(connection).isCurrent)
                #expect(try await migrator.migrate(connection).isEmpty)
            }
            try await warehouse.close()
        }
    }

    @Test(arguments: TestEngines.available)
    func `a migration that fails is rolled back, named, and resumed when it is mended`(
        engine: WarehouseEngine
    ) async throws {
        var files = try TestLibrary()
        let third = "migrations/\(engine.rawValue)/0003_break.sql"
        try files.add(third, "CREATE TABLE half (half_id bigint PRIMARY KEY);\nSELECT absent FROM half;")
        try await TestEngines.withLocation(engine) { location in
            let broken = try files.open()
            let error = await #expect(throws: WarehouseError.self) {
                try await Warehouse.open(location, access: .write(create: true), library: broken)
            }
            #expect(error?.code == .migrationFailed)
            #expect(error?.subject == "0003_break.sql")
            try files.add(third, "CREATE TABLE half (half_id bigint PRIMARY KEY);")
            let warehouse = try await Warehouse.open(
                location, access: .write(create: true), migration: .upgrade, library: files.open())
            #expect(try await warehouse.withConnection { try await $0.rows("SELECT * FROM half") }.isEmpty)
            try await warehouse.close()
        }
    }

    @Test(arguments: TestEngines.available)
    func `views are made anew when one of them changed, and only then`(engine: WarehouseEngine) async throws {
        var files = try TestLibrary()
        try await TestEngines.withLocation(engine) { location in
            try await Warehouse.open(location, access: .write(create: true), library: files.open()).close()
            try files.add("sql/views/named.sql", "CREATE VIEW named AS SELECT patient_id, name FROM patient;")
            let library = try files.open()
            #expect(
                await code { _ = try await Warehouse.open(location, access: .write(create: true), library: library) }
                    == .schemaOutdated)
            let warehouse = try await Warehouse.open(
                location, access: .write(create: true), migration: .upgrade, library: library)
            let columns = try await warehouse.withConnection { try await $0.rows("SELECT * FROM positive") }.columns
            #expect(columns == ["patient_id", "name"])
            try await warehouse.close()
        }
    }

    @Test func `an edited, a renamed and a removed migration are refused by name`() async throws {
        let path = "migrations/sqlite/0001_create_patient.sql"
        try await expectRefusal(.migrationChanged, "0001_create_patient.sql") { files in
            try files.add(path, "CREATE TABLE patient (patient_id bigint PRIMARY KEY);")
        }
        try await expectRefusal(.migrationChanged, "0001_make_patient.sql") { files in
            let text = files.files[path] ?? ""
            try files.remove(path)
            try files.add("migrations/sqlite/0001_make_patient.sql", text)
        }
        try await expectRefusal(.schemaNewer, "0002_create_slice.sql") { files in
            try files.remove("migrations/sqlite/0002_create_slice.sql")
        }
        try await expectRefusal(.migrationMissing, "0001_….sql") { files in
            try files.remove(path)
        }
    }

    @Test func `a misnamed file, two of one number and a gap are refused by name`() async throws {
        try await expectRefusal(.migrationMisnamed, "3_add.sql") { try $0.add("migrations/sqlite/3_add.sql", "") }
        try await expectRefusal(.migrationMisnamed, "0003_Add-Table.sql") {
            try $0.add("migrations/sqlite/0003_Add-Table.sql", "")
        }
        try await expectRefusal(.migrationDuplicate, "0002_other.sql") {
            try $0.add("migrations/sqlite/0002_other.sql", "")
        }
        try await expectRefusal(.migrationMissing, "0003_….sql") { try $0.add("migrations/sqlite/0004_late.sql", "") }
    }

    @Test func `a migration older than the newest applied is out of order`() async throws {
        let files = try TestLibrary()
        try await TestEngines.withLocation(.sqlite) { location in
            try await Warehouse.open(location, access: .write(create: true), library: files.open()).close()
            let warehouse = try await Warehouse.open(
                location, access: .write(create: false), library: files.open())
            try await warehouse.withConnection(.write) {
                try await $0.execute("DELETE FROM schema_migration WHERE version = 1")
            }
            try await warehouse.close()
            #expect(
                await code { _ = try await Warehouse.open(location, access: .read, library: files.open()) }
                    == .migrationOutOfOrder)
        }
    }

    @Test func `views in a circle are refused by name`() throws {
        var files = try TestLibrary()
        try files.add("sql/views/named.sql", "-- depends: positive\nCREATE VIEW named AS SELECT 1;")
        let library = try files.open()
        let error = #expect(throws: WarehouseError.self) {
            try Migrator(library: library, location: WarehouseLocation(.sqlite(path: ":memory:")))
        }
        #expect(error?.code == .viewCycle)
        #expect(error?.subject == "named, positive")
    }

    @Test(.enabled(if: TestEngines.available.contains(.postgresql), "SLICEHOUSE_TEST_POSTGRESQL is not set"))
    func `several programs that make one schema at once end with one schema`() async throws {
        let library = try TestLibrary().open()
        try await TestEngines.withLocation(.postgresql) { location in
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await Warehouse.open(location, access: .write(create: true), library: library).close()
                    }
                }
                try await group.waitForAll()
            }
            let warehouse = try await Warehouse.open(location, access: .read, library: library)
            let count = try await warehouse.withConnection {
                try await $0.rows("SELECT count(*) FROM schema_migration")
            }
            #expect(count.scalar == 2)
            try await warehouse.close()
        }
    }

    private func expectRefusal(
        _ expected: WarehouseError.Code, _ subject: String, after change: (inout TestLibrary) throws -> Void
    ) async throws {
        var files = try TestLibrary()
        try await TestEngines.withLocation(.sqlite) { location in
            try await Warehouse.open(location, access: .write(create: true), library: files.open()).close()
            try change(&files)
            let library = try files.open()
            let error = await #expect(throws: WarehouseError.self) {
                try await Warehouse.open(location, access: .read, library: library)
            }
            #expect(error?.code == expected)
            #expect(error?.subject == subject)
        }
    }
}
