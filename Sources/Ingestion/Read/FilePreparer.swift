internal import Crypto
internal import DICOM
internal import Datasets
internal import ImageFiles
internal import Imaging
internal import PixelCodec

/// Reads one file: bytes once, then digest, frames, statistics, encoding. A failure is a result, never thrown.
///
/// **Cost** memory is the file plus its encoded frames.
struct FilePreparer: Sendable {
    let cloak: PathCloak
    let keepIdentifiers: Bool
    let frames: FrameEncoder
    /// The series whose masks volume files are.
    var assigned: AssignedSeries?

    func prepare(_ read: PlannedRead) -> PreparedFile {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(read.path)
        } catch {
            return rejected(read, sha256: nil, code: error.code, reason: error.reason, offset: error.byteOffset)
        }
        let sha256 = Array(SHA256.hash(data: bytes))
        guard !bytes.isEmpty else {
            return rejected(
                read, sha256: sha256, code: "empty", reason: "it has no bytes; copy it again from its source", offset: 0
            )
        }
        do {
            var file = StorableFacts.checked(try prepare(read, bytes: bytes, sha256: sha256))
            file.refusalInPart = file.missingFrames.map { refusal(of: $0, read) }
            return file
        } catch {
            return rejected(read, sha256: sha256, error)
        }
    }

    private func prepare(_ read: PlannedRead, bytes: [UInt8], sha256: [UInt8]) throws -> PreparedFile {
        let reader = reader(of: read, bytes: bytes)
        return switch reader {
        case .dicom:
            try DICOMPreparer(
                frames: frames, keepIdentifiers: keepIdentifiers || read.dataset.patientKeyKind == .research
            )
            .prepare(read, bytes: bytes, sha256: sha256)
        case .nifti: try VolumePreparer(frames: frames, assigned: assigned).prepare(read, nifti: bytes, sha256: sha256)
        case .metaImage:
            try VolumePreparer(frames: frames, assigned: assigned).prepare(read, metaImage: bytes, sha256: sha256)
        case .jpeg, .png:
            try PicturePreparer(frames: frames, keepIdentifiers: keepIdentifiers)
                .prepare(read, isJPEG: reader == .jpeg, bytes: bytes, sha256: sha256)
        }
    }

    /// Adapters have a name alone to go by; of a picture, or of a volume in one file, the bytes say which it is.
    private func reader(of read: PlannedRead, bytes: [UInt8]) -> FileReader {
        let planned = read.planned.reader
        guard planned != .dicom, read.data == nil else { return planned }
        return switch (planned, FileKind(prefix: Array(bytes.prefix(FileKind.prefixByteCount)))) {
        case (.jpeg, .png): .png
        case (.png, .jpeg): .jpeg
        case (.metaImage, .nifti1), (.metaImage, .nifti2): .nifti
        case (.nifti, .metaImage): .metaImage
        default: planned
        }
    }

    // MARK: Rejection

    private func refusal(of missing: MissingFrames, _ read: PlannedRead) -> FileRejection {
        let label = cloak.label(read.entry.file, read.dataset.patientKeyKind).capitalizedFirst
        return FileRejection(
            stage: .read, code: RejectionCode.framesMissing,
            sentence: "\(label) was stored in part: \(missing.count) of its \(missing.announced) frames are cut off or "
                + "damaged; fetch it again from its source.",
            byteOffset: nil)
    }

    private func rejected(_ read: PlannedRead, sha256: [UInt8]?, _ error: any Error) -> PreparedFile {
        switch error {
        case let error as FileBytes.Failure:
            rejected(read, sha256: sha256, code: error.code, reason: error.reason, offset: error.byteOffset)
        case let error as DICOMError:
            rejected(
                read, sha256: sha256, code: error.code.rawValue, reason: error.reason,
                offset: error.offset.map(Int64.init))
        case let error as ImageFileError:
            rejected(
                read, sha256: sha256, code: error.code.rawValue, reason: error.reason,
                offset: error.byteOffset.map(Int64.init))
        case let error as ImagingError:
            rejected(read, sha256: sha256, code: error.code.rawValue, reason: error.reason, offset: nil)
        case let error as MaskRefusal:
            rejected(read, sha256: sha256, code: error.code, reason: error.reason, offset: nil)
        case let error as PixelCodecError:
            rejected(
                read, sha256: sha256, code: error.code.rawValue, reason: error.reason, offset: nil, stage: .encode)
        default:
            rejected(read, sha256: sha256, code: "unexpected", reason: "it met an error without a name", offset: nil)
        }
    }

    private func rejected(
        _ read: PlannedRead, sha256: [UInt8]?, code: String, reason: String, offset: Int64?,
        stage: FileRejection.Stage = .read
    ) -> PreparedFile {
        let label = cloak.label(read.entry.file, read.dataset.patientKeyKind).capitalizedFirst
        let place = offset.map { " at byte \($0)" } ?? ""
        return PreparedFile(
            sha256: sha256,
            outcome: .rejected(
                FileRejection(
                    stage: stage, code: code, sentence: "\(label) was not stored\(place): \(reason).",
                    byteOffset: offset)))
    }
}
