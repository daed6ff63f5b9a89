import ArgumentParser
import Warehouse

/// The command line: arguments → one library call → text and exit code.
@main
struct Slicehouse: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "slicehouse",
        abstract: "A warehouse for medical images and everything said about them, in one SQL database.",
        discussion: """
            EXAMPLES
              slicehouse ingest physionet-ich/
              slicehouse domains
              slicehouse sql positive_slices_by_type
              slicehouse export sheet --out lesions.png

            The database is named by --database, else by SLICEHOUSE_DATABASE, else it is sqlite:slicehouse.sqlite.

            EXIT CODES
              0    done, nothing rejected by this run
              64   usage
              65   some files or rows rejected, the rest committed
              74   input or output failed
              75   try again later
              130  interrupted
              1    our fault
            """,
        version: version,
        subcommands: [
            IngestCommand.self, StatusCommand.self, SeriesCommand.self, HeaderCommand.self, SQLCommand.self,
            VerifyCommand.self, DomainsCommand.self, SplitCommand.self, TrainingSetCommand.self, BatchesCommand.self,
            ExportCommand.self,
            DenoiseCommand.self,
            PhantomCommand.self, MigrateCommand.self,
        ])

    /// Installed under the name `ingest`, the program is its first verb: `ingest physionet-ich/` works as typed.
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let name = CommandLine.arguments.first?.split(separator: "/").last.map(String.init)
        await main(name == "ingest" ? ["ingest"] + arguments : arguments)
    }

    /// A verb that does not exist gets the nearest one that does, also where help is asked for it.
    private static func checkVerbs(_ arguments: [String]) throws {
        guard arguments.first == "help" else { return try check(arguments.prefix(1), below: self, or: ["help"]) }
        try check(arguments.dropFirst(), below: self, or: [])
    }

    /// Words up to the first option; below a command without verbs they are its arguments.
    private static func check(
        _ words: ArraySlice<String>, below command: any ParsableCommand.Type, or others: [String]
    ) throws {
        let verbs = command.configuration.subcommands
        guard let word = words.first, !word.hasPrefix("-"), !verbs.isEmpty, !others.contains(word) else { return }
        if let next = verbs.first(where: { $0.configuration.commandName == word }) {
            return try check(words.dropFirst(), below: next, or: [])
        }
        let names = verbs.compactMap { $0.configuration.commandName } + others
        let nearest = SQLLibrary.nearest(to: word, among: names).map { "; did you mean \($0)?" } ?? "."
        throw ValidationError(
            "\(word): there is no such verb\(nearest) The verbs are \(names.joined(separator: ", ")).")
    }

    private static func main(_ arguments: [String]) async {
        do {
            try checkVerbs(arguments)
            var command = try parseAsRoot(arguments)
            if let runnable = command as? any AsyncParsableCommand {
                // The command is used by that one task alone.
                nonisolated(unsafe) var only = runnable
                try await Interruption.watch { try await unsafe only.run() }
            } else {
                try command.run()
            }
        } catch {
            Failure.exit(error)
        }
    }
}
