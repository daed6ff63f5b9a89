import Datasets
import Domains
import Foundation
import Tables
import Testing

@Suite("LabelTable")
struct LabelTableTests {
    private let vocabulary: Vocabulary
    private let slices = LabelLayout(
        patientColumns: ["PatientNumber", "Patient Number"], sliceColumns: ["SliceNumber"], patientDigits: 3)
    private let patients = LabelLayout(
        patientColumns: ["Patient Number"], sliceColumns: nil, patientDigits: 3, mayHaveTwoHeaderRows: true)

    init() throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "etl/vocabularies/ct-ich.yaml")
        vocabulary = try YAMLDocument.decode(Vocabulary.self, from: Array(Data(contentsOf: url)))
    }

    private func read(
        _ text: String, _ layout: LabelLayout, coreCount: Int = 1
    ) async throws(LabelTableError) -> LabelTable {
        try await LabelTable(
            bytes: Array(text.utf8), layout: layout, vocabulary: vocabulary, coreCount: coreCount)
    }

    /// The header of 1.0.0 with its byte order mark and CRLF.
    @Test func `a table of slices is read by the names of its columns`() async throws {
        let table = try await read(
            "\u{FEFF}PatientNumber,SliceNumber,Intraventricular,Epidural,No_Hemorrhage,Fracture_Yes_No\r\n"
                + "49,1,0,1,0,1\r\n", slices)
        #expect(table.assertions.map(\.domain) == ["intraventricular", "epidural", "no_haemorrhage", "fracture"])
        #expect(table.assertions.map(\.rawValue) == ["0", "1", "0", "1"])
        #expect(Set(table.assertions.map(\.patientKey)) == ["049"])
        #expect(Set(table.assertions.map(\.instanceNumber)) == [1])
    }

    @Test func `columns that no domain takes are named, and expected ones that are missing`() async throws {
        let layout = LabelLayout(
            patientColumns: ["PatientNumber"], sliceColumns: ["SliceNumber"], patientDigits: 3,
            expectedColumns: ["Epidural", "Subdural", "No_Hemorrhage"])
        let table = try await read(
            "PatientNumber,SliceNumber,Epidural,No_Haemorrhage, Shift  (mm),\n49,1,0,1,3,\n", layout)
        // The other spelling of the last expected column feeds the same domain; the column without a name is none.
        #expect(table.unusedColumns == ["Shift (mm)"])
        #expect(table.missingColumns == ["Subdural"])
    }

    @Test func `a copy without a column says nothing about it`() async throws {
        let table = try await read("SliceNumber,PatientNumber,Epidural\n3,49,1\n", slices)
        #expect(table.assertions.map(\.domain) == ["epidural"])
        #expect(table.assertions.map(\.instanceNumber) == [3])
    }

    @Test func `a word for a number rejects its row and no other`() async throws {
        let table = try await read("PatientNumber,SliceNumber,Epidural\n49,one,1\nforty,1,1\n50,2,1\n", slices)
        #expect(table.rejectedRows.map(\.row) == [1, 2])
        #expect(table.rejectedRows.allSatisfy { $0.code == "not_a_number" })
        #expect(!table.rejectedRows.contains { $0.reason.contains("one") && $0.reason.contains("forty") })
        #expect(table.assertions.map(\.row) == [3])
    }

    /// As spreadsheets write `49, 1` and pandas, where a cell of the column is missing, 49.0.
    @Test func `keys are read with space around them and as floating-point numbers, none is rounded`() async throws {
        let table = try await read(
            "PatientNumber,SliceNumber,Epidural\n49, 1, 0\n 49 ,2.0,1\n49.0,  3,1\n49.5,4,1\n49,5.,1\n49,６,1\n",
            slices)
        #expect(table.assertions.map(\.patientKey) == ["049", "049", "049"])
        #expect(table.assertions.map(\.instanceNumber) == [1, 2, 3])
        #expect(table.assertions.map(\.rawValue) == [" 0", "1", "1"])
        #expect(table.rejectedRows.map(\.row) == [4, 5, 6])
    }

    @Test func `a key with space around it has the form that its source declares`() async throws {
        let layout = LabelLayout(
            level: .slice,
            keyed: KeyedRows(
                column: "scan", pattern: try TextPattern("^([A-Z][0-9]+)$"), patient: TextTemplate("$1"),
                study: TextTemplate("ct"), series: TextTemplate("ct"), slice: TextTemplate("{slice}")))
        let table = try await read("scan,slice,Epidural\n P1 ,1.0,1\nP1, 2,0\nP1,2.5,0\n", layout)
        #expect(table.assertions.map(\.patientKey) == ["P1", "P1"])
        #expect(table.assertions.map(\.instanceNumber) == [1, 2])
        #expect(table.rejectedRows.map(\.row) == [3])
    }

    /// 4 of 9 and 11 of 9 cells: which answer stands in which column is then a guess.
    @Test func `a row with fewer or more cells than the header is rejected with its line`() async throws {
        let table = try await read(
            "PatientNumber,SliceNumber,Epidural,Subdural\n49,1,1\n49,2,0,1,1,1\n49,3,0,1,,\n\n49,4,0,0\n", slices)
        #expect(table.rejectedRows.map(\.code) == ["wrong_cell_count", "wrong_cell_count"])
        #expect(table.rejectedRows.map(\.line) == [2, 3])
        #expect(table.rejectedRows.map(\.row) == [1, 2])
        #expect(Set(table.assertions.map(\.instanceNumber)) == [3, 4])
    }

    @Test func `a sentence names the column, and a slice number fits its column of the warehouse`() async throws {
        let table = try await read("Patient Number,SliceNumber,Epidural\n49,99999999999,1\n", slices)
        #expect(table.assertions.isEmpty)
        #expect(table.rejectedRows.first?.reason.contains("SliceNumber") == true)
    }

    @Test func `a table without its key column is refused as a whole`() async {
        await #expect {
            try await read("SliceNumber,Epidural\n1,1\n", slices)
        } throws: { ($0 as? LabelTableError)?.code == "missing_column" }
    }

    /// The header of 1.0.0: a line break inside a quoted cell; blanks are kept as they are.
    @Test func `a table of patients keeps blanks, and trailing spaces of what was typed`() async throws {
        let table = try await read(
            "\"Patient Number\",\"Age\n(years)\",\"Gender\",\"Epidural\",\"Condition on file\"\n"
                + "52,8,\"Male\",,\"Extadural HGE \"\n", patients)
        #expect(table.assertions.map(\.domain) == ["age", "sex", "epidural", "condition_on_file"])
        #expect(table.assertions.map(\.rawValue) == ["8", "Male", "", "Extadural HGE "])
        #expect(table.level == .patient)
    }

    /// The two-row header of 1.3.1 with notes below the table.
    @Test func `merged header cells are read, and notes below the table are not patients`() async throws {
        let table = try await read(
            "Patient Number,\"Age\n(years)\",Gender,\"Hemorrhage type \",,\"Fracture (yes 1/no 0)\"\n"
                + ",,,Epidural,Subdural,\n49,35,Male,1,,1\n,,,,,\nTotal,75 patients,,,,\n", patients)
        #expect(table.assertions.map(\.domain) == ["age", "sex", "epidural", "subdural", "fracture"])
        #expect(table.footerRows == 2)
        #expect(table.rejectedRows.isEmpty)
    }

    /// The checks of the tables above: lines 2, 3 and 6 are refused; a blank row and a blank line say nothing.
    @Test func `rows of a declared source with other cells than the header, or no key, are rejected`() async throws {
        let layout = LabelLayout(
            level: .slice,
            keyed: KeyedRows(column: "uid", pattern: try TextPattern("^(.*)$"), sopInstanceUID: TextTemplate("$1")))
        let table = try await read("uid,Epidural\n1.2.2\n1.2.3,1,extra\n1.2.4,\n1.2.5,1,,\n,1\n,\n\n1.2.6,0\n", layout)
        #expect(table.rejectedRows.map(\.code) == ["wrong_cell_count", "wrong_cell_count", "bad_key"])
        #expect(table.rejectedRows.map(\.line) == [2, 3, 6])
        #expect(table.rejectedRows.map(\.row) == [1, 2, 5])
        #expect(table.rejectedRows.first?.reason.contains("1 cells and the header 2") == true)
        #expect(table.assertions.map(\.rawValue) == ["", "1", "0"])
        #expect(table.footerRows == 1)
    }

    @Test func `a long table takes its question from a cell`() async throws {
        let layout = LabelLayout(
            level: .slice,
            keyed: KeyedRows(
                column: "uid", pattern: try TextPattern("^(.*)$"), sopInstanceUID: TextTemplate("$1"),
                domain: TextTemplate("{question}"), valueColumn: "answer"))
        let table = try await read("uid,question,answer\n1.2,Epidural,1\n1.3, Subdural ,0\n1.4,nothing,1\n", layout)
        #expect(table.assertions.map(\.domain) == ["epidural", "subdural"])
        #expect(table.assertions.map(\.rawValue) == ["1", "0"])
        #expect(table.rejectedRows.map(\.row) == [3])
    }

    /// More rows than are read at once, on more cores than one: line n says n modulo 2, every thousandth has no key.
    @Test func `a table that several cores read keeps the order of its rows`() async throws {
        let layout = LabelLayout(
            level: .slice,
            keyed: KeyedRows(
                column: "uid", pattern: try TextPattern("^id_(.*)$"), sopInstanceUID: TextTemplate("$1")))
        let count = 70_001
        let lines = (1...count).map { $0 % 1_000 == 0 ? "none,1" : "id_\($0),\($0 % 2)" }
        let table = try await read("uid,Epidural\n" + lines.joined(separator: "\n"), layout, coreCount: 3)
        #expect(table.rowCount == count)
        #expect(table.rejectedRows.map(\.row) == (1...70).map { 1_000 * $0 })
        #expect(table.rejectedRows.map(\.line) == (1...70).map { 1_000 * $0 + 1 })
        let rows = (1...count).filter { $0 % 1_000 != 0 }
        #expect(table.assertions.map(\.row) == rows)
        #expect(table.assertions.map(\.rawValue) == rows.map { "\($0 % 2)" })
        #expect(table.assertions.map(\.key.sopInstanceUID) == rows.map { "\($0)" })
    }

    @Test func `a table without any column of its vocabulary is refused with what was looked for`() async throws {
        let layout = LabelLayout(
            level: .slice,
            keyed: KeyedRows(column: "uid", pattern: try TextPattern("^(.*)$"), sopInstanceUID: TextTemplate("$1")))
        let error = await #expect(throws: LabelTableError.self) { try await read("uid,mel,nv\n1.2,1,0\n", layout) }
        #expect(error?.code == "missing_column")
        #expect(error?.sentence.contains("none of the columns that its vocabulary knows") == true)
    }

    /// An empty identifier is no patient, whatever it would be called.
    @Test func `patients of a declared source are called by what the warehouse calls them`() async throws {
        let layout = LabelLayout(
            level: .patient,
            keyed: KeyedRows(
                column: "person", pattern: try TextPattern("^(.*)$"), patient: TextTemplate("$1"),
                issuer: TextTemplate("{ward}")))
        let table = try await LabelTable(
            bytes: Array("person,ward,Epidural\n4711,W,1\n4712,,0\n,W,1\n".utf8), layout: layout, vocabulary: vocabulary
        ) { "\($0.issuer ?? "none")/\($0.identifier)" }
        #expect(table.assertions.map(\.patientKey) == ["W/4711", "/4712"])
        #expect(table.rejectedRows.map(\.row) == [3])
    }
}
