/// Which part of the CT-ICH cohort to make, and how large.
package struct PhysioNetICHOptions: Sendable {
    /// The two published forms of the data set.
    package enum Tree: String, Sendable, CaseIterable {
        /// Version 1.0.0: JPEG renderings.
        case jpeg
        /// Version 1.3.1: NIfTI volumes.
        case nifti
    }

    /// Anatomy, lesions and noise follow from the seed; labels and tables do not.
    package var seed: UInt64 = 2018
    /// One tree is written into the folder itself, two into ``PhysioNetICHPhantom/folder(of:)``.
    package var trees: Set<Tree> = Set(Tree.allCases)
    /// Patient numbers, 49...130; nil = all 82.
    package var patients: [Int]?
    /// Side of a volume's slices in pixels, 16...1024; JPEG sides are 650/512 of it.
    package var matrixSize = 512
    /// Patients rendered at a time; each takes about 60 MiB at full size.
    package var workers = 2

    package init() {}

    /// The first `count` patients in an order that meets the quirks early: two kinds of blood, text against table, a
    /// shifted numbering, the newborn, a missing bone image, a fracture alone, no volume.
    package static func firstPatients(_ count: Int) -> [Int] {
        let quirky = [49, 84, 58, 95, 85, 59, 51, 70, 50, 82, 89, 76, 74, 71, 52, 125]
        let rest = CohortEntry.all.map(\.number).filter { !quirky.contains($0) }
        return (quirky + rest).prefix(max(0, count)).sorted()
    }

    /// Checked and without optionals.
    func resolve() throws(PhantomError) -> Resolved {
        guard !trees.isEmpty else { throw .invalidOption("trees", "name jpeg, nifti or both") }
        guard (16...1024).contains(matrixSize) else {
            throw .invalidOption("matrix size", "it must be between 16 and 1024 pixels")
        }
        guard (1...256).contains(workers) else { throw .invalidOption("workers", "it must be between 1 and 256") }
        let wanted = Set(patients ?? CohortEntry.all.map(\.number))
        let found = CohortPatient.all.filter { wanted.contains($0.number) }
        guard !wanted.isEmpty, found.count == wanted.count else {
            throw .invalidOption("patients", "the cohort has the numbers 49 to 130")
        }
        return Resolved(seed: seed, trees: trees, patients: found, matrixSize: matrixSize, workers: workers)
    }

    struct Resolved: Sendable {
        let seed: UInt64
        let trees: Set<Tree>
        let patients: [CohortPatient]
        let matrixSize: Int
        let workers: Int
    }
}
