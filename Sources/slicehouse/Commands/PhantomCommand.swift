import ArgumentParser
import Foundation
import Phantom

struct PhantomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phantom",
        abstract: "Make synthetic cohorts in the layouts of published data sets, with their quirks.",
        subcommands: [
            PhysioNetICHPhantomCommand.self, RSNA2019PhantomCommand.self, RetinopathyPhantomCommand.self,
            LUNA16PhantomCommand.self, LIDCPhantomCommand.self,
            DICOMPhantomCommand.self,
        ])
}

struct PhysioNetICHPhantomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "physionet-ich",
        abstract: "Heads with haemorrhage, masks and label tables in both trees of PhysioNet CT-ICH.",
        usage: "slicehouse phantom physionet-ich DIRECTORY [OPTIONS]",
        discussion: """
            EXAMPLES
              slicehouse phantom physionet-ich cohort/ --patients 8
              slicehouse phantom physionet-ich full/ --tree nifti --seed 7
            """)

    @Argument(help: "Folder to make; it must not exist or be empty.")
    var directory: String

    @Option(name: .long, help: "Seed: the same seed gives the same bytes.")
    var seed: UInt64 = 2018

    @Option(name: .long, help: "Patients: a number of them (the odd ones first), or a list such as 49,50,84.")
    var patients: String?

    @Option(name: .long, help: "jpeg (1.0.0), nifti (1.3.1) or both.")
    var tree: String = "both"

    @Option(name: .long, help: "Rows and columns of a NIfTI slice; JPEGs are 650/512 of it.")
    var matrix = 512

    func validate() throws {
        guard ["both", "jpeg", "nifti"].contains(tree) else {
            throw ValidationError("--tree \(tree): it is jpeg, nifti or both.")
        }
        if patients != nil, try patientList() == nil {
            throw ValidationError("--patients: a number, or numbers with commas.")
        }
    }

    func run() async throws {
        var options = PhysioNetICHOptions()
        options.seed = seed
        options.matrixSize = matrix
        options.patients = try patientList()
        options.workers = ProcessInfo.processInfo.activeProcessorCount
        if tree != "both" { options.trees = [tree == "jpeg" ? .jpeg : .nifti] }
        let summary = try await PhantomLine.interruptible(directory) {
            try await PhysioNetICHPhantom(options).write(to: directory, progress: PhantomLine().show)
        }
        Terminal.put(PhantomLine.text(summary))
    }

    private func patientList() throws -> [Int]? {
        guard let patients else { return nil }
        let numbers = patients.split(separator: ",").compactMap { Int($0) }
        guard !numbers.isEmpty, numbers.count == patients.split(separator: ",").count else { return nil }
        return patients.contains(",") || numbers[0] >= 49 ? numbers : PhysioNetICHOptions.firstPatients(numbers[0])
    }
}

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

    @Argument(help: "Folder to make; it must not exist or be empty.")
    var directory: String

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
        let summary = try await PhantomLine.interruptible(directory) {
            try await DICOMPhantom(options).write(to: directory, progress: PhantomLine().show)
        }
        Terminal.put(PhantomLine.text(summary))
    }
}

struct RSNA2019PhantomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rsna-2019",
        abstract: "Head CT with stripped headers and a label table of six rows an image, as in RSNA 2019.",
        usage: "slicehouse phantom rsna-2019 DIRECTORY [OPTIONS]",
        discussion: """
            EXAMPLES
              slicehouse phantom rsna-2019 rsna/ --patients 20
            """)

    @Argument(help: "Folder to make; it must not exist or be empty.")
    var directory: String

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
        Terminal.put(PhantomLine.text(try RSNA2019Phantom(options).write(to: directory)))
    }
}

struct RetinopathyPhantomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retinopathy",
        abstract: "Photographs of both eyes and their grades, as in Kaggle's diabetic retinopathy set.",
        usage: "slicehouse phantom retinopathy DIRECTORY [OPTIONS]",
        discussion: """
            EXAMPLES
              slicehouse phantom retinopathy eyes/ --patients 100 --width 2000
            """)

    @Argument(help: "Folder to make; it must not exist or be empty.")
    var directory: String

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
        Terminal.put(PhantomLine.text(try RetinopathyPhantom(options).write(to: directory)))
    }
}

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

    @Argument(help: "Folder to make; it must not exist or be empty.")
    var directory: String

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
        Terminal.put(PhantomLine.text(try LUNA16Phantom(options).write(to: directory)))
    }
}

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

    @Argument(help: "Folder to make; it must not exist or be empty.")
    var directory: String

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
        Terminal.put(PhantomLine.text(try LIDCPhantom(options).write(to: directory)))
    }
}

/// Shows how far a cohort is.
struct PhantomLine {
    func show(_ progress: PhantomProgress) {
        guard Terminal.errorIsTerminal else { return }
        Terminal.write("\r\u{1B}[K\(progress.finished)/\(progress.total) \(progress.item)", to: 2)
        if progress.finished == progress.total { Terminal.write("\r\u{1B}[K", to: 2) }
    }

    /// A cohort has its tables only at its end, so that one that was interrupted is of no use.
    static func interruptible<R>(_ directory: String, _ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch is CancellationError {
            Terminal.say("Interrupted; \(directory) is not complete: remove it, then run the same command again.")
            throw Failure.interrupted
        }
    }

    static func text(_ summary: PhantomSummary) -> String {
        "\(summary.patients) patients, \(summary.series) series, \(summary.slices) slices, \(summary.masks) masks, "
            + "\(summary.files) files, \(summary.bytes / 1_000_000) MB"
            + (summary.defects > 0 ? ", \(summary.defects) of them defects" : "")
    }
}
