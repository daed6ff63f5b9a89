internal import Synchronization

/// A synthetic cohort in the layout of PhysioNet CT-ICH, both published versions, with their real quirks.
///
/// The real images are under a data-use agreement; these are made. The numbers of the label tables equal the published
/// ones (2,501 and 2,814 slices, 318 with blood). One synthetic person underlies the same number in both trees. The
/// bytes are a pure function of the options except `workers`.
package struct PhysioNetICHPhantom: Sendable {
    private let options: PhysioNetICHOptions

    package init(_ options: PhysioNetICHOptions = PhysioNetICHOptions()) {
        self.options = options
    }

    /// The subfolder of a tree when both are written.
    package static func folder(of tree: PhysioNetICHOptions.Tree) -> String {
        switch tree {
        case .jpeg: "ct-ich-1.0.0"
        case .nifti: "ct-ich-1.3.1"
        }
    }

    /// Writes the trees into `directory`, which must be new or empty.
    ///
    /// **Throws** ``PhantomError``, or `CancellationError`; what was written so far stays.
    /// **Cost** about 60 ms of one core a slice at full size.
    package func write(
        to directory: String, progress: (PhantomProgress) -> Void = { _ in }
    ) async throws -> PhantomSummary {
        let plan = try options.resolve()
        let output = try OutputTree(root: directory)
        let both = plan.trees.count > 1
        let atlas = HeadStack.Atlas(seed: plan.seed)
        let counts = Mutex(TreeCounts())
        let writers = plan.trees.sorted { $0.rawValue < $1.rawValue }.map { tree -> any TreeWriter in
            let prefix = both ? Self.folder(of: tree) + "/" : ""
            return switch tree {
            case .jpeg: JPEGTreeWriter(output: output, prefix: prefix, matrixSize: plan.matrixSize)
            case .nifti: NIfTITreeWriter(output: output, prefix: prefix, seed: plan.seed)
            }
        }
        for writer in writers { try writer.begin() }
        var finished = 0
        try await forEach(plan.patients, workers: plan.workers) { patient in
            finished += 1
            progress(PhantomProgress(finished: finished, total: plan.patients.count, item: patient.key))
        } job: { @concurrent patient in
            let made = try Self.render(patient, plan, atlas, writers)
            counts.withLock { $0.add(made) }
        }
        for writer in writers { try writer.finish(CohortTables(patients: plan.patients)) }
        return summary(counts.withLock { $0 }, plan, output)
    }

    /// Renders every slice of one patient once and gives it to the trees.
    private static func render(
        _ patient: CohortPatient, _ plan: PhysioNetICHOptions.Resolved, _ atlas: HeadStack.Atlas,
        _ writers: [any TreeWriter]
    ) throws -> TreeCounts {
        let stack = HeadStack(
            seed: plan.seed, plan: patient.plan, size: plan.matrixSize,
            fieldOfView: patient.fieldOfView(seed: plan.seed), atlas: atlas)
        var counts = TreeCounts()
        let sessions = try writers.compactMap { try $0.session(patient, stack) }
        for number in 1...patient.scanCount where sessions.contains(where: { $0.wants(slice: number) }) {
            try Task.checkCancellation()
            let slice = stack.slice(number - 1)
            for session in sessions where session.wants(slice: number) { try session.add(slice, number: number) }
        }
        for session in sessions { counts.add(try session.end()) }
        return counts
    }

    private func summary(
        _ counts: TreeCounts, _ plan: PhysioNetICHOptions.Resolved, _ output: OutputTree
    ) -> PhantomSummary {
        let entries = output.entries
        var rows: [String: Int] = [:]
        if plan.trees.contains(.jpeg) {
            rows["hemorrhage_diagnosis.csv"] = plan.patients.reduce(0) { $0 + $1.entry.jpegCount }
        }
        if plan.trees.contains(.nifti) {
            rows["hemorrhage_diagnosis_raw_ct.csv"] = plan.patients.reduce(0) { $0 + ($1.entry.niftiCount ?? 0) }
        }
        return PhantomSummary(
            patients: plan.patients.count, series: counts.series, slices: counts.slices, masks: counts.masks,
            defects: 0,
            files: entries.count, bytes: entries.reduce(0) { $0 + $1.byteCount }, labelRows: rows)
    }
}
