import Foundation
import TestSupport
import Testing
import Warehouse

/// What the help of the training verbs shows works as typed, in a warehouse that holds several data sets.
@Suite("Help examples")
struct HelpExampleTests {
    /// In the order in which somebody would type them; later ones use what earlier ones made.
    private static let verbs = [
        "split create", "split", "split list", "split show", "split extend", "split check", "training-set create",
        "training-set", "training-set list", "training-set show", "training-set check", "training-set bake",
        "training-set export", "batches", "batches preview", "domains correct", "domains sources", "domains retire",
    ]
    /// A set of floats of 512 × 512 would take a gigabyte here.
    private static let writesPixels: Set = ["training-set bake", "training-set export"]

    /// The set of `mine.yaml` in the place of the one of a shipped recipe.
    private static func small(_ words: [String]) -> [String] {
        words.map { $0 == "ich" || $0 == "ich@1" ? "large" : $0 }
    }

    private static let recipe = """
        steps:
          - {step: window, windows: [{center: 40, width: 120}], to: [0, 255]}
          - {step: resize, shape: [48, 48], kernel: bilinear}
        dtype: uint8
        layout: NHWC
        """

    @Test func `examples work where several data sets are stored`() async throws {
        let home = try TemporaryFolder()
        let program = try Program(home: home).with("SLICEHOUSE_DATABASE", "sqlite:" + home.path("w.sqlite"))
        try home.write(Self.recipe, to: "mine.yaml")
        try home.write("SELECT slice_id FROM annotation_mask WHERE voxel_count > 20", to: "large-lesions.sql")
        var count = 0
        for line in [
            "phantom physionet-ich heads --patients 12 --matrix 48", "phantom luna16 chests --matrix 64",
            "phantom retinopathy eyes --width 96", "ingest heads", "ingest chests", "ingest eyes",
        ] { try await Self.run(program, line.split(separator: " ").map(String.init)) }
        for verb in Self.verbs {
            for example in try await Self.examples(of: verb, program) {
                try await Self.run(program, Self.writesPixels.contains(verb) ? Self.small(example) : example)
                count += 1
            }
        }
        #expect(count >= 30)
    }

    /// Lines below EXAMPLES up to the next blank one, those that end in a backslash joined, cut into words.
    private static func examples(of verb: String, _ program: Program) async throws -> [[String]] {
        let wide = program.with("COLUMNS", "200")
        let help = try await wide.run(verb.split(separator: " ").map(String.init) + ["--help"])
        let parts = help.output.components(separatedBy: "EXAMPLES\n")
        let text = try #require(parts.count == 2 ? parts[1].components(separatedBy: "\n\n").first : nil, "\(verb)")
        return text.replacingOccurrences(of: "\\\n", with: " ").split(separator: "\n").map { words($0) }
    }

    /// Words of a shell without the name of the program; double quotes keep blanks.
    private static func words(_ line: Substring) -> [String] {
        let pieces = line.split(separator: "\"", omittingEmptySubsequences: false)
        let words = pieces.enumerated().flatMap { index, piece in
            index.isMultiple(of: 2) ? piece.split(separator: " ").map(String.init) : [String(piece)]
        }
        return Array(words.dropFirst())
    }

    private static func run(_ program: Program, _ arguments: [String]) async throws {
        let result = try await program.run(arguments)
        #expect(result.exitCode == 0, "\(arguments.joined(separator: " ")): \(result.error)")
    }
}
