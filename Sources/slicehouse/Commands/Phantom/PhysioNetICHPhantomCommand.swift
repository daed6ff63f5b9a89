import ArgumentParser
import Foundation
import Phantom

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

    @OptionGroup var target: PhantomTarget

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
        try await target.make { try await PhysioNetICHPhantom(options).write(to: $0, progress: PhantomTarget.show) }
    }

    private func patientList() throws -> [Int]? {
        guard let patients else { return nil }
        let numbers = patients.split(separator: ",").compactMap { Int($0) }
        guard !numbers.isEmpty, numbers.count == patients.split(separator: ",").count else { return nil }
        return patients.contains(",") || numbers[0] >= 49 ? numbers : PhysioNetICHOptions.firstPatients(numbers[0])
    }
}
