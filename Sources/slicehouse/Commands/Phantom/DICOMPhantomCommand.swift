import ArgumentParser
import Foundation
import Phantom

struct DICOMPhantomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dicom",
        abstract: "CT series as a hospital exports them: several makers, nested folders, names of people in headers.",
        usage: "slicehouse phantom dicom DIRECTORY [OPTIONS]",
        discussion: """
            EXAMPLES
              slicehouse phantom dicom export/ --patients 10
              slicehouse phantom dicom dirty/ --defects
            """)

    @OptionGroup var target: PhantomTarget

    @Option(name: .long, help: "Seed: the same seed gives the same bytes.")
    var seed: UInt64 = 2018

    @Option(name: .long, help: "Patients.")
    var patients = 4

    @Option(name: .long, help: "Studies of each patient.")
    var studies = 1

    @Option(name: .long, help: "Slices of a series (default: as many as the kind of series has).")
    var slices: Int?

    @Option(name: .long, help: "Rows and columns.")
    var matrix = 512

    @Option(name: .long, help: "Gantry tilt in degrees (default: one maker tilts).")
    var tilt: Double?

    @Flag(name: .long, help: "Add broken, duplicate and contradicting files.")
    var defects = false

    @Option(name: .long, help: "Patient name to plant everywhere, for tests of privacy.")
    var canaryName: String?

    @Option(name: .long, help: "Patient ID to plant.")
    var canaryId: String?

    @Option(name: .long, help: "Birth date to plant, YYYYMMDD.")
    var canaryDate: String?

    @Option(name: .long, help: "File name to plant.")
    var canaryFile: String?

    func run() async throws {
        var options = DICOMPhantomOptions()
        options.seed = seed
        options.patientCount = patients
        options.studiesPerPatient = studies
        options.slicesPerSeries = slices
        options.matrixSize = matrix
        options.gantryTilt = tilt
        options.includesDefects = defects
        options.workers = ProcessInfo.processInfo.activeProcessorCount
        options.canaries.name = canaryName
        options.canaries.identifier = canaryId
        options.canaries.birthDate = canaryDate
        options.canaries.fileName = canaryFile
        try await target.make { try await DICOMPhantom(options).write(to: $0, progress: PhantomTarget.show) }
    }
}
