internal import DICOM

/// Fills the headers of a study's files: patient, study, equipment, and what the kind of series adds.
///
/// **Source** DICOM PS3.3 A.3 (CT Image IOD) and the headers of real scanners of the four makes.
struct StudyHeader: Sendable {
    let study: SyntheticStudy
    static let ctImageStorage = "1.2.840.10008.5.1.4.1.1.2"
    static let doseReportStorage = "1.2.840.10008.5.1.4.1.1.88.67"

    /// The modules every file of the study has.
    func common(_ kind: SyntheticStudy.Kind, instance: Int) -> HeaderBuilder {
        var header = HeaderBuilder(characterSet: study.person.characterSet)
        addInstance(kind, instance, &header)
        addPatient(&header)
        addStudy(&header)
        addEquipment(&header)
        return header
    }

    private func addInstance(_ kind: SyntheticStudy.Kind, _ instance: Int, _ header: inout HeaderBuilder) {
        let isReport = kind == .doseReport
        header.text(0x0008, 0x0016, .UI, isReport ? Self.doseReportStorage : Self.ctImageStorage)
        header.text(0x0008, 0x0018, .UI, study.instanceUID(kind, instance))
        header.text(0x0008, 0x0060, .CS, isReport ? "SR" : "CT")
        header.text(0x0008, 0x0012, .DA, study.date)
        header.text(0x0008, 0x0013, .TM, study.time)
        header.text(0x0020, 0x000E, .UI, study.seriesUID(kind))
        header.text(0x0020, 0x0011, .IS, String(kind.rawValue))
        header.text(0x0020, 0x0013, .IS, String(instance))
        header.text(0x0020, 0x0012, .IS, String(kind.rawValue))
    }

    private func addPatient(_ header: inout HeaderBuilder) {
        let person = study.person
        header.text(0x0010, 0x0010, .PN, person.name)
        header.text(0x0010, 0x0020, .LO, person.identifier)
        header.text(0x0010, 0x0021, .LO, "SYNTHETIC")
        header.text(0x0010, 0x0030, .DA, person.birthDate)
        header.text(0x0010, 0x0040, .CS, person.isMale ? "M" : "F")
        header.text(0x0010, 0x1000, .LO, person.identifier + "-OLD")
        header.text(0x0010, 0x1010, .AS, person.age)
        header.decimals(0x0010, 0x1030, [person.weightKilograms], places: 1)
        header.text(0x0010, 0x1040, .LO, person.address)
        header.text(0x0010, 0x2154, .SH, person.telephone)
        header.text(0x0010, 0x4000, .LT, "")
    }

    private func addStudy(_ header: inout HeaderBuilder) {
        for element in [0x0020, 0x0021, 0x0022, 0x0023] as [UInt16] { header.text(0x0008, element, .DA, study.date) }
        for element in [0x0030, 0x0031, 0x0032, 0x0033] as [UInt16] { header.text(0x0008, element, .TM, study.time) }
        header.text(0x0008, 0x0050, .SH, study.accessionNumber)
        header.text(0x0008, 0x0080, .LO, study.institution)
        header.text(0x0008, 0x0081, .ST, "1 Nowhere Lane, Testville")
        header.text(0x0008, 0x0090, .PN, "Referrer^Rita^^Dr.")
        header.text(0x0008, 0x1010, .SH, "CTWS0\(study.number)")
        header.text(0x0008, 0x1030, .LO, "CT Head without contrast")
        header.text(0x0008, 0x1040, .LO, "Radiology")
        header.text(0x0008, 0x1050, .PN, "Performer^Paul")
        header.text(0x0008, 0x1070, .PN, "Operator^Olga")
        header.text(0x0020, 0x000D, .UI, study.uid)
        header.text(0x0020, 0x0010, .SH, String(study.number))
        header.text(0x0032, 0x1060, .LO, "CT HEAD W/O")
        header.text(0x0040, 0x0244, .DA, study.date)
        header.text(0x0040, 0x0245, .TM, study.time)
        var procedure = HeaderBuilder(characterSet: nil)
        procedure.text(0x0008, 0x0100, .SH, "CTHEAD")
        procedure.text(0x0008, 0x0102, .SH, "99SYNTH")
        procedure.text(0x0008, 0x0104, .LO, "CT Head without contrast")
        header.items(0x0008, 0x1032, [procedure])
    }

    private func addEquipment(_ header: inout HeaderBuilder) {
        let dialect = study.dialect
        header.text(0x0008, 0x0070, .LO, dialect.manufacturer)
        header.text(0x0008, 0x1090, .LO, dialect.model)
        header.text(0x0018, 0x1000, .LO, "0000\(study.person.number)")
        header.text(0x0018, 0x1020, .LO, dialect.software)
        header.text(dialect.privateGroup, 0x0010, .LO, dialect.privateCreator)
        header.bytes(dialect.privateGroup, 0x1010, .OB, Array("SYNTHETIC PRIVATE BLOCK ".utf8))
        header.text(dialect.privateGroup, 0x1011, .LO, "vendor text \(study.number)")
    }
}
