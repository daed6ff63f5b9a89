import ArgumentParser
import Phantom

struct LIDCPhantomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lidc",
        abstract: "Chest CT as DICOM with the XML of four readers beside it, as in LIDC-IDRI.",
        usage: "slicehouse phantom lidc DIRECTORY [OPTIONS]",
        discussion: """
            EXAMPLES
              slicehouse phantom lidc lidc/ --patients 10
              slicehouse phantom lidc half/ --partial
            """)

    @OptionGroup var target: PhantomTarget

    @Option(name: .long, help: "Seed: the same seed gives the same bytes.")
    var seed: UInt64 = 2011

    @Option(name: .long, help: "Patients.")
    var patients = 4

    @Option(name: .long, help: "Slices of a series.")
    var slices = 16

    @Option(name: .long, help: "Rows and columns.")
    var matrix = 128

    @Flag(name: .long, help: "Leave out every third image of the last patient.")
    var partial = false

    func run() async throws {
        var options = LIDCOptions()
        options.seed = seed
        options.patientCount = patients
        options.slices = slices
        options.matrixSize = matrix
        options.isPartial = partial
        try await target.make { try LIDCPhantom(options).write(to: $0) }
    }
}
