internal import Crypto
internal import DICOM
internal import Datasets
internal import ImageFiles

/// Pass 1 over files that no data set claimed: reads the head of each and says what it is.
///
/// A plain folder of DICOM files becomes the data set `dicom`, other images `images`; both count as clinical, since
/// nobody has said that their identifiers may be kept.
struct FolderReader: Sendable {
    let plan: RunPlan
    let settings: IngestSettings
    /// Made on first need, so that a run without clinical files needs no key.
    let pseudonymizer: Pseudonymizer?
    /// Folders whose DICOM files belong to a published data set.
    var claims: [FolderClaim] = []
    /// The series whose masks the volume files are.
    var assigned: AssignedSeries?
    /// The user named one file, and no folder in which anything may lie.
    var isOneFile = false

    static let dicom = DatasetIdentity(name: "dicom", version: "1", adapter: "dicom-folder", patientKeyKind: .clinical)
    static let images = DatasetIdentity(
        name: "images", version: "1", adapter: "image-folder", patientKeyKind: .clinical)
    /// Of data sets that plain folders make, under whatever name.
    static let adapters = [dicom.adapter, images.adapter]

    /// How the reason of a file ends that is ignored only until a later version reads it.
    static let laterVersion = "by a later version"

    /// Why voxels are left aside whose header is read with them.
    static let voxels = "voxels of the MetaImage file beside it"

    private static let numberedCopy =
        "named like a table of CT-ICH with a number or \"copy\" behind it; give it the published name and it is read"

    enum Verdict: Sendable {
        case instance(PlannedInstance)
        case ignored(reason: String)
        case rejected(FileRejection)
    }

    func read(_ entry: RunPlan.PlannedEntry) -> Verdict {
        let path = plan.absolutePath(of: entry.file)
        do {
            let head = try FileBytes.read(path, limit: settings.headByteCount)
            guard !head.isEmpty else {
                return .rejected(problem("empty", "it has no bytes; copy it again from its source", offset: 0))
            }
            return try verdict(entry, head: head, path: path)
        } catch {
            return .rejected(problem(error.code, error.reason, offset: error.byteOffset))
        }
    }

    private func verdict(
        _ entry: RunPlan.PlannedEntry, head: [UInt8], path: String
    ) throws(FileBytes.Failure) -> Verdict {
        let kind = FileKind(prefix: head)
        if kind == .unknown, NamedImage(entry.file)?.isVolume == true {
            return try image(entry, reader: .nifti, path: path)
        }
        switch kind {
        case .dicom: return try dicom(entry, head: head, path: path)
        case .nifti1, .nifti2: return try image(entry, reader: .nifti, path: path)
        case .jpeg where assigned != nil, .png where assigned != nil:
            return .rejected(problem(MaskRefusal.picture.code, MaskRefusal.picture.reason, offset: nil))
        case .jpeg: return try image(entry, reader: .jpeg, path: path)
        case .png: return try image(entry, reader: .png, path: path)
        case .metaImage: return try image(entry, reader: .metaImage, path: path)
        // Voxels may happen to be letters, or begin like a compressed file.
        case .unknown where isVoxels(entry.file, path: path), .text where isVoxels(entry.file, path: path),
            .gzip where isVoxels(entry.file, path: path), .zip where isVoxels(entry.file, path: path),
            .xml where isVoxels(entry.file, path: path):
            return .ignored(reason: Self.voxels)
        case .unknown where NumberedCopy.isOne(entry.file), .text where NumberedCopy.isOne(entry.file):
            return .ignored(reason: Self.numberedCopy)
        case .unknown: return try dicom(entry, head: head, path: path)
        case .gzip, .zip, .xml, .text, .empty: return unrecognised(entry.file, kind, head: head)
        }
    }

    /// Nothing that is read here: not ours, or an image that was lost.
    private func unrecognised(_ file: SourceFile, _ kind: FileKind, head: [UInt8]) -> Verdict {
        if let image = NamedImage(file) {
            return .rejected(problem(NamedImage.code, image.complaint(kind, head: head), offset: nil))
        }
        if assigned != nil, isOneFile || MaskRefusal.isNRRD(head) {
            let refusal = MaskRefusal.unreadable(head: head)
            return .rejected(problem(refusal.code, refusal.reason, offset: nil))
        }
        return .ignored(reason: kind == .unknown ? "not an image" : "not an image (\(kind.rawValue))")
    }

