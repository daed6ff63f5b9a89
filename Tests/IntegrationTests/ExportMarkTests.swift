import Foundation
import TestSupport
import Testing

/// What was written from a warehouse does not come back as images of patients, and replaces nothing of others.
@Suite("Folders of exports")
struct ExportMarkTests {
    @Test func `pictures of an export are not ingested`() async throws {
        let home = try TemporaryFolder()
        let series = TinySeries()
        try series.write(0..<3, to: home)
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        for line in ["ingest series", "export png series/pictures", "ingest series"] {
            let run = try await program.run(line.split(separator: " ").map(String.init))
            #expect(run.exitCode == 0, "\(line): \(run.error)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path("series/pictures")).count > 2)
        let count = try await program.run("sql", "SELECT count(*) AS n FROM series", "--format", "csv")
        #expect(count.output.split(whereSeparator: \.isNewline) == ["n", "1"])
    }

    @Test func `an index.csv of somebody else stays`() async throws {
        let home = try TemporaryFolder()
        try TinySeries().write(0..<1, to: home)
        try home.write("my,own\n", to: "pictures/index.csv")
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        #expect(try await program.run("ingest", "series").exitCode == 0)
        let run = try await program.run("export", "png", "pictures")
        #expect(run.exitCode != 0 && run.error.contains("an index.csv stands there that no export of pictures wrote"))
        #expect(try home.read("pictures/index.csv") == Array("my,own\n".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path("pictures")) == ["index.csv"])
    }

    /// Not even root makes a folder below `/sys` or below a file.
    @Test(arguments: [("/sys/nowhere/pictures", "the system says"), ("letter/pictures", "Not a directory")])
    func `a folder that cannot be written is named with its cause`(folder: String, cause: String) async throws {
        let home = try TemporaryFolder()
        try TinySeries().write(0..<1, to: home)
        try home.write("a letter", to: "letter")
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        #expect(try await program.run("ingest", "series").exitCode == 0)
        let run = try await program.run("export", "png", folder)
        #expect(run.exitCode == 74, "\(run.error)")
        #expect(run.error.contains("\(folder): the pictures cannot be written there: the system says"), "\(run.error)")
        #expect(run.error.contains(cause) && !run.error.contains("No such file"), "\(run.error)")
        #expect(run.errorLines.count == 1)
    }
}
