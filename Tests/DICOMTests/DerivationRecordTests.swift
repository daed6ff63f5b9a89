import DICOM
import Testing

@Suite("DerivationRecord") struct DerivationRecordTests {
    private static func record(patient: String = "p-89fa385d71b52f7e84ec99ebe383598d") -> DerivationRecord {
        DerivationRecord(
            datasetName: "Klinik \u{DC}bersee", datasetVersion: "1", adapter: "dicom-folder", isClinical: true,
            patientKey: patient, studyKey: "1.2.3", studyInstanceUID: "1.2.3", seriesID: Int64.max)
    }

    @Test func `a file says where its source lies, beside what others did to it`() throws {
        let scanner = DICOMHeader(elements: [
            DICOMElement(tag: .manufacturer, vr: .LO, value: .strings(["ACME"])),
            DICOMElement(tag: DICOMTag(0x0018, 0xA003), vr: .ST, value: .strings(["{}"])),
        ])
        let source = DICOMHeader(elements: [
            DICOMElement(tag: .contributingEquipmentSequence, vr: .SQ, value: .items([scanner]))
        ])
        #expect(DerivationRecord(source) == nil)
        let first = try #require(Self.record().sequence(following: source, version: "slicehouse 1"))
        let derived = DICOMHeader(elements: [first])
        #expect(DerivationRecord(derived) == Self.record())
        // Derived again: the nearest source counts, and is said once.
        let other = Self.record(patient: "unnamed:1.2.3")
        let second = try #require(other.sequence(following: derived, version: "slicehouse 1"))
        let twice = DICOMHeader(elements: [second])
        #expect(DerivationRecord(twice) == other)
        #expect(twice.items(.contributingEquipmentSequence).map(\.manufacturer) == ["ACME", "Slicehouse"])
    }

    /// An ST has 1,024 characters (PS3.5 6.2).
    @Test func `what does not fit is not said`() {
        let record = Self.record(patient: String(repeating: "x", count: 1_024))
        #expect(record.sequence(following: DICOMHeader(elements: []), version: "slicehouse 1") == nil)
    }

    @Test(arguments: [
        ("p-89fa385d71b52f7e84ec99ebe383598d", true), ("unnamed:1.2.3", true),
        ("unnamed:folder:hmac-16c46048acd5111bbee79ddc9c40d7e5", true),
        ("unnamed:89fa385d71b52f7e84ec99ebe383598d", true), ("p-12345", false), ("99558145", false),
        ("unnamed:folder:DOE^JANE", false), ("p-DOE", false), ("", false),
        // Numbers that stand for a person, and studies that the file is not of.
        ("unnamed:19700101", false), ("unnamed:", false), ("unnamed:1.2.840.113619.2", false), ("unnamed:١٢.٣", false),
    ])
    func `a pseudonym is told from a name`(key: String, isNameless: Bool) {
        #expect(Self.record(patient: key).isNameless == isNameless)
    }
}
