import ArgumentParser
import Foundation

struct DomainsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domains",
        abstract: "What labels and headers say: how often each answer was given, and the dirty tail.",
        usage: """
            slicehouse domains [DOMAIN] [--tail] [OPTIONS]
            slicehouse domains --attribute NAME [--tail] [OPTIONS]
            slicehouse domains clean [--preview] [OPTIONS]
            slicehouse domains correct DOMAIN --patient KEY --value VALUE [OPTIONS]
            slicehouse domains sources [OPTIONS]
            slicehouse domains retire SOURCE --author NAME --reason TEXT [OPTIONS]
            """,
        discussion: """
            EXAMPLES
              slicehouse domains
              slicehouse domains epidural
              slicehouse domains --tail
              slicehouse domains --attribute PatientSex
              slicehouse domains --attribute "(0018,0060)"
              slicehouse domains --attribute exposure
              slicehouse domains --attribute "ConvolutionKernel|FilterType"
              slicehouse domains clean --preview

            ATTRIBUTES
              PatientSex, (0010,0040), 0010,0040, 00100040
                                                  one attribute
              exposure                            all whose keyword contains it
              RequestAttributesSequence.ScheduledProcedureStepID
                                                  inside sequences
              (0019,"ACME CT",10)                 private, in the block of its maker
              A|B|C                               of each slice the first with a value

            Slices (and objects without pixels, as one each) are counted, and series that \
            have at least one of them. Absent, \
            empty, multi-valued and removed (by the allow-list) are told apart. Of removed private \
            attributes the maker is not known; all of the tag count as removed. The example is a file; \
            of clinical data the slice_id or series_id, which slicehouse series --locate FOLDER leads \
            to the file, and slicehouse header to what is stored.

            \(optionsText)
            """,
        subcommands: [
            DomainListCommand.self, DomainCleanCommand.self, DomainCorrectCommand.self, DomainSourcesCommand.self,
            DomainRetireCommand.self,
        ],
        defaultSubcommand: DomainListCommand.self)

    /// The options of the verb that runs when none is named: they can be given here too.
    private static var optionsText: String {
        let help = DomainListCommand.helpMessage(columns: 78)
        let start = help.range(of: "ARGUMENTS:")?.lowerBound ?? help.endIndex
        let end = help.range(of: "  --version")?.lowerBound ?? help.endIndex
        return help[start..<end].trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
