import ArgumentParser
import Phantom

struct RSNA2019PhantomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rsna-2019",
        abstract: "Head CT with stripped headers and a label table of six rows an image, as in RSNA 2019.",
        usage: "slicehouse phantom rsna-2019 DIRECTORY [OPTIONS]",
        discussion: """
            EXAMPLES
              slicehouse phantom rsna-2019 rsna/ --patients 20
            """)

    @OptionGroup var target: PhantomTarget

    @Option(name: .long, help: "Seed: the same seed gives the same bytes.")
    var seed: UInt64 = 2019

    @Option(name: .long, help: "Patients, with one series each.")
    var patients = 4

    @Option(name: .long, help: "Slices of a series.")
    var slices = 6

    @Option(name: .long, help: "Rows and columns.")
    var matrix = 64

    @Option(name: .long, help: "Images that the table names and that are not there.")
    var absent = 10

    func run() async throws {
        var options = RSNA2019Options()
        options.seed = seed
        options.patientCount = patients
        options.slicesPerSeries = slices
        options.matrixSize = matrix
        options.absentImages = absent
        try await target.make { try RSNA2019Phantom(options).write(to: $0) }
    }
}