    // MARK: DICOM

    /// What says to which series a file belongs, and whether it should hold an image.
    private static let planned: Set<DICOMTag> = [
        .specificCharacterSet, .imageType, .sopClassUID, .sopInstanceUID, .modality, .patientID, .issuerOfPatientID,
        .studyInstanceUID, .seriesInstanceUID, .rows, .directoryRecordSequence,
        .referencedSeriesSequence, .referencedFrameOfReferenceSequence, .sourceImageSequence,
        .contributingEquipmentSequence,
    ]

    private func dicom(
        _ entry: RunPlan.PlannedEntry, head: [UInt8], path: String
    ) throws(FileBytes.Failure) -> Verdict {
        var bytes = head
        while true {
            let file: DICOMFile
            do {
                file = try DICOMFile(
                    bytes: bytes, stopBeforePixels: true, selection: Self.planned,
                    fileByteCount: Int(entry.status.sizeBytes))
            } catch  where error.code == .needsMoreBytes && bytes.count < Int(entry.status.sizeBytes) {
                let wanted = max(error.neededByteCount ?? 0, bytes.count * 4)
                let known = bytes.count
                bytes = try FileBytes.read(path, limit: wanted)
                // The scan saw more bytes than there are now: reading again would bring no others.
                guard bytes.count > known else { throw FileBytes.shortened(at: bytes.count) }
                continue
            } catch  where error.code == .notDICOM {
                return unrecognised(entry.file, .unknown, head: head)
            } catch {
                return .rejected(problem(error.code.rawValue, error.reason, offset: error.offset.map(Int64.init)))
            }
            if file.isDICOMDIR { return .ignored(reason: "a DICOMDIR lists files and holds none") }
            if let error = file.incompleteness {
                return .rejected(problem(error.code.rawValue, error.reason, offset: nil))
            }
            let keepsIdentifiers = pseudonymizer == nil || claim(entry, file.header) != nil
            if let complaint = KeyCheck(file.header, keepsIdentifiers: keepsIdentifiers).complaint {
                return .rejected(problem(KeyCheck.code, complaint, offset: nil))
            }
            let name = try objectName(of: file, path: path)
            var planned = instance(entry, header: file.header, objectName: name)
            planned.sopInstanceUID = file.sopInstanceUID
            return .instance(planned)
        }
    }

    private func instance(
        _ entry: RunPlan.PlannedEntry, header: DICOMHeader, objectName: String?
    ) -> PlannedInstance {
        let study = header.studyInstanceUID ?? folderKey(of: entry.file)
        let series = header.seriesInstanceUID ?? folderKey(of: entry.file)
        let claim = claim(entry, header)
        let record = DerivationRecord(header)
        let marked = ObjectReferences.series(of: header)
        let role: SeriesRole =
            if objectName != nil { .object } else if isSegmentation(header) { .mask } else {
                isLocalizer(header) ? .localizer : .image
            }
        return PlannedInstance(
            file: entry.file,
            patientKey: claim.flatMap { _ in header.patientID }
                ?? PatientNames(pseudonymizer: pseudonymizer).key(
                    identifier: header.patientID, issuer: header.issuerOfPatientID, study: study),
            patientIsNamed: header.patientID != nil,
            reference: SeriesReference(
                studyKey: study, seriesKey: series + suffix(role, objectName, marked)),
            studyInstanceUID: header.studyInstanceUID, seriesInstanceUID: header.seriesInstanceUID, role: role,
            modality: ColumnText.code(header.modality), reader: .dicom,
            dataset: (claim?.dataset ?? dataset(Self.dicom)).planKey, source: record.map { source(header, $0) },
            record: record, markedSeries: marked, isPublished: claim != nil)
    }

    private func source(_ header: DICOMHeader, _ record: DerivationRecord) -> SeriesSource {
        SeriesSource(
            seriesID: record.seriesID,
            imageUID: header.items(.sourceImageSequence).first?.string(.referencedSOPInstanceUID))
    }

    /// The published data set that a DICOM file belongs to.
    private func claim(_ entry: RunPlan.PlannedEntry, _ header: DICOMHeader) -> FolderClaim? {
        claims.first { $0.holds(entry.file, patientID: header.patientID) }
    }

