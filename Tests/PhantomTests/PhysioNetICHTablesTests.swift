import Testing

@testable import Phantom

/// Expected values are those of the published data set: its tables, its README, and the notes on both.
@Suite struct PhysioNetICHTablesTests {
    private let tables = CohortTables(patients: CohortPatient.all)
    private let kinds = ["Intraventricular", "Intraparenchymal", "Subarachnoid", "Epidural", "Subdural"]

    @Test func `the label table of 1_0_0 has the published totals`() {
        let text = tables.jpegDiagnosis()
        let table = NaiveTable(text)
        #expect(text.unicodeScalars.first == "\u{FEFF}")
        #expect(text.utf8.count(where: { $0 == 13 }) == 2502)
        let header = ["PatientNumber", "SliceNumber"] + kinds + ["No_Hemorrhage", "Fracture_Yes_No"]
        #expect(table.header == header)
        #expect(table.rows.count == 2501)
        #expect(Set(table.integers("PatientNumber")) == Set(49...130))
        #expect(kinds.map { table.integers($0).reduce(0, +) } == [24, 73, 18, 173, 56])
        #expect(table.integers("No_Hemorrhage").reduce(0, +) == 2183)
        #expect(table.integers("Fracture_Yes_No").reduce(0, +) == 195)
        let fractureAlone = zip(table.integers("No_Hemorrhage"), table.integers("Fracture_Yes_No"))
        #expect(fractureAlone.count { $0 == (1, 1) } == 74)
    }

    @Test func `slices show one kind of blood 293 times, two 24 times and three once`() {
        let table = NaiveTable(tables.jpegDiagnosis())
        let columns = kinds.map { table.integers($0) }
        var histogram: [Int: Int] = [:]
        for row in table.rows.indices { histogram[columns.reduce(0) { $0 + $1[row] }, default: 0] += 1 }
        #expect(histogram == [0: 2183, 1: 293, 2: 24, 3: 1])
        let none = table.integers("No_Hemorrhage")
        for row in table.rows.indices { #expect((none[row] == 1) == columns.allSatisfy { $0[row] == 0 }) }
    }

    @Test func `patients have 19 to 40 slices in 1_0_0, numbered from 1 without gaps`() {
        let table = NaiveTable(tables.jpegDiagnosis())
        var slices: [Int: [Int]] = [:]
        for (patient, slice) in zip(table.integers("PatientNumber"), table.integers("SliceNumber")) {
            slices[patient, default: []].append(slice)
        }
        #expect(slices.values.allSatisfy { $0 == Array(1...$0.count) })
        let counts = slices.mapValues(\.count)
        #expect(counts.min { $0.value < $1.value }?.key == 85 && counts[85] == 19)
        #expect(counts.max { $0.value < $1.value }?.key == 125 && counts[125] == 40)
        #expect([49, 50, 51, 76, 81, 84, 97].map { counts[$0] } == [33, 26, 32, 29, 29, 36, 31])
    }

    @Test func `the label table of 1_3_1 has 2814 rows of 75 patients and the published positions`() {
        let table = NaiveTable(tables.niftiDiagnosis())
        #expect(table.rows.count == 2814)
        #expect(Set(table.integers("PatientNumber")) == Set(49...130).subtracting(59...65))
        #expect(table.integers("No_Hemorrhage").count { $0 == 0 } == 318)
        var counts: [Int: Int] = [:]
        var positive: [Int: [Int]] = [:]
        let rows = zip(table.integers("PatientNumber"), table.integers("SliceNumber"))
        for ((patient, slice), none) in zip(rows, table.integers("No_Hemorrhage")) {
            counts[patient, default: 0] += 1
            if none == 0 { positive[patient, default: []].append(slice) }
        }
        #expect([49, 50, 51, 55, 81, 84, 94, 108].map { counts[$0] } == [39, 32, 46, 56, 56, 52, 47, 58])
        #expect(positive[49] == [14, 15, 16, 17, 20, 21, 22, 23, 27])
        #expect(positive[76] == [28] + Array(30...42))
        #expect(positive[92] == [15, 16, 19, 20, 21, 22, 23, 27, 28, 29, 30])
        #expect(Set(positive.keys) == Set(49...53).union([58, 97]).union(66...94).subtracting([95]))
    }

    @Test(arguments: [(51, 9), (76, 18), (79, 5), (81, 18), (84, 13), (85, 9), (86, 4), (49, 0), (94, 0)])
    func `the numbers of 1_3_1 are ahead of those of 1_0_0 by the published offsets`(patient: Int, offset: Int) {
        let one = positions(NaiveTable(tables.jpegDiagnosis()), patient)
        let two = positions(NaiveTable(tables.niftiDiagnosis()), patient)
        #expect(!one.isEmpty)
        #expect(one.map { $0 + offset } == two)
    }

    private func positions(_ table: NaiveTable, _ patient: Int) -> [Int] {
        zip(zip(table.integers("PatientNumber"), table.integers("SliceNumber")), table.integers("No_Hemorrhage"))
            .filter { $0.0.0 == patient && $0.1 == 0 }.map(\.0.1)
    }

    @Test func `the demographics of 1_0_0 have the published ages, sexes and dirty conditions`() throws {
        let text = tables.jpegDemographics()
        let table = NaiveTable(text)
        #expect(text.hasPrefix("\"Patient Number\",\"Age\n(years)\",\"Gender\",\"Intraventricular\""))
        #expect(table.rows.count == 82)
        let ages = table.column("Age\n(years)").compactMap(Double.init)
        let mean = ages.reduce(0, +) / 82
        let deviation = (ages.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 81).squareRoot()
        #expect(abs(mean - 27.8437) < 5e-5)
        #expect(abs(deviation - 19.5209) < 5e-5)
        #expect(ages.min() == 0.002747253 && ages.max() == 72)
        #expect(table.column("Gender").count { $0 == "Male" } == 46)
        var conditions: [String: Int] = [:]
        for condition in table.column("Condition on file") { conditions[condition, default: 0] += 1 }
        #expect(
            conditions == [
                "Normal CT": 47, "Extradural HGE ": 13, "Intracranial HGE ": 7, "Subdural HGE ": 3,
                "Intracranial HGE+ Extradural HGE ": 2, "Extadural HGE ": 2, "Intracranial HGE + IVH": 2, "ICH": 1,
                "Chronic Intracranial HGE ": 1, "Subdural HGE+ Intracranial HGE ": 1,
                "Extradural HGE + Intracranial HGE + Extradural HGE ": 1, "Subdural HGE +Intracranial HGE + IVH": 1,
                "Intracranial HGE + Subdural HGE ": 1,
            ])
    }

