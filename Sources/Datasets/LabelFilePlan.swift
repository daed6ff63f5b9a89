/// A table of labels that belongs to a data set.
package struct LabelFilePlan: Sendable {
    package let file: SourceFile
    package let dataset: DatasetIdentity
    /// Stable name of the source within the data set, e.g. `hemorrhage_diagnosis`.
    package let sourceName: String
    /// Vocabulary whose domains the columns feed (`etl/vocabularies/<name>.yaml`).
    package let vocabulary: String
    /// Who made the assertions, as a reader key of the data set.
    package let reader: LabelReader
    package let layout: LabelLayout
    /// The series the rows speak of; `nil` where they speak of patients.
    package let subject: SeriesReference?

    package init(
        file: SourceFile, dataset: DatasetIdentity, sourceName: String, vocabulary: String, reader: LabelReader,
        layout: LabelLayout, subject: SeriesReference?
    ) {
        self.file = file
        self.dataset = dataset
        self.sourceName = sourceName
        self.vocabulary = vocabulary
        self.reader = reader
        self.layout = layout
        self.subject = subject
    }
}

/// A reader of images: one person, a consensus of several, or an algorithm.
package struct LabelReader: Sendable, Hashable {
    package enum Kind: String, Sendable, Codable { case human, consensus, algorithm, device }
    package let key: String
    package let kind: Kind

    package init(key: String, kind: Kind) {
        self.key = key
        self.kind = kind
    }
}

/// How the rows of a label table name their subject.
package struct LabelLayout: Sendable {
    /// Header names of the column with the patient number, any of them.
    package let patientColumns: [String]
    /// Header names of the column with the slice number; `nil` for a table of patients.
    package let sliceColumns: [String]?
    /// Digits to which a patient number is padded (49 → 049).
    package let patientDigits: Int
    /// True where the first header row spans several columns and the second one names them.
    package let mayHaveTwoHeaderRows: Bool

    package init(
        patientColumns: [String], sliceColumns: [String]?, patientDigits: Int, mayHaveTwoHeaderRows: Bool = false
    ) {
        self.patientColumns = patientColumns
        self.sliceColumns = sliceColumns
        self.patientDigits = patientDigits
        self.mayHaveTwoHeaderRows = mayHaveTwoHeaderRows
    }
}

/// One cell of a label table: who or what is meant, and what was said.
package struct LabelAssertion: Sendable, Hashable {
    package let patientKey: String
    /// Number of the slice as the source counts; `nil` when the patient is the subject.
    package let instanceNumber: Int?
    package let domain: String
    package let rawValue: String
    /// 1-based record number in the file, the header not counted; `nil` where the source has no rows.
    package let row: Int?

    package init(patientKey: String, instanceNumber: Int?, domain: String, rawValue: String, row: Int?) {
        self.patientKey = patientKey
        self.instanceNumber = instanceNumber
        self.domain = domain
        self.rawValue = rawValue
        self.row = row
    }
}

/// A row of a label table that cannot be used, without its values.
package struct RejectedRow: Sendable, Hashable {
    package let row: Int
    package let code: String
    package let reason: String

    package init(row: Int, code: String, reason: String) {
        self.row = row
        self.code = code
        self.reason = reason
    }
}

extension LabelFilePlan {
    func named(_ name: String) -> LabelFilePlan {
        LabelFilePlan(
            file: file, dataset: dataset.named(name), sourceName: sourceName, vocabulary: vocabulary, reader: reader,
            layout: layout, subject: subject)
    }
}