    /// Scouts and objects without pixels are series of their own beside the images of their series, and so are
    /// segmentations of other images than those that others of their series mark.
    private func suffix(_ role: SeriesRole, _ objectName: String?, _ marked: [String]) -> String {
        switch role {
        case .localizer: "#localizer"
        case .object: "#object:" + (objectName ?? "")
        case .mask: ObjectReferences.suffix(marking: marked)
        case .image: ""
        }
    }

    /// What an object without pixels is called: its UID, or where it has none the digest of its file; `nil` for images.
    private func objectName(of file: DICOMFile, path: String) throws(FileBytes.Failure) -> String? {
        guard !file.hasPixels else { return nil }
        if let uid = file.sopInstanceUID { return uid }
        return "sha256:" + hexadecimal(try FileBytes.digest(path))
    }

    /// Segmentation and Label Map Segmentation Storage.
    private func isSegmentation(_ header: DICOMHeader) -> Bool {
        ["1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"].contains(header.sopClassUID)
    }

    private func isLocalizer(_ header: DICOMHeader) -> Bool {
        header.imageType.map { $0.count > 2 && $0[2].uppercased() == "LOCALIZER" } ?? false
    }

    /// The data set under the name that the user chose.
    private func dataset(_ own: DatasetIdentity) -> DatasetIdentity {
        settings.datasetName.map(Self.dicom.named) ?? own
    }

    /// What stands for the UID that files of a folder lack.
    ///
    /// It is of the whole path: files of two people that lie in two folders of one name, or directly in two folders that
    /// were given, have nothing in common.
    private func folderKey(of file: SourceFile) -> String {
        let folder = plan.absolutePath(of: file).split(separator: "/").dropLast().joined(separator: "/")
        return "folder:"
            + (pseudonymizer?.pathToken(folder) ?? hexadecimal(SHA256.hash(data: Array(folder.utf8)).prefix(16)))
    }

    // MARK: Other images

    /// The voxels that a `.mhd` beside them describes; they are read with it.
    private func isVoxels(_ file: SourceFile, path: String) -> Bool {
        guard ["raw", "zraw"].contains(file.fileExtension), let dot = path.lastIndex(of: ".") else { return false }
        return FileBytes.exists(path[..<dot] + ".mhd")
    }

    /// A picture or volume without a header that names anybody is known by its content; of a volume that changed in its
    /// place see ``VolumesInPlace``.
    private func image(
        _ entry: RunPlan.PlannedEntry, reader: FileReader, path: String
    ) throws(FileBytes.Failure) -> Verdict {
        var digest = try FileBytes.digest(path)
        var volumeSHA256: [UInt8]? = digest
        if reader == .metaImage,
            let voxels = try? MetaImageVoxels.path(besides: path, header: FileBytes.read(path, limit: 1 << 16))
        {
            digest = Array(SHA256.hash(data: digest + (try FileBytes.digest(voxels))))
            volumeSHA256 = nil
        }
        if let assigned, [.nifti, .metaImage].contains(reader) {
            return .instance(mask(entry, of: assigned, reader: reader, digest: digest))
        }
        return .instance(
            PlannedInstance(
                file: entry.file, patientKey: "unnamed:" + hexadecimal(digest.prefix(16)), patientIsNamed: false,
                reference: SeriesReference(studyKey: "file", seriesKey: "file"), studyInstanceUID: nil,
                seriesInstanceUID: nil, role: .image, modality: nil, reader: reader,
                dataset: dataset(Self.images).planKey, volumeSHA256: volumeSHA256))
    }

    /// A volume beside the images that it was said to mark.
    private func mask(
        _ entry: RunPlan.PlannedEntry, of assigned: AssignedSeries, reader: FileReader, digest: [UInt8]
    ) -> PlannedInstance {
        PlannedInstance(
            file: entry.file, patientKey: assigned.patientKey, patientIsNamed: true,
            reference: SeriesReference(
                studyKey: assigned.studyKey,
                seriesKey: "mask:" + hexadecimal(assigned.digest(ofFile: digest).prefix(16))),
            studyInstanceUID: assigned.studyInstanceUID, seriesInstanceUID: nil, role: .mask, modality: nil,
            reader: reader, dataset: assigned.dataset.planKey)
    }

    private func problem(_ code: String, _ reason: String, offset: Int64?) -> FileRejection {
        FileRejection(stage: .read, code: code, sentence: reason, byteOffset: offset)
    }
}