    @Test(arguments: [
        (50, "Subdural HGE ", "Intraparenchymal"), (58, "Normal CT", "Intraparenchymal"),
        (82, "Extradural HGE ", "Subarachnoid"), (89, "Subdural HGE ", "Epidural"),
        (95, "Normal CT", "Fracture (Yes/No)"),
    ])
    func `the condition contradicts the columns for five patients`(patient: Int, condition: String, column: String) {
        let table = NaiveTable(tables.jpegDemographics())
        let row = table.integers("Patient Number").firstIndex(of: patient) ?? 0
        #expect(table.column("Condition on file")[row] == condition)
        #expect(table.column(column)[row] == "1")
    }

    @Test func `the columns of the demographics are the union of the patient's slices, blank for none`() {
        let slices = NaiveTable(tables.jpegDiagnosis())
        let patients = NaiveTable(tables.jpegDemographics())
        let pairs = zip(kinds + ["Fracture_Yes_No"], kinds + ["Fracture (Yes/No)"])
        for (sliceColumn, patientColumn) in pairs {
            let positive = zip(slices.integers("PatientNumber"), slices.integers(sliceColumn)).filter { $0.1 == 1 }
            let union = Set(positive.map(\.0))
            for (patient, value) in zip(patients.integers("Patient Number"), patients.column(patientColumn)) {
                #expect(value == (union.contains(patient) ? "1" : ""))
            }
        }
        let totals = (kinds + ["Fracture (Yes/No)"]).map { patients.integers($0).reduce(0, +) }
        #expect(totals == [5, 16, 7, 21, 4, 22])
    }

    @Test func `the demographics of 1_3_1 have two header rows and footer rows`() {
        let table = NaiveTable(tables.niftiDemographics())
        #expect(table.header[3] == "Hemorrhage type based on the radiologists diagnosis ")
        #expect(table.header[4...7].allSatisfy { $0.isEmpty })
        #expect(Array(table.rows[0][3...7]) == kinds)
        #expect(table.rows.count { Int($0[0]) != nil } == 75)
        #expect(table.rows.count == 1 + 75 + 3)
    }
}
