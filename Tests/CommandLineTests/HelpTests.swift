import Foundation
import TestSupport
import Testing

/// `--help` of every verb, word for word.
///
/// After an intended change: `SLICEHOUSE_RECORD=1 swift test --filter HelpTests`.
@Suite("Help")
struct HelpTests {
    private static let verbs: [[String]] = [
        [], ["ingest"], ["status"], ["series"], ["header"], ["sql"], ["verify"], ["domains"], ["domains", "list"],
        ["domains", "clean"], ["domains", "correct"], ["domains", "sources"], ["domains", "retire"],
        ["split"], ["split", "create"], ["split", "list"],
        ["split", "show"],
        ["split", "extend"],
        ["split", "check"], ["training-set"], ["training-set", "create"], ["training-set", "list"],
        ["training-set", "show"], ["training-set", "check"], ["training-set", "bake"], ["training-set", "export"],
        ["batches"],
        ["batches", "preview"], ["export"], ["export", "png"], ["export", "sheet"],
        ["denoise"], ["phantom"],
        ["phantom", "physionet-ich"], ["phantom", "dicom"], ["phantom", "luna16"], ["phantom", "lidc"],
        ["phantom", "rsna-2019"], ["phantom", "retinopathy"], ["migrate"],
    ]
    private static let isRecording = ProcessInfo.processInfo.environment["SLICEHOUSE_RECORD"] == "1"
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    @Test(arguments: verbs)
    func `the help of a verb is the one on record`(verb: [String]) async throws {
        let home = try TemporaryFolder()
        let result = try await Program(home: home).run(verb + ["--help"])
        #expect(result.exitCode == 0 && result.error.isEmpty)
        let file = Self.folder.appending(path: (["slicehouse"] + verb).joined(separator: "-") + ".txt")
        if Self.isRecording {
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
            try Data(result.output.utf8).write(to: file)
        }
        #expect(result.output == String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }

    @Test func `every verb that the program lists has its help on record`() async throws {
        let home = try TemporaryFolder()
        let help = try await Program(home: home).run("--help").output
        let list = help.split(separator: "SUBCOMMANDS:").last ?? ""
        let names = list.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(names.count >= 10)
        #expect(Set(names.filter { $0 != "See" }).isSubset(of: Set(Self.verbs.compactMap(\.first))))
    }

    @Test func `no help line is wider than a terminal`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        for verb in Self.verbs {
            let help = try await program.run(verb + ["--help"]).output
            // The parser does not wrap its own line of usage.
            let lines = help.split(separator: "\n").filter { !$0.hasPrefix("USAGE:") }
            #expect(lines.allSatisfy { $0.count <= 80 }, "\(verb)")
        }
    }

    @Test func `installed as ingest, the program is its first verb`() async throws {
        let home = try TemporaryFolder()
        try home.link("ingest", to: Program.path)
        let program = try Program(home: home)
        let result = try await program.run(tool: home.path("ingest"), ["--help"])
        #expect(result.output == (try await program.run("ingest", "--help").output))
    }
}
