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

    /// A verb that does not exist gets the nearest one that does.
    private static func checkVerb(_ verb: String?) throws {
        let verbs = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let verb, !verb.hasPrefix("-"), !verbs.contains(verb) else { return }
        let nearest = SQLLibrary.nearest(to: verb, among: verbs).map { "; did you mean \($0)?" } ?? "."
        throw ValidationError(
            "\(verb): there is no such verb\(nearest) The verbs are \(verbs.joined(separator: ", ")).")
    }

    private static func main(_ arguments: [String]) async {
        do {
            try checkVerb(arguments.first)
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
