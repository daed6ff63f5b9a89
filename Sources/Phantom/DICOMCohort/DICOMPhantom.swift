internal import Synchronization

/// A synthetic export of a picture archive: several patients, studies and series of head CT in nested folders.
///
/// Headers follow four manufacturers' habits: signed and unsigned pixels, padding, several windows, absent slice
/// locations, tilted gantries, private groups, names in three character sets. With `includesDefects` eight bad files lie
/// among the good ones. The bytes are a pure function of the options except `workers`.
package struct DICOMPhantom: Sendable {
    private let options: DICOMPhantomOptions

    package init(_ options: DICOMPhantomOptions = DICOMPhantomOptions()) {
        self.options = options
    }

    /// Writes into `directory`, which must be new or empty, and lists what was made in `phantom.json`.
    ///
    /// **Throws** ``PhantomError``, or `CancellationError`; what was written so far stays.
    package func write(
        to directory: String, progress: (PhantomProgress) -> Void = { _ in }
    ) async throws -> PhantomSummary {
        let options = try options.resolve()
        let output = try OutputTree(root: directory)
        let atlas = HeadStack.Atlas(seed: options.seed)
        let studies = (1...options.patientCount).flatMap { patient in
            let person = SyntheticPerson(seed: options.seed, number: patient, canaries: options.canaries)
            return (1...options.studiesPerPatient).map { SyntheticStudy(options, person: person, number: $0) }
        }
        let counts = Mutex(TreeCounts())
        let defects = Mutex<[PhantomDefect: String]>([:])
        var finished = 0
        try await forEach(studies, workers: options.workers) { study in
            finished += 1
            progress(PhantomProgress(finished: finished, total: studies.count, item: study.folder(.soft)))
        } job: { @concurrent study in
            let writer = StudyWriter(study, options: options, atlas: atlas, output: output)
            let made = try writer.write()
            counts.withLock { $0.add(made) }
            guard options.includesDefects, study.person.number == 1, study.number == 1 else { return }
            let paths = try DefectWriter(writer: writer, seed: options.seed).write()
            defects.withLock { $0 = paths }
        }
        let manifest = DICOMManifest(options: options, counts: counts.withLock { $0 }, defects: defects.withLock { $0 })
        try output.write(manifest.json(files: output.entries.count), to: "phantom.json")
        return summary(counts.withLock { $0 }, defects.withLock { $0 }.count, output)
    }

    private func summary(_ counts: TreeCounts, _ defects: Int, _ output: OutputTree) -> PhantomSummary {
        let entries = output.entries
        return PhantomSummary(
            patients: options.patientCount, series: counts.series, slices: counts.slices, masks: 0, defects: defects,
            files: entries.count, bytes: entries.reduce(0) { $0 + $1.byteCount }, labelRows: [:])
    }
}
