/// One layout of one published collection: what is a series here, where are its labels and masks.
///
/// An adapter value stands for one place where the layout was found. It claims the files below its anchor and says
/// for each what it is; what it does not claim is offered to the plain-folder adapters.
package protocol DatasetAdapter: Sendable {
    /// Name for `--adapter` and for `dataset.adapter`.
    static var name: String { get }
    /// What lies in a folder of this layout, in half a sentence.
    static var layout: String { get }
    /// Every place in the listing that has this layout, recognised by what lies there and not by the folder's name.
    static func detect(in listing: some FileListing) async throws -> [Self]

    /// The folder that holds the layout, relative to the ingested root.
    var anchor: String { get }
    var dataset: DatasetIdentity { get }
    /// Series, label files and ignored files of the layout.
    func plan(_ listing: some FileListing) async throws -> DatasetPlan
}

/// What an adapter makes of the files below its anchor.
package struct DatasetPlan: Sendable {
    package var series: [SeriesPlan]
    package var labelFiles: [LabelFilePlan]
    package var markFiles: [MarkFilePlan]
    /// Folders whose DICOM files are images of the data set; their headers say to which series they belong.
    package var folders: [FolderClaim]
    /// The folds that the publishers of the data set gave it.
    package var folds: OfficialFolds?
    /// Files that belong to the layout but carry nothing to store, with the reason.
    package var ignored: [IgnoredFile]
    /// Oddities of the layout itself, such as a slice without its second rendering.
    package var findings: [LayoutFinding]
    /// Tables that say what the images of the layout show, whether or not they are here.
    package var expectedTables: [ExpectedTable] = []
    /// Image files that the layout would have as its own under another name.
    package var unmatched: UnmatchedImages?

    package init(
        series: [SeriesPlan] = [], labelFiles: [LabelFilePlan] = [], markFiles: [MarkFilePlan] = [],
        folders: [FolderClaim] = [], folds: OfficialFolds? = nil, ignored: [IgnoredFile] = [],
        findings: [LayoutFinding] = []
    ) {
        self.series = series
        self.labelFiles = labelFiles
        self.markFiles = markFiles
        self.folders = folders
        self.folds = folds
        self.ignored = ignored
        self.findings = findings
    }
}

extension DatasetPlan {
    /// Every file that the plan says something about, files of voxels included.
    package var claimedFiles: [SourceFile] {
        series.flatMap(\.files).flatMap { [$0.file] + ($0.data.map { [$0] } ?? []) } + labelFiles.map(\.file)
            + markFiles.map(\.file) + ignored.map(\.file)
    }

    /// The plan without files that another one claims; a series of which one file is gone is gone.
    package func removing(_ files: Set<SourceFile>) -> DatasetPlan {
        guard !files.isEmpty else { return self }
        var plan = self
        plan.series.removeAll { $0.files.contains { files.contains($0.file) } }
        plan.labelFiles.removeAll { files.contains($0.file) }
        plan.markFiles.removeAll { files.contains($0.file) }
        plan.ignored.removeAll { files.contains($0.file) }
        return plan
    }

    /// The data sets that the plan names.
    package var datasets: Set<DatasetIdentity> {
        Set(series.map(\.dataset) + labelFiles.map(\.dataset) + markFiles.map(\.dataset) + folders.map(\.dataset))
    }
}

/// A folder whose DICOM files belong to a data set.
///
/// There may be a million of them, so the adapter does not list them: each is recognised by its header.
package struct FolderClaim: Sendable, Hashable {
    /// Relative to the ingested root; `""` is the root.
    package let folder: String
    package let dataset: DatasetIdentity
    /// What the Patient ID of its files begins with; others in the folder are not of this data set.
    package let patientIDPrefix: String

    package init(folder: String, dataset: DatasetIdentity, patientIDPrefix: String) {
        self.folder = folder
        self.dataset = dataset
        self.patientIDPrefix = patientIDPrefix
    }

    package func holds(_ file: SourceFile, patientID: String?) -> Bool {
        file.components(below: folder) != nil && (patientID ?? "").hasPrefix(patientIDPrefix)
    }

    func named(_ name: String) -> FolderClaim {
        FolderClaim(folder: folder, dataset: dataset.named(name), patientIDPrefix: patientIDPrefix)
    }
}

/// Folds of a published data set, which everybody who compares with it has to use.
package struct OfficialFolds: Sendable {
    package let dataset: DatasetIdentity
    /// Name of the split, e.g. `luna16-subsets`.
    package let splitName: String
    /// All folds there are, in order, whether or not this copy has them.
    package let folds: [String]
    /// Fold by patient key.
    package let foldOfPatient: [String: String]

    package init(dataset: DatasetIdentity, splitName: String, folds: [String], foldOfPatient: [String: String]) {
        self.dataset = dataset
        self.splitName = splitName
        self.folds = folds
        self.foldOfPatient = foldOfPatient
    }

    func named(_ name: String) -> OfficialFolds {
        OfficialFolds(
            dataset: dataset.named(name), splitName: splitName, folds: folds, foldOfPatient: foldOfPatient)
    }
}

/// A file that is left where it is, with the reason in a few words.
package struct IgnoredFile: Sendable, Hashable {
    package let file: SourceFile
    package let reason: String

    package init(file: SourceFile, reason: String) {
        self.file = file
        self.reason = reason
    }
}

/// Something odd about a layout that a user should know; it stops nothing.
package struct LayoutFinding: Sendable, Hashable {
    /// Name of the check, snake_case.
    package let check: String
    package let patientKey: String?
    package let reference: SeriesReference?
    /// One sentence without identifiers of clinical patients.
    package let sentence: String

    package init(check: String, patientKey: String?, reference: SeriesReference?, sentence: String) {
        self.check = check
        self.patientKey = patientKey
        self.reference = reference
        self.sentence = sentence
    }
}

extension DatasetPlan {
    /// The same plan under the name a user chose for the data set.
    package func named(_ name: String) -> DatasetPlan {
        var plan = self
        plan.series = series.map { $0.named(name) }
        plan.labelFiles = labelFiles.map { $0.named(name) }
        plan.markFiles = markFiles.map { $0.named(name) }
        plan.folders = folders.map { $0.named(name) }
        plan.folds = folds.map { $0.named(name) }
        plan.expectedTables = expectedTables.map { $0.named(name) }
        return plan
    }
}
