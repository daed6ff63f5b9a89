import TestSupport
import Testing

/// The sample of the README, run as it stands.
@Suite struct ReadmeTests {
    @Test func `the blocks marked executable run without an error`() async throws {
        let blocks = try MarkdownDocument(path: "README.md").blocks.filter { $0.info == ["sh", "executable"] }
        #expect(!blocks.isEmpty)
        let home = try TemporaryFolder()
        try home.makeFolder("bin")
        for name in ["slicehouse", "ingest"] { try home.link("bin/" + name, to: Program.path) }
        let program = try Program(home: home)
        let script = blocks.map(\.text).joined(separator: "\n")
        let result = try await program.with("PATH", home.path("bin") + ":" + (program.environment["PATH"] ?? ""))
            .run(tool: "/bin/sh", ["-e", "-u", "-c", script])
        #expect(result.exitCode == 0, "\(result.error)")
        #expect(result.output.contains("intraparenchymal"), "no query was answered: \(result.output)")
    }
}
