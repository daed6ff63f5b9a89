import Datasets
import Testing

/// Tables of marks with one point a row, in the columns of LUNA16.
@Suite("Tables of points")
struct PointTableTests {
    private func read(
        _ rows: String, header: String = "seriesuid,coordX,coordY,coordZ,diameter_mm",
        _ change: (inout PointLayout) -> Void = { _ in }
    ) throws -> MarkTable {
        var layout = PointLayout(
            reader: LabelReader(key: "reader", kind: .human), kind: .sphere, target: "nodule",
            seriesColumn: "seriesuid", centreColumns: ["coordX", "coordY", "coordZ"])
        layout.diameterColumn = "diameter_mm"
        change(&layout)
        let text = header + "\n" + rows
        let plan = MarkFilePlan(
            file: SourceFile(number: 1, relativePath: "annotations.csv"),
            dataset: DatasetIdentity(name: "luna16", version: "1", adapter: "luna16", patientKeyKind: .research),
            sourceName: "annotations", vocabulary: "lung-nodule", format: .points(layout))
        return try plan.read(Array(text.utf8))
    }

    /// 4 of 5 and 6 of 5 cells: a coordinate may be missing in front of the others, and which is then a guess.
    @Test func `a row with fewer or more cells than the header is rejected with its line`() throws {
        let table = try read("1.2,1,2,3\n1.3,1,2,3,4,5\n1.4,1,2,3,4,,\n\n1.5,1,2,3,4\n")
        #expect(table.rejectedRows.map(\.code) == ["wrong_cell_count", "wrong_cell_count"])
        #expect(table.rejectedRows.map(\.line) == [2, 3])
        #expect(table.rejectedRows.map(\.row) == [1, 2])
        #expect(table.rejectedRows.first?.reason.contains("4 cells and the header 5") == true)
        #expect(table.series.map(\.seriesKey) == ["1.4", "1.5"])
        #expect(table.series.flatMap(\.marks).map(\.diameter) == [4, 4])
    }

    @Test func `a blank row says nothing, and one without a series is rejected`() throws {
        let table = try read(",,,,\n,1,2,3,4\n1.4,1,2,3,4\n")
        #expect(table.rejectedRows.map(\.code) == ["no_subject"])
        #expect(table.rejectedRows.map(\.line) == [3])
        #expect(table.series.flatMap(\.marks).map(\.diameter) == [4])
    }

    /// IEEE 754: 1e999 is beyond the greatest double, 1.8e308.
    @Test(arguments: ["abc", "-4", "-1", "0", "NaN", "inf", "1e999", "", " "])
    func `a row whose diameter is no size is rejected with its line`(cell: String) throws {
        let table = try read("1.2,1,2,3,4\n1.3,1,2,3,\(cell)\n1.4,1,2,3, 5.5 \n")
        #expect(table.rejectedRows.map(\.code) == ["not_a_number"])
        #expect(table.rejectedRows.map(\.line) == [3])
        #expect(table.rejectedRows.first?.reason.contains("a diameter that is not a number above 0") == true)
        #expect(table.series.map(\.seriesKey) == ["1.2", "1.4"])
        #expect(table.series.flatMap(\.marks).map(\.diameter) == [4, 5.5])
    }

    @Test func `where the organisers did not measure, a diameter of -1 or none is absent`() throws {
        let table = try read("1.2,1,2,3,-1\n1.3,1,2,3,\n1.4,1,2,3,-1.0\n1.5,1,2,3,6\n1.6,1,2,3,-2\n1.7,1,2,3,x\n") {
            $0.mayLackDiameter = true
        }
        #expect(table.rejectedRows.map(\.line) == [6, 7])
        #expect(table.series.flatMap(\.marks).map(\.diameter) == [nil, nil, nil, 6])
    }

    @Test func `a table without a column of diameters is refused where the organisers measured`() throws {
        let header = "seriesuid,coordX,coordY,coordZ,diam"
        let error = #expect(throws: LabelTableError.self) { try read("1.2,1,2,3,4\n", header: header) }
        #expect(error?.code == "missing_column" && error?.sentence.contains("diameter_mm") == true)
        let table = try read("1.2,1,2,3,4\n", header: header) { $0.mayLackDiameter = true }
        #expect(table.rejectedRows.isEmpty && table.unusedColumns == ["diam"])
        #expect(table.series.flatMap(\.marks).map(\.diameter) == [nil])
    }

    /// 4 and 4.0 are one number; another diameter is another nodule, and another series is.
    @Test func `rows that say the same count once and are told`() throws {
        let table = try read("1.2,1,2,3,4\n1.2,1,2,3,4\n1.3,1,2,3,4\n1.2,1,2,3,5\n1.2, 1,2.0,3,4.0\n")
        #expect(table.rejectedRows.isEmpty)
        #expect(table.series.map(\.seriesKey) == ["1.2", "1.3"])
        #expect(table.series.map { $0.marks.map(\.row) } == [[1, 4], [3]])
        #expect(table.notes.map(\.check) == ["repeated_mark"])
        #expect(table.notes.map(\.count) == [2])
        #expect(table.notes.first?.sentence.hasPrefix("2 rows of the table say what another one says") == true)
    }

    /// A candidate that is called a nodule in one row and none in another is two answers.
    @Test func `rows of one point with other labels both count`() throws {
        let rows = "1.2,1,2,3,0\n1.2,1,2,3,1\n1.2,1,2,3,0\n"
        let table = try read(rows, header: "seriesuid,coordX,coordY,coordZ,class") {
            $0.labelColumns = [("class", "nodule_candidate")]
            $0.diameterColumn = nil
        }
        #expect(table.series.flatMap(\.marks).flatMap(\.labels).map(\.rawValue) == ["0", "1"])
        #expect(table.notes.map(\.count) == [1])
    }

    /// Columns of the published table of malignancy; the last one counts the list, so that nobody misses it.
    @Test func `columns of which nothing is stored are named, and published ones that a copy lacks`() throws {
        let header = "seriesuid,coordX,coordY,coordZ,diameter_mm,mal_details,len_mal_details, my  note,"
        let table = try read("1.2,1,2,3,4,\"[4, 2]\",2,x,\n", header: header) {
            $0.cornerColumns = ["bboxLowX", "bboxLowY", "bboxLowZ", "bboxHighX", "bboxHighY", "bboxHighZ"]
            $0.ratingListColumn = ("mal_details", "malignancy")
            $0.derivedColumns = ["len_mal_details"]
        }
        #expect(table.unusedColumns == ["my note"])
        #expect(table.missingColumns.count == 6 && table.missingColumns.first == "bboxLowX")
        #expect(table.series.flatMap(\.marks).flatMap(\.ratings).map(\.rating) == [4, 2])
    }
}
