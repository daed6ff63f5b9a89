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
    /// Files that belong to the layout but carry nothing to store, with the reason.
    package var ignored: [IgnoredFile]
    /// Oddities of the layout itself, such as a slice without its second rendering.
    package var findings: [LayoutFinding]

    package init(
        series: [SeriesPlan] = [], labelFiles: [LabelFilePlan] = [], ignored: [IgnoredFile] = [],
        findings: [LayoutFinding] = []
    ) {
        self.series = series
        self.labelFiles = labelFiles
        self.ignored = ignored
        self.findings = findings
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
        return plan
    }
}
