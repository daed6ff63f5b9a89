/// A file of marks that belongs to a data set.
package struct MarkFilePlan: Sendable {
    package let file: SourceFile
    package let dataset: DatasetIdentity
    /// Stable name of the source within the data set, e.g. `candidates`.
    package let sourceName: String
    /// Vocabulary of the labels that the marks carry.
    package let vocabulary: String
    package let format: MarkFormat

    package init(
        file: SourceFile, dataset: DatasetIdentity, sourceName: String, vocabulary: String, format: MarkFormat
    ) {
        self.file = file
        self.dataset = dataset
        self.sourceName = sourceName
        self.vocabulary = vocabulary
        self.format = format
    }

    /// **Throws** ``LabelTableError`` where the whole file is unusable.
    package func read(_ bytes: [UInt8]) throws(LabelTableError) -> MarkTable {
        switch format {
        case .points(let layout): try MarkTable(bytes: bytes, layout: layout)
        case .lidc: try MarkTable(lidc: bytes)
        }
    }

    func named(_ name: String) -> MarkFilePlan {
        MarkFilePlan(
            file: file, dataset: dataset.named(name), sourceName: sourceName, vocabulary: vocabulary, format: format)
    }
}

/// How a file of marks is read.
package enum MarkFormat: Sendable {
    /// A table with one point a row.
    case points(PointLayout)
    /// The reader XML of LIDC-IDRI.
    case lidc

    /// `label_source.kind`.
    package var kind: String {
        switch self {
        case .points: "csv"
        case .lidc: "xml"
        }
    }
}

/// Which columns of a table of points say what.
package struct PointLayout: Sendable {
    package let reader: LabelReader
    package let kind: Mark.Kind
    package let target: String
    package let seriesColumn: String
    /// Columns of x, y and z. **Units** mm, LPS
    package let centreColumns: [String]
    package var diameterColumn: String?
    /// The organisers did not measure all of them: a diameter of -1 or none is absent, and not wrong.
    package var mayLackDiameter = false
    /// Columns of the lower and of the upper corner of a box, x, y, z each.
    package var cornerColumns: [String] = []
    /// Domain by column.
    package var labelColumns: [(column: String, domain: String)] = []
    /// A column with a list such as `[4, 2, 4]`, one rating a reader; stored as `NAME_1`, `NAME_2`, ….
    package var ratingListColumn: (column: String, characteristic: String)?
    /// Columns of the published table that say what others of it say: nothing of them is stored, and nobody misses it.
    package var derivedColumns: [String] = []

    /// Without one of them a table says too little.
    package var requiredColumns: [String] {
        let diameters = mayLackDiameter ? [] : [diameterColumn].compactMap(\.self)
        return [seriesColumn] + centreColumns + diameters + labelColumns.map { $0.column }
    }

    package init(
        reader: LabelReader, kind: Mark.Kind, target: String, seriesColumn: String, centreColumns: [String]
    ) {
        self.reader = reader
        self.kind = kind
        self.target = target
        self.seriesColumn = seriesColumn
        self.centreColumns = centreColumns
    }
}

/// What a file of marks holds.
package struct MarkTable: Sendable {
    /// In order of the series keys.
    package var series: [SeriesMarks]
    package var rejectedRows: [RejectedRow] = []
    /// What is odd about the file as a whole: name of the check, and a sentence without identifiers.
    package var notes: [MarkNote] = []
    /// Names of columns of a table of which nothing is stored, as written but for white space and what is long.
    package var unusedColumns: [String] = []
    /// Names of columns of the published table that this copy lacks, though it can be read.
    package var missingColumns: [String] = []
    /// Groups the marks of several readers of one series into objects, as LIDC-IDRI needs it.
    package var isClustered = false
    /// Tells several files of one data set apart that do not correct one another; `nil` where one file holds all.
    package var sourceSuffix: String?

    package init(series: [SeriesMarks]) {
        self.series = series
    }

    package var markCount: Int { series.reduce(0) { $0 + $1.marks.count } }

    /// Leaves out what is not of these rows, by their numbers.
    package mutating func keep(rows numbers: Set<Int>) {
        for index in series.indices {
            series[index].marks.removeAll { mark in mark.row.map { !numbers.contains($0) } ?? true }
        }
        series.removeAll(where: \.marks.isEmpty)
        rejectedRows.removeAll { !numbers.contains($0.row) }
    }
}

/// Something odd about a file of marks.
package struct MarkNote: Sendable, Equatable {
    package static let strayPoint = "stray_contour_point"
    package static let oddRating = "rating_out_of_scale"
    package static let unreadablePoint = "contour_unreadable"
    /// For information: what the table says is clear.
    package static let repeatedRow = "repeated_mark"
    package static let checks = [strayPoint, oddRating, unreadablePoint, repeatedRow]

    package let check: String
    package let count: Int
    package let sentence: String

    package init(check: String, count: Int, sentence: String) {
        self.check = check
        self.count = count
        self.sentence = sentence
    }

    static func repeatedRows(_ count: Int) -> MarkNote {
        let what =
            count == 1
            ? "1 row of the table says what another one says, and counts once with it."
            : "\(count) rows of the table say what another one says, and count once with it."
        return MarkNote(check: repeatedRow, count: count, sentence: what)
    }
}
