import TestSupport

/// A verb of the command line with the verbs below it, as its help lists them.
struct Verb {
    let name: String
    let subverbs: [String]

    static func all() async throws -> [Verb] {
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        var verbs: [Verb] = []
        for name in try await names(in: program.run("--help")) {
            verbs.append(Verb(name: name, subverbs: try await names(in: program.run("help", name))))
        }
        return verbs
    }

    private static func names(in help: Program.Result) -> [String] {
        let lines = help.output.split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }.dropFirst()
        return lines.compactMap { line in line.firstMatch(of: #/^  ([a-z][a-z0-9-]*)/#).map { String($0.1) } }
    }
}
