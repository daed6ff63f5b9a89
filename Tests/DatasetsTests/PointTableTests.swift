import Datasets
import Testing

/// Tables of marks with one point a row, in the columns of LUNA16.
@Suite("Tables of points")
struct PointTableTests {
    private func read(_ rows: String) throws -> MarkTable {
        var layout = PointLayout(
            reader: LabelReader(key: "reader", kind: .human), kind: .sphere, target: "nodule",
            seriesColumn: "seriesuid", centreColumns: ["coordX", "coordY", "coordZ"])
        layout.diameterColumn = "diameter_mm"
        let text = "seriesuid,coordX,coordY,coordZ,diameter_mm\n" + rows
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
        let table = try read(",,,,\n,1,2,3,4\n1.4,1,2,3,\n")
        #expect(table.rejectedRows.map(\.code) == ["no_subject"])
        #expect(table.rejectedRows.map(\.line) == [3])
        #expect(table.series.flatMap(\.marks).map(\.diameter) == [nil])
    }
}
