package import Domains

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
    /// What declares the table declares no images: it speaks of images that another layout or a plain folder brings.
    package let hasImagesElsewhere: Bool

    package init(
        file: SourceFile, dataset: DatasetIdentity, sourceName: String, vocabulary: String, reader: LabelReader,
        layout: LabelLayout, subject: SeriesReference?, hasImagesElsewhere: Bool = false
    ) {
        self.file = file
        self.dataset = dataset
        self.sourceName = sourceName
        self.vocabulary = vocabulary
        self.reader = reader
        self.layout = layout
        self.subject = subject
        self.hasImagesElsewhere = hasImagesElsewhere
    }

    /// Its rows name people of a data set whose images come from elsewhere, whose identifiers may have to be hidden.
    package var namesPatientsElsewhere: Bool { hasImagesElsewhere && layout.keyed?.patient != nil }
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
    /// What a row is about.
    package let level: LabelLevel
    /// How one column names the subject by a pattern; `nil` where columns of numbers do.
    package let keyed: KeyedRows?
    /// Header names of the column with the patient number, any of them.
    package let patientColumns: [String]
    /// Header names of the column with the slice number; `nil` for a table of patients.
    package let sliceColumns: [String]?
    /// Digits to which a patient number is padded (49 → 049).
    package let patientDigits: Int
    /// True where the first header row spans several columns and the second one names them.
    package let mayHaveTwoHeaderRows: Bool
    /// Columns of domains that every copy of the published table has.
    package let expectedColumns: [String]

    package init(
        patientColumns: [String], sliceColumns: [String]?, patientDigits: Int, mayHaveTwoHeaderRows: Bool = false,
        expectedColumns: [String] = []
    ) {
        level = sliceColumns == nil ? .patient : .slice
        keyed = nil
        self.patientColumns = patientColumns
        self.sliceColumns = sliceColumns
        self.patientDigits = patientDigits
        self.mayHaveTwoHeaderRows = mayHaveTwoHeaderRows
        self.expectedColumns = expectedColumns
    }
}

extension LabelLayout {
    /// Rows whose subject one column names.
    package init(level: LabelLevel, keyed: KeyedRows) {
        self.level = level
        self.keyed = keyed
        patientColumns = []
        sliceColumns = nil
        patientDigits = 0
        mayHaveTwoHeaderRows = false
        expectedColumns = []
    }
}

/// How one column of a table names its subject: a pattern of the whole cell, and templates over its groups and over
/// other cells.
package struct KeyedRows: Sendable {
    package let column: String
    package let pattern: TextPattern
    package let patient: TextTemplate?
    /// Who gave the patient the identifier, where the files say so (Issuer of Patient ID).
    package let issuer: TextTemplate?
    package let study: TextTemplate?
    package let series: TextTemplate?
    /// Number of the slice as the source counts.
    package let slice: TextTemplate?
    package let sopInstanceUID: TextTemplate?
    /// Column name, as the vocabulary knows it, of a table with one answer a row; `nil` where columns are domains.
    package let domain: TextTemplate?
    package let valueColumn: String?

    package init(
        column: String, pattern: TextPattern, patient: TextTemplate? = nil, issuer: TextTemplate? = nil,
        study: TextTemplate? = nil, series: TextTemplate? = nil, slice: TextTemplate? = nil,
        sopInstanceUID: TextTemplate? = nil, domain: TextTemplate? = nil, valueColumn: String? = nil
    ) {
        self.column = column
        self.pattern = pattern
        self.patient = patient
        self.issuer = issuer
        self.study = study
        self.series = series
        self.slice = slice
        self.sopInstanceUID = sopInstanceUID
        self.domain = domain
        self.valueColumn = valueColumn
    }
}

/// A patient as a row of a table names them.
package struct WrittenPatient: Sendable {
    package let identifier: String
    package let issuer: String?
    /// Study of the same row, where it names one.
    package let study: String?
}

/// Who or what a label is about, as its source names it.
package struct LabelKey: Sendable, Hashable {
    package let level: LabelLevel
    package var patient: String?
    package var study: String?
    package var series: String?
    package var slice: Int?
    package var sopInstanceUID: String?

    package init(
        level: LabelLevel, patient: String? = nil, study: String? = nil, series: String? = nil, slice: Int? = nil,
        sopInstanceUID: String? = nil
    ) {
        self.level = level
        self.patient = patient
        self.study = study
        self.series = series
        self.slice = slice
        self.sopInstanceUID = sopInstanceUID
    }

    /// The same subject, in the series that the plan of the file names where the row names none.
    package func within(_ reference: SeriesReference?) -> LabelKey {
        guard level == .slice, series == nil, sopInstanceUID == nil, let reference else { return self }
        var key = self
        key.study = reference.studyKey
        key.series = reference.seriesKey
        return key
    }
}

/// One cell of a label table: who or what is meant, and what was said.
package struct LabelAssertion: Sendable, Hashable {
    package let key: LabelKey
    package let domain: String
    package let rawValue: String
    /// 1-based record number in the file, the header not counted; `nil` where the source has no rows.
    package let row: Int?

    package init(key: LabelKey, domain: String, rawValue: String, row: Int?) {
        self.key = key
        self.domain = domain
        self.rawValue = rawValue
        self.row = row
    }

    package var patientKey: String { key.patient ?? "" }
    package var instanceNumber: Int? { key.slice }
}

/// A row of a label table that cannot be used, without its values.
package struct RejectedRow: Sendable, Hashable {
    /// 1-based record number in the file, the header not counted.
    package let row: Int
    /// 1-based line of the file on which it begins, the header counted.
    package let line: Int
    package let code: String
    package let reason: String

    package init(row: Int, line: Int, code: String, reason: String) {
        self.row = row
        self.line = line
        self.code = code
        self.reason = reason
    }
}

extension LabelFilePlan {
    func named(_ name: String) -> LabelFilePlan {
        LabelFilePlan(
            file: file, dataset: dataset.named(name), sourceName: sourceName, vocabulary: vocabulary, reader: reader,
            layout: layout, subject: subject, hasImagesElsewhere: hasImagesElsewhere)
    }
}
