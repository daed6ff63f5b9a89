import Foundation
import Testing
import Warehouse

@Suite struct SQLLibraryTests {
    @Test func `the compiled list is that of the source tree`() throws {
        let home = try #require(Self.sourceTree)
        var files: [String] = []
        for root in ["migrations", "sql"] {
            let folder = URL(filePath: "\(home)/\(root)").resolvingSymlinksInPath().path(percentEncoded: false)
            let found = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
            files += found.filter { $0.hasSuffix(".sql") }.map { "\(root)/\($0)" }
        }
        var digests: [String: String] = [:]
        for file in files { digests[file] = FileDigest.hex(try FileDigest.sha256(ofFile: home + "/" + file)) }
        #expect(digests == SQLManifest.sha256ByPath, "run sql/manifest.sh and build again")
    }

    @Test func `the source tree's library opens`() throws {
        let library = try SQLLibrary.locate()
        #expect(!library.paths(below: "migrations/sqlite").isEmpty)
    }

    @Test func `a changed, a missing and an unknown file are refused by name`() throws {
        let test = try TestLibrary()
        let manifest = test.manifest
        func refusal() -> WarehouseError? {
            #expect(throws: WarehouseError.self) { try SQLLibrary(home: test.folder.path, sha256ByPath: manifest) }
        }
        let path = "sql/queries/patients.sql"
        try test.folder.write("SELECT 1;", to: path)
        #expect(refusal()?.code == .sqlFileChanged)
        #expect(refusal()?.subject == path)
        try FileManager.default.removeItem(atPath: test.folder.path + "/" + path)
        #expect(refusal()?.code == .sqlFileMissing)
        try test.folder.write("SELECT 1;", to: "sql/queries/new.sql")
        #expect(refusal()?.code == .sqlFileUnknown)
        #expect(refusal()?.subject == "sql/queries/new.sql")
    }

    @Test func `a folder without the files is refused`() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: WarehouseError.self) { try SQLLibrary(home: folder.path) }
        #expect(error?.code == .sqlFolderMissing)
    }

    @Test func `an engine's own file comes before the common one`() throws {
        let library = try TestLibrary().open()
        #expect(try library.query(named: "engine_name", engine: .sqlite).path == "sql/sqlite/queries/engine_name.sql")
        #expect(try library.query(named: "engine_name", engine: .postgresql).path == "sql/queries/engine_name.sql")
    }

    @Test func `an unknown query is answered with the nearest name`() throws {
        let library = try TestLibrary().open()
        let error = #expect(throws: WarehouseError.self) { try library.query(named: "pateints", engine: .sqlite) }
        #expect(error?.code == .queryUnknown)
        #expect(error?.description.contains("did you mean patients?") == true)
    }

    @Test func `queries, views and checks are listed`() throws {
        let library = try TestLibrary().open()
        #expect(
            library.queryNames(engine: .sqlite) == ["engine_name", "patients", "named", "positive", "nameless"])
        #expect(library.checks(engine: .sqlite).map(\.name) == ["nameless"])
        #expect(library.checks(engine: .sqlite).first?.title == "Patients without a name.")
    }

    /// This file is three levels below the root of the source tree.
    private static var sourceTree: String? {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        let home = parts.dropLast(3).joined(separator: "/")
        return FileManager.default.fileExists(atPath: home + "/migrations") ? home : nil
    }
}
