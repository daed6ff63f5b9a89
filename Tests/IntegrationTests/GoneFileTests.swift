import CanonicalJSON
import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// A rejection ends when its file is taken away, and begins again when the same file is back.
@Suite("Files that are gone") struct GoneFileTests {
    private struct Place {
        let folder: TemporaryFolder
        let program: Program
        let warehouse: TestWarehouse

        init(_ warehouse: TestWarehouse, home: TemporaryFolder) throws {
            folder = try TemporaryFolder()
            program = try Program(home: home)
            self.warehouse = warehouse
        }

        /// Runs over the folder or file; returns how many files and rows were closed and how many stand.
        func ingest(_ name: String = "in", exitCode: Int32 = 0) async throws -> [Double?] {
            let run = try await program.run("ingest", "--database", warehouse.url, "--json", folder.path(name))
            #expect(run.exitCode == exitCode, "\(run.error)")
            let json = try JSONValue(parsing: run.output)
            return [
                "gone_rejected_files", "gone_rejected_rows", "standing_rejected_files", "standing_rejected_rows",
            ].map { json[$0]?.number }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a rejected file that is taken away stands no longer, and stands again when it is back`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { warehouse in
            let place = try Place(warehouse, home: home)
            try TinySeries().write(0..<2, to: place.folder)
            try place.folder.move("series", to: "in/series")
            for name in ["a/half.dcm", "b/half.dcm", "c/half.dcm"] {
                try place.folder.write(Array(try TinySeries().file(7).dropLast(20)), to: "in/" + name)
            }
            #expect(try await place.ingest(exitCode: 65) == [0, 0, 3, 0])
            #expect(try await place.ingest() == [0, 0, 3, 0])
            // With its folder, so that the file itself stays as it is.
            try place.folder.move("in/a", to: "aside")
            let run = try await place.program.run("ingest", "--database", warehouse.url, place.folder.path("in"))
            #expect(run.output.contains("no longer rejected: 1 file, since the file is no longer there"))
            #expect(run.output.contains("standing rejected: 2 files"), "\(run.output)")
            let resolution: SQL = """
                SELECT count(*) FROM rejection WHERE resolution = 'file_gone' AND replayed_at IS NOT NULL
                """
            #expect(try await warehouse.count(resolution) == 1)
            #expect(try await warehouse.brokenPromises() == [])
            #expect(try await place.ingest() == [0, 0, 2, 0])
            try place.folder.move("aside", to: "in/a")
            #expect(try await place.ingest() == [0, 0, 3, 0])
            #expect(try await warehouse.count(resolution) == 0)
            // What lies in a folder that is passed by may be there or not.
            try place.folder.remove("in/a/half.dcm")
            try place.folder.write("", to: "in/b/.slicehouse-ignore")
            #expect(try await place.ingest() == [0, 0, 3, 0])
            try place.folder.remove("in/b/.slicehouse-ignore")
            #expect(try await place.ingest() == [1, 0, 2, 0])
            // A good file in its place is another file.
            try place.folder.write(try TinySeries().file(7), to: "in/a/half.dcm")
            #expect(try await place.ingest() == [0, 0, 2, 0])
            #expect(try await place.ingest() == [0, 0, 2, 0])
            #expect(try await warehouse.count("SELECT count(*) FROM slice") == 3)
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    /// Clinical: stored names do not say in which folder a file was, and the folder that is passed by keeps all standing.
    @Test(arguments: TestEngine.available)
    func `a file that is named closes its own rejections, mended or gone, whichever folder was ingested`(
        engine: WarehouseEngine
    ) async throws {
        let home = try TemporaryFolder()
        try await TestWarehouse.with(engine) { warehouse in
            let place = try Place(warehouse, home: home)
            for name in ["a/half.dcm", "b/half.dcm", "c/half.dcm"] {
                try place.folder.write(Array(try TinySeries().file(7).dropLast(20)), to: "in/" + name)
            }
            try place.folder.write("", to: "in/d/.slicehouse-ignore")
            #expect(try await place.ingest(exitCode: 65) == [0, 0, 3, 0])
            try place.folder.write(try TinySeries().file(7), to: "in/a/half.dcm")
            #expect(try await place.ingest("in/a/half.dcm") == [1, 0, 0, 0])
            // The file is there: it was read again, as one of the folder in/a.
            let read: SQL = "SELECT count(*) FROM rejection WHERE resolution = 'read_again'"
            #expect(try await warehouse.count(read) == 1)
            #expect(try await warehouse.brokenPromises() == [])
            try place.folder.remove("in/b/half.dcm")
            let gone = try await place.program.run(
                "ingest", "--database", warehouse.url, place.folder.path("in/b/half.dcm"))
            #expect(gone.exitCode == 0, "\(gone.error)")
            #expect(gone.output.contains("0 files seen") && gone.output.contains("no longer rejected: 1 file"))
            let closed: SQL = "SELECT count(*) FROM rejection WHERE resolution = 'file_gone'"
            #expect(try await warehouse.count(closed) == 1)
            #expect(try await warehouse.brokenPromises() == [])
            // Nothing of it stands any more: it is a path like any other that is not there.
            let again = try await place.program.run(
                "ingest", "--database", warehouse.url, place.folder.path("in/b/half.dcm"))
            #expect(again.exitCode == 74 && again.error.contains("there is no such folder or file"), "\(again.error)")
            #expect(try await place.ingest() == [0, 0, 1, 0])
            // As it was, it is rejected as it was.
            #expect(try await place.ingest("in/c/half.dcm", exitCode: 65) == [0, 0, 1, 0])
            #expect(try await place.ingest() == [0, 0, 1, 0])
            #expect(try await warehouse.count(closed) == 1)
            #expect(try await warehouse.brokenPromises() == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `rejected rows of a table that is taken away stand no longer`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        let cohort = try await Cohorts.smallICH()
        try await TestWarehouse.with(engine) { warehouse in
            let place = try Place(warehouse, home: home)
            try place.folder.copy(cohort.path("ich/ct-ich-1.0.0"), to: "in")
            let name = "in/hemorrhage_diagnosis.csv"
            let table = String(decoding: try place.folder.read(name), as: UTF8.self)
            try place.folder.write(table + "forty,1,0,0,0,0,0,1,0\n", to: name)
            #expect(try await place.ingest(exitCode: 65) == [0, 0, 0, 1])
            try place.folder.move(name, to: "aside.csv")
            #expect(try await place.ingest() == [0, 1, 0, 0])
            try place.folder.move("aside.csv", to: name)
            #expect(try await place.ingest() == [0, 0, 0, 1])
            #expect(try await warehouse.brokenPromises() == [])
        }
    }
}
