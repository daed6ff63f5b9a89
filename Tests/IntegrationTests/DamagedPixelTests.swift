import SQLInterface
import TestSupport
import Testing
import Warehouse

/// Pixels that a disk or a hand spoilt: they are found, left out, and written anew from the files.
@Suite("Damaged pixels")
struct DamagedPixelTests {
    /// One slice loses its pixels, another one has those of its neighbour: they decode, and are not its own.
    private static let damage = """
        DELETE FROM slice_pixels WHERE slice_id IN (SELECT slice_id FROM slice WHERE instance_number = 1);
        UPDATE slice_pixels SET bytes = (
            SELECT neighbour.bytes FROM slice_pixels AS neighbour
            INNER JOIN slice ON slice.patient_id = neighbour.patient_id AND slice.slice_id = neighbour.slice_id
            WHERE slice.instance_number = 3)
        WHERE slice_id IN (SELECT slice_id FROM slice WHERE instance_number = 2);
        """

    @Test(arguments: TestEngine.available)
    func `missing and damaged pixels are written anew from the files`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        try TinySeries().write(0..<3, to: home, below: "in")
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let ingest = ["ingest", "--database", place.url, home.path("in"), "--json"]
            let first = try await program.run(ingest)
            #expect(first.exitCode == 0, "\(first.error)")
            let whole = try await WarehouseContents(of: place)
            try await place.script(Self.damage)
            let found = try await program.run("verify", "--database", place.url)
            #expect(found.exitCode == 65 && found.output.contains("3 slices decoded, 2 damaged"), "\(found.output)")

            let mended = try await program.run(ingest + ["--rehash"])
            #expect(mended.exitCode == 0, "\(mended.error)")
            #expect(mended.output.contains(#""slices_mended":2"#), "\(mended.output)")
            let again = try await program.run("verify", "--database", place.url)
            #expect(again.exitCode == 0, "\(again.output)")
            let differences = try await WarehouseContents(of: place).differences(from: whole)
            #expect(differences.filter { $0.hasPrefix("slice_pixels:") } == [])
            let idle = try await program.run(ingest + ["--rehash"])
            #expect(idle.output.contains(#""slices_mended":0"#), "\(idle.output)")
        }
    }

    @Test(arguments: TestEngine.available)
    func `an export leaves out slices whose pixels are not theirs`(engine: WarehouseEngine) async throws {
        let home = try TemporaryFolder()
        try TinySeries().write(0..<3, to: home, below: "in")
        let program = try Program(home: home)
        try await TestWarehouse.with(engine) { place in
            let first = try await program.run("ingest", "--database", place.url, home.path("in"))
            #expect(first.exitCode == 0, "\(first.error)")
            try await place.script(Self.damage)
            let result = try await program.run("export", "png", home.path("out"), "--database", place.url)
            #expect(result.exitCode == 65, "\(result.error)")
            #expect(result.output.contains("1 pictures in"), "\(result.output)")
            #expect(result.output.contains("1 × The slice has no pixels."), "\(result.output)")
            #expect(result.output.contains("1 × The stored pixels are not those"), "\(result.output)")
        }
    }
}
