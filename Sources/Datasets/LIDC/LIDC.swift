internal import Tables

/// LIDC-IDRI: CT series as DICOM, and the readings of up to four radiologists as XML beside them or in a tree of their
/// own.
///
/// Armato et al., "The Lung Image Database Consortium (LIDC) and Image Database Resource Initiative (IDRI)", Medical
/// Physics 38 (2011). Folders are named by UIDs or by numbers, so images are known by their Patient ID and readings by
/// their root element.
package struct LIDC: DatasetAdapter {
    package static let name = "lidc-idri"
    package static let layout = "readings of CT series as XML, or a folder LIDC-IDRI"
    package let anchor: String
    package let dataset = DatasetIdentity(name: name, version: "1", adapter: name, patientKeyKind: .research)

    static let patientPrefix = "LIDC-IDRI-"

    /// What an XML file is, by its root element.
    private enum Reading { case ct, radiograph, other }

    /// The whole root, where an XML file is a reading or a folder has the name of a patient of the collection.
    package static func detect(in listing: some FileListing) async throws -> [LIDC] {
        for file in try await listing.files(withExtension: "xml") {
            if try await reading(file, in: listing) != .other { return [LIDC(anchor: "")] }
        }
        let hasPatient = try await !listing.folders(named: "LIDC-IDRI").isEmpty
        return hasPatient ? [LIDC(anchor: "")] : []
    }

    package func plan(_ listing: some FileListing) async throws -> DatasetPlan {
        var plan = DatasetPlan()
        plan.folders = [FolderClaim(folder: anchor, dataset: dataset, patientIDPrefix: Self.patientPrefix)]
        for file in try await listing.files(withExtension: "xml") {
            switch try await Self.reading(file, in: listing) {
            case .ct:
                plan.markFiles.append(
                    MarkFilePlan(
                        file: file, dataset: dataset, sourceName: "reading", vocabulary: "lung-nodule", format: .lidc))
            case .radiograph:
                plan.ignored.append(IgnoredFile(file: file, reason: "a reading of a radiograph, not of a CT"))
            case .other: break
            }
        }
        return plan
    }

    private static func reading(_ file: SourceFile, in listing: some FileListing) async throws -> Reading {
        let elements = MarkupElement.names(in: try await listing.contents(of: file, limit: 8_192))
        if elements.contains(LIDCReading.rootName) { return .ct }
        return elements.contains(LIDCReading.radiographRootName) ? .radiograph : .other
    }
}
