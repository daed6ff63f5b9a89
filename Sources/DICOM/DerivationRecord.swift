internal import CanonicalJSON

/// What a file that the house derived says of its source: the identity that this has in a warehouse, so that the file
/// finds it in any other warehouse of the same data, also where the source has no UIDs (NIfTI, JPEG).
///
/// It is an item of Contributing Equipment Sequence (0018,A001) with the purpose 109103, Modifying Equipment, and JSON as
/// Contribution Description; a private group would not come through most archives.
/// **Source** PS3.3 C.12.1 (Contributing Equipment Sequence), PS3.16 CID 7005.
package struct DerivationRecord: Sendable, Equatable {
    package let datasetName: String
    package let datasetVersion: String
    package let adapter: String
    package let isClinical: Bool
    /// As it is stored: a pseudonym where the data set holds pseudonyms.
    package let patientKey: String
    package let studyKey: String
    package let studyInstanceUID: String?
    /// Content key of the source series.
    package let seriesID: Int64

    package init(
        datasetName: String, datasetVersion: String, adapter: String, isClinical: Bool, patientKey: String,
        studyKey: String, studyInstanceUID: String?, seriesID: Int64
    ) {
        self.datasetName = datasetName
        self.datasetVersion = datasetVersion
        self.adapter = adapter
        self.isClinical = isClinical
        self.patientKey = patientKey
        self.studyKey = studyKey
        self.studyInstanceUID = studyInstanceUID
        self.seriesID = seriesID
    }

    /// Whether the patient key can name nobody: it has the form of a pseudonym, or stands for the file's own study, whose
    /// patient has no identifier.
    package var isNameless: Bool {
        func isUID(_ text: Substring) -> Bool {
            text.contains(".") && text.utf8.count <= 64
                && text.unicodeScalars.allSatisfy { $0 == "." || ("0"..."9").contains($0) }
        }
        func isDigest(_ text: Substring) -> Bool { text.utf8.count == 32 && text.allSatisfy(\.isHexDigit) }
        if patientKey.hasPrefix("p-") { return isDigest(patientKey.dropFirst(2)) }
        guard patientKey.hasPrefix("unnamed:") else { return false }
        let study = patientKey.dropFirst("unnamed:".count)
        let folder = "folder:hmac-"
        return isDigest(study) || isUID(study) && study == studyInstanceUID.map { $0[...] }
            || study.hasPrefix(folder) && isDigest(study.dropFirst(folder.count))
    }

    private static let manufacturer = "Slicehouse"
    /// Characters of an ST.
    private static let limit = 1_024

    /// The sequence with those items of the source that others wrote; `nil` where a name is too long to be said.
    package func sequence(following source: DICOMHeader, version: String) -> DICOMElement? {
        let text = json.text
        guard text.unicodeScalars.count <= Self.limit else { return nil }
        let purpose = DICOMHeader(elements: [
            Self.text(DICOMTag(0x0008, 0x0100), .SH, "109103"), Self.text(DICOMTag(0x0008, 0x0102), .SH, "DCM"),
            Self.text(DICOMTag(0x0008, 0x0104), .LO, "Modifying Equipment"),
        ])
        let item = DICOMHeader(elements: [
            Self.text(.manufacturer, .LO, Self.manufacturer), Self.text(DICOMTag(0x0018, 0x1020), .LO, version),
            Self.text(Self.description, .ST, text),
            DICOMElement(tag: DICOMTag(0x0040, 0xA170), vr: .SQ, value: .items([purpose])),
        ])
        let others = source.items(.contributingEquipmentSequence).filter { $0.manufacturer != Self.manufacturer }
        return DICOMElement(tag: .contributingEquipmentSequence, vr: .SQ, value: .items(others + [item]))
    }

    /// The last of the header; `nil` where the house did not derive the file.
    package init?(_ header: DICOMHeader) {
        let items = header.items(.contributingEquipmentSequence)
        guard let own = items.last(where: { $0.manufacturer == Self.manufacturer }),
            let text = own.string(Self.description), let json = try? JSONValue(parsing: text)
        else { return nil }
        self.init(json)
    }

    private init?(_ json: JSONValue) {
        guard let name = json["dataset"]?.string, let version = json["version"]?.string,
            let adapter = json["adapter"]?.string, let patient = json["patient"]?.string,
            let study = json["study"]?.string, let series = json["series"]?.string.flatMap({ Int64($0) }), series >= 0,
            let isClinical = json["clinical"].flatMap(Self.flag)
        else { return nil }
        self.init(
            datasetName: name, datasetVersion: version, adapter: adapter, isClinical: isClinical, patientKey: patient,
            studyKey: study, studyInstanceUID: json["study_uid"]?.string, seriesID: series)
    }

    private static func flag(_ value: JSONValue) -> Bool? {
        if case .boolean(let flag) = value { flag } else { nil }
    }

    private var json: JSONValue {
        [
            "dataset": .string(datasetName), "version": .string(datasetVersion), "adapter": .string(adapter),
            "clinical": .boolean(isClinical), "patient": .string(patientKey), "study": .string(studyKey),
            "study_uid": studyInstanceUID.map(JSONValue.string) ?? .null, "series": .string(String(seriesID)),
        ]
    }

    private static let description = DICOMTag(0x0018, 0xA003)

    private static func text(_ tag: DICOMTag, _ vr: DICOMVR, _ value: String) -> DICOMElement {
        DICOMElement(tag: tag, vr: vr, value: .strings([value]))
    }
}
