internal import Tables

extension MarkTable {
    /// Reads a table with one point a row; columns are found by name, further ones say nothing and are named.
    ///
    /// **Throws** `missing_column`, … of the reader: the whole table is then unusable. A row with other cells than the
    /// header, without a series, or whose coordinates or diameter are no numbers, is rejected alone; a blank one says
    /// nothing, and one that says what another one says counts once with it.
    init(bytes: [UInt8], layout: PointLayout) throws(LabelTableError) {
        var points = PointRows(layout: layout)
        do {
            let reader = try CSVReader(bytes: bytes, options: CSVOptions())
            try points.find(in: reader.header ?? CSVHeader([]))
            while let row = try reader.next() { points.read(row) }
        } catch {
            throw LabelTableError(code: error.code.rawValue, sentence: error.description)
        }
        let repeated = points.settleRepetitions()
        self.init(series: points.series.sorted { $0.seriesKey < $1.seriesKey })
        rejectedRows = points.rejected
        (unusedColumns, missingColumns) = (points.unusedColumns, points.missingColumns)
        if repeated > 0 { notes.append(.repeatedRows(repeated)) }
    }
}

/// The rows of a table of points as they go by.
private struct PointRows {
    let layout: PointLayout
    private(set) var series: [SeriesMarks] = []
    private(set) var rejected: [RejectedRow] = []
    private(set) var unusedColumns: [String] = []
    private(set) var missingColumns: [String] = []
    private var indexOf: [String: Int] = [:]
    private var rowCount = 0
    private var columnCount = 0
    private var seriesColumn = 0
    private var centre: [Int] = []
    private var corners: [Int] = []
    private var diameter: Int?
    private var labels: [(column: Int, domain: String)] = []
    private var ratings: Int?

    init(layout: PointLayout) {
        self.layout = layout
    }

    mutating func find(in header: CSVHeader) throws(TableError) {
        columnCount = header.names.count
        seriesColumn = try header.requiredColumn(named: layout.seriesColumn)
        for name in layout.centreColumns { centre.append(try header.requiredColumn(named: name)) }
        if let name = layout.diameterColumn {
            diameter = header.column(named: name)
            if !layout.mayLackDiameter { diameter = try header.requiredColumn(named: name) }
        }
        let found = layout.cornerColumns.compactMap { header.column(named: $0) }
        corners = found.count == 6 ? found : []
        for (name, domain) in layout.labelColumns {
            labels.append((try header.requiredColumn(named: name), domain))
        }
        ratings = layout.ratingListColumn.flatMap { header.column(named: $0.column) }
        let optional = layout.cornerColumns + [layout.ratingListColumn?.column].compactMap(\.self)
        missingColumns = optional.filter { header.column(named: $0) == nil }
        let used = centre + corners + labels.map { $0.column } + [seriesColumn]
        let derived = layout.derivedColumns.compactMap { header.column(named: $0) }
        unusedColumns = header.otherNames(besides: Set(used + derived + [diameter, ratings].compactMap(\.self)))
    }

    mutating func read(_ row: CSVRow) {
        rowCount += 1
        let key = row.string(at: seriesColumn) ?? ""
        let isKeyBlank = key.allSatisfy(\.isWhitespace)
        if isKeyBlank, row.isBlank { return }
        guard row.hasCells(ofColumns: columnCount) else {
            rejected.append(.wrongCellCount(row, number: rowCount, columnCount: columnCount))
            return
        }
        guard !isKeyBlank else {
            return reject(
                row, "names no series; correct the cell and ingest the table again", code: "no_subject")
        }
        let point = centre.compactMap { number(row, $0) }
        guard point.count == 3 else {
            return reject(
                row, "has a coordinate that is not a number; correct the cell and ingest the table again",
                code: "not_a_number")
        }
        guard let mark = mark(of: row, at: point) else {
            return reject(
                row, "has a diameter that is not a number above 0; correct the cell and ingest the table again",
                code: "not_a_number")
        }
        append(mark, to: key.trimmingSpace)
    }

    /// `nil` where there is a diameter that is none.
    private func mark(of row: CSVRow, at point: [Double]) -> Mark? {
        let size = diameter.flatMap { number(row, $0) }.flatMap { $0 > 0 ? $0 : nil }
        if size == nil, let diameter, !isUnmeasured(row, diameter) { return nil }
        var mark = Mark(
            key: String(rowCount), reader: layout.reader.key, kind: layout.kind, target: layout.target)
        mark.centre = point
        mark.row = rowCount
        mark.diameter = size
        mark.extent = extent(row)
        mark.labels = labels.compactMap { column, domain in
            row.string(at: column).map { MarkLabel(domain: domain, rawValue: $0) }
        }
        mark.ratings = ratings.flatMap { row.string(at: $0) }.map(ratingList) ?? []
        return mark
    }

    /// Nobody measured: nothing stands there, or the -1 that organisers write.
    private func isUnmeasured(_ row: CSVRow, _ column: Int) -> Bool {
        guard layout.mayLackDiameter else { return false }
        let text = (row.string(at: column) ?? "").trimmingSpace
        return text.isEmpty || Double(text) == -1
    }

    /// Returns how many rows say what another one says: the first of them counts.
    mutating func settleRepetitions() -> Int {
        var repeated = 0
        for index in series.indices {
            var said: Set<Statement> = []
            let marks = series[index].marks.filter { said.insert(Statement($0)).inserted }
            guard marks.count < series[index].marks.count else { continue }
            repeated += series[index].marks.count - marks.count
            series[index].marks = marks
        }
        return repeated
    }

    /// What a row says of its series.
    private struct Statement: Hashable {
        let centre: [Double]?
        let extent: [Double]?
        let diameter: Double?
        let ratings: [MarkRating]
        let labels: [MarkLabel]

        init(_ mark: Mark) {
            centre = mark.centre
            extent = mark.extent
            diameter = mark.diameter
            ratings = mark.ratings
            labels = mark.labels
        }
    }

    private mutating func append(_ mark: Mark, to key: String) {
        if let index = indexOf[key] {
            series[index].marks.append(mark)
        } else {
            indexOf[key] = series.count
            series.append(SeriesMarks(seriesKey: key, readings: [MarkReading(layout.reader)], marks: [mark]))
        }
    }

    private mutating func reject(_ row: CSVRow, _ reason: String, code: String) {
        rejected.append(RejectedRow(row: rowCount, line: row.lineNumber, code: code, reason: "it " + reason))
    }

    private func number(_ row: CSVRow, _ column: Int) -> Double? {
        row.string(at: column).flatMap { Double($0.trimmingSpace) }.flatMap { $0.isFinite ? $0 : nil }
    }

    private func extent(_ row: CSVRow) -> [Double]? {
        let values = corners.compactMap { number(row, $0) }
        guard values.count == 6 else { return nil }
        return (0..<3).map { abs(values[$0 + 3] - values[$0]) }
    }

    private func ratingList(_ text: String) -> [MarkRating] {
        let parts = text.split { "[], ".contains($0) }
        guard let name = layout.ratingListColumn?.characteristic else { return [] }
        return parts.enumerated().map { index, part in
            MarkRating(characteristic: "\(name)_\(index + 1)", rawValue: String(part), rating: Double(part))
        }
    }
}

extension String {
    /// Without white space at the ends.
    var trimmingSpace: String {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}
