import ArgumentParser
import Phantom

struct LUNA16PhantomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "luna16",
        abstract: "MetaImage volumes in ten subsets, lung masks, and the nodule tables of LUNA16.",
        usage: "slicehouse phantom luna16 DIRECTORY [OPTIONS]",
        discussion: """
            The tables speak of 1,186 nodules in 601 series, as the published ones do; volumes are made for a few.

            EXAMPLES
              slicehouse phantom luna16 luna/ --scans 20
            """)

    @OptionGroup var target: PhantomTarget

    @Option(name: .long, help: "Seed: the same seed gives the same bytes.")
    var seed: UInt64 = 2016

    @Option(name: .long, help: "Volumes to make, at most 601.")
    var scans = 10

    @Option(name: .long, help: "Slices of a volume.")
    var slices = 12

    @Option(name: .long, help: "Rows and columns.")
    var matrix = 128

    @Flag(name: .long, help: "Add a header without voxels, voxels without header, and a table with odd rows.")
    var defects = false

    func run() async throws {
        var options = LUNA16Options()
        options.seed = seed
        options.scanCount = scans
        options.slices = slices
        options.matrixSize = matrix
        options.includesDefects = defects
        try await target.make { try LUNA16Phantom(options).write(to: $0) }
    }
}
