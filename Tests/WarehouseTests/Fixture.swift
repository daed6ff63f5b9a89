import Foundation
import SQLInterface
import Testing
import Warehouse

/// A folder that is removed when the test lets go of it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "slicehouse-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ text: String, to name: String) throws {
        let url = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}

/// The engines that this run can test: PostgreSQL with `Tests/throwaway-postgresql -- swift test`.
enum TestEngines {
    static let url = ProcessInfo.processInfo.environment["SLICEHOUSE_TEST_POSTGRESQL"] ?? ""
    static let available: [WarehouseEngine] = url.isEmpty ? [.sqlite] : [.sqlite, .postgresql]

    /// Runs the body with a new, empty place for a warehouse, removed afterwards.
    static func withLocation(
        _ engine: WarehouseEngine, _ body: (WarehouseLocation) async throws -> Void
    ) async throws {
        switch engine {
        case .sqlite:
            let folder = try TemporaryFolder()
            try await body(WarehouseLocation(.sqlite(path: folder.path + "/w.sqlite")))
        case .postgresql:
            let schema = "t_" + UUID().uuidString.lowercased().filter { $0 != "-" }
            let location = WarehouseLocation(.postgresql(connectionString: url, schema: schema))
            do {
                try await body(location)
                try await drop(schema, location)
            } catch {
                try await drop(schema, location)
                throw error
            }
        }
    }

    private static func drop(_ schema: String, _ location: WarehouseLocation) async throws {
        let warehouse = try await Warehouse.open(
            location, access: .write(create: false), migration: .ignore, library: TestLibrary().open())
        try await warehouse.withConnection(.write) { connection in
            try await connection.executeScript("DROP SCHEMA IF EXISTS \(SQL.quoted(schema)) CASCADE", name: nil)
        }
        try await warehouse.close()
    }
}

/// A library of SQL made for a test, in a folder of its own.
struct TestLibrary {
    let folder: TemporaryFolder
    private(set) var files: [String: String] = [:]

    init() throws {
        folder = try TemporaryFolder()
        for engine in WarehouseEngine.allCases {
            try add("migrations/\(engine.rawValue)/0001_create_patient.sql", Self.patient)
            try add("migrations/\(engine.rawValue)/0002_create_slice.sql", Self.slice)
        }
        try add(
            "sql/views/positive.sql", "-- Positive.\n-- depends: named\nCREATE VIEW positive AS SELECT * FROM named;")
        try add("sql/views/named.sql", "-- Named.\nCREATE VIEW named AS SELECT name FROM patient;")
        try add(
            "sql/queries/patients.sql",
            """
            -- Patients by name.
            WITH parameter AS (
                SELECT
                    CAST(NULL AS text) AS name, -- the name; NULL for all
                    CAST(100 AS integer) AS limit_count, -- how many
                    CAST(coalesce(NULL, '(x)') AS text) AS unused
            )

            SELECT patient.name FROM patient, parameter
            WHERE parameter.name IS NULL OR patient.name = parameter.name
            ORDER BY patient.name LIMIT (SELECT limit_count FROM parameter);
            """)
        try add("sql/queries/engine_name.sql", "-- Which.\nSELECT 'common' AS engine_name;")
        try add("sql/sqlite/queries/engine_name.sql", "-- Which.\nSELECT 'sqlite' AS engine_name;")
        try add("sql/checks/nameless.sql", "-- Patients without a name.\nSELECT * FROM patient WHERE name = '';")
    }

    mutating func add(_ path: String, _ text: String) throws {
        files[path] = text
        try folder.write(text, to: path)
    }

    mutating func remove(_ path: String) throws {
        files[path] = nil
        try FileManager.default.removeItem(atPath: folder.path + "/" + path)
    }

    /// The manifest that a build of these files would compile in.
    var manifest: [String: String] {
        files.mapValues { FileDigest.hex(FileDigest.sha256(Array($0.utf8))) }
    }

    func open() throws -> SQLLibrary {
        try SQLLibrary(home: folder.path, sha256ByPath: manifest)
    }

    private static let patient = "CREATE TABLE patient (patient_id bigint PRIMARY KEY, name text NOT NULL);"
    private static let slice = """
        CREATE TABLE slice (slice_id bigint PRIMARY KEY, patient_id bigint NOT NULL REFERENCES patient (patient_id));
        """
}

/// The code of the warehouse error that the body throws.
func code(_ body: () async throws -> Void) async -> WarehouseError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? WarehouseError)?.code
    }
}
