import Tables
import Testing

@Suite struct CSVHeaderTests {
    /// The header of `patient_demographics.csv` of CT-ICH 1.0.0.
    @Test func `a line break inside a name is one space`() throws {
        let header = CSVHeader(["Patient Number", "Age\n(years)", "Gender", "Fracture (Yes/No)"])
        #expect(header.column(named: "age (years)") == 1)
        #expect(header.column(named: " PATIENT  number") == 0)
        #expect(header.column(named: "Age(years)") == nil)
    }

    @Test func `a missing column is named with the number of columns`() {
        let header = CSVHeader(["ID", "Label"])
        let error = errorOf { try header.requiredColumn(named: "SliceNumber") }
        #expect(error?.code == .missingColumn)
        #expect(
            error?.description == "The CSV table cannot be read: it has no column \"slicenumber\" among its 2 columns.")
    }

    @Test func `the first of equal names is found and the doubling reported`() {
        let header = CSVHeader(["Note", "x", "note "])
        #expect(header.column(named: "Note") == 0)
        #expect(header.duplicates == ["note"])
    }

    /// The layout of `Patient_demographics.csv` of CT-ICH 1.3.1: a merged cell over five columns.
    private let merged = """
        Patient Number,"Age
        (years)",Gender,"Hemorrhage type based on the radiologists diagnosis ",,,,,Fracture (yes 1/no 0),Note1
        ,,,Intraventricular,Intraparenchymal,Subarachnoid,Epidural,Subdural,,
        49,35,Male,,1,,1,,1,

        """

    @Test(arguments: [CSVOptions.HeaderRows.two, .detect]) func `a merged two-row header is joined`(
        _ headerRows: CSVOptions.HeaderRows
    ) throws {
        let table = try CSVTable(bytes: Array(merged.utf8), options: CSVOptions(headerRows: headerRows))
        #expect(table.column(named: "Intraventricular") == 3)
        #expect(table.column(named: "subdural") == 7)
        #expect(table.column(named: "age (years)") == 1)
        #expect(table.column(named: "fracture (yes 1/no 0)") == 8)
        #expect(table.header.groups[5] == "Hemorrhage type based on the radiologists diagnosis ")
        #expect(table.header.groups[0].isEmpty)
        #expect(table.rows.count == 1)
        #expect(table.rows[0].recordNumber == 3)
        #expect(table.rows[0].lineNumber == 4)
    }

    @Test func `a single header row is not taken for two`() throws {
        let options = CSVOptions(headerRows: .detect)
        let plain = try CSVTable(bytes: Array("a,b\nx,y\n".utf8), options: options)
        #expect(plain.rows.map(\.cells) == [["x", "y"]])
        let unnamed = try CSVTable(bytes: Array("a,,c\n1,2,3\n".utf8), options: options)
        #expect(unnamed.rows.map(\.cells) == [["1", "2", "3"]])
        #expect(unnamed.warnings.isEmpty)
    }
}
