import ArgumentParser
import Phantom

struct RetinopathyPhantomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retinopathy",
        abstract: "Photographs of both eyes and their grades, as in Kaggle's diabetic retinopathy set.",
        usage: "slicehouse phantom retinopathy DIRECTORY [OPTIONS]",
        discussion: """
            EXAMPLES
              slicehouse phantom retinopathy eyes/ --patients 100 --width 2000
            """)

    @OptionGroup var target: PhantomTarget

    @Option(name: .long, help: "Seed: the same seed gives the same bytes.")
    var seed: UInt64 = 2015

    @Option(name: .long, help: "People, with two photographs each.")
    var patients = 10

    @Option(name: .long, help: "Columns of a photograph.")
    var width = 192

    @Flag(name: .long, help: "Add grades without photograph, a photograph without grade, a grade of 7, a cut file.")
    var defects = false

    func run() async throws {
        var options = RetinopathyOptions()
        options.seed = seed
        options.patientCount = patients
        options.width = width
        options.includesDefects = defects
        try await target.make { try RetinopathyPhantom(options).write(to: $0) }
    }
}
