/// The CSV files of both versions, byte by byte as published: byte-order mark, line ends, header cells, blanks.
///
/// **Source** sections 2.4, 2.6 and 2.7 of the notes on the data set; the content is synthetic.
struct CohortTables: Sendable {
    let patients: [CohortPatient]

    /// Labels by slice of version 1.0.0: UTF-8 with a byte-order mark, CRLF.
    func jpegDiagnosis() -> String {
        "\u{FEFF}" + diagnosis { 1 + $0.offset...$0.offset + $0.entry.jpegCount }
    }

    /// Labels by slice of version 1.3.1: no byte-order mark, CRLF.
    func niftiDiagnosis() -> String {
        diagnosis { patient in patient.entry.niftiCount.map { 1...$0 } }
    }

    /// Rows for the slices `range` gives for each patient, renumbered from 1.
    private func diagnosis(_ range: (CohortPatient) -> ClosedRange<Int>?) -> String {
        var text = "PatientNumber,SliceNumber"
        for kind in HaemorrhageKind.allCases { text += "," + kind.rawValue }
        text += ",No_Hemorrhage,Fracture_Yes_No\r\n"
        for patient in patients {
            guard let slices = range(patient) else { continue }
            for (index, slice) in slices.enumerated() {
                let kinds = patient.kinds(slice: slice)
                text += "\(patient.number),\(index + 1)"
                for kind in HaemorrhageKind.allCases { text += kinds.contains(kind) ? ",1" : ",0" }
                text += kinds.isEmpty ? ",1" : ",0"
                text += patient.fractures.contains(slice) ? ",1\r\n" : ",0\r\n"
            }
        }
        return text
    }

    /// One row per patient of version 1.0.0: LF, a line end inside the quoted header cell of the age, blank for 0.
    func jpegDemographics() -> String {
        var text = "\"Patient Number\",\"Age\n(years)\",\"Gender\""
        for kind in HaemorrhageKind.allCases { text += ",\"\(kind.rawValue)\"" }
        text += ",\"Fracture (Yes/No)\",\"Condition on file\",\"Note\"\n"
        for patient in patients {
            text += "\(patient.number),\(patient.entry.age),\"\(patient.entry.sex.rawValue)\""
            for kind in HaemorrhageKind.allCases { text += patient.bleeding[kind] == nil ? "," : ",1" }
            text += patient.fractures.isEmpty ? "," : ",1"
            text += ",\"\(patient.condition)\"," + (patient.note.isEmpty ? "" : "\"\(patient.note)\"") + "\n"
        }
        return text
    }

    /// One row per patient of version 1.3.1: two header rows because of a merged cell, and footer rows; CRLF.
    func niftiDemographics() -> String {
        let merged = "Hemorrhage type based on the radiologists diagnosis "
        var lines = [
            "Patient Number,\"Age\n(years)\",Gender,\(merged),,,,,Fracture (yes 1/no 0),Note1",
            ",,," + HaemorrhageKind.allCases.map(\.rawValue).joined(separator: ",") + ",,",
        ]
        let published = patients.filter { $0.entry.niftiCount != nil }
        for patient in published {
            let kinds = HaemorrhageKind.allCases.map { patient.bleeding[$0] == nil ? "" : "1" }
            let note = patient.note.isEmpty ? "" : "\"\(patient.note)\""
            lines.append(
                "\(patient.number),\(patient.entry.age),\(patient.entry.sex.rawValue),"
                    + kinds.joined(separator: ",") + ",\(patient.fractures.isEmpty ? "" : "1"),\(note)")
        }
        let men = published.count { $0.entry.sex == .male }
        lines.append(",,,,,,,,,")
        lines.append("Total,\(published.count) patients,\(men) Male / \(published.count - men) Female,,,,,,,")
        lines.append("Note1: age of infants is given as a fraction of a year,,,,,,,,,")
        return lines.map { $0 + "\r\n" }.joined()
    }
}
