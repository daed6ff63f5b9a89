import DICOM
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// The allow-list takes private attributes out together with who made them.
@Suite("Removed private attributes") struct RemovedPrivateTests {
    @Test(arguments: TestEngine.available)
    func `a count of removed private attributes says that it knows no maker`(engine: WarehouseEngine) async throws {
        let (home, folder) = (try TemporaryFolder(), try TemporaryFolder())
        let series = TinySeries()
        for (index, maker) in ["ACME CT", "OTHER"].enumerated() {
            let own = [
                series.element(0x0019, 0x0010, .LO, maker), series.element(0x0019, 0x1010, .LO, "\(index)"),
            ]
            try folder.write(try series.file(index, extra: own), to: "in/\(index).dcm")
        }
        let program = try Program(home: home)
        let sentence = "whoever made them"
        for (options, isTold) in [([], true), (["--keep-identifiers"], false)] {
            try await TestWarehouse.with(engine) { place in
                let run = try await program.run(["ingest", "--database", place.url] + options + [folder.path("in")])
                #expect(run.exitCode == 0, "\(run.error)")
                for format in ["table", "json"] {
                    let counts = try await program.run(
                        "domains", "--database", place.url, "--attribute", "(0019,\"ACME CT\",10)", "--format", format)
                    #expect(counts.exitCode == 0, "\(counts.error)")
                    #expect(counts.error.contains(sentence) == isTold, "\(counts.output)\(counts.error)")
                    #expect(counts.output.contains("removed") == isTold, "\(counts.output)")
                }
                // Of attributes that the standard defines nobody asks for the maker.
                let plain = try await program.run("domains", "--database", place.url, "--attribute", "00191010")
                #expect(!plain.error.contains(sentence), "\(plain.error)")
            }
        }
    }
}
