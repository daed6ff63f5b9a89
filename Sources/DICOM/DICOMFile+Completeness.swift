extension DICOMFile {
    /// Whether the parser met the end of the file, or lost its way, before the data set ended.
    package var isCut: Bool {
        warnings.contains { [.truncated, .structureLost].contains($0.code) }
    }

    /// Why a file without pixels is no object worth keeping; `nil` for whole objects and for images.
    ///
    /// A header that says of itself that it is an image had pixels once, even where the file was cut exactly between
    /// two attributes.
    package var incompleteness: DICOMError? {
        guard !hasPixels else { return nil }
        if isCut { return problem(.truncated, "it ends, or is damaged, inside its header") }
        if header.saysImage(sopClassUID: sopClassUID) {
            return problem(.noPixels, "its header is that of an image and no pixels follow")
        }
        // Without the mark of a DICOM file and without a name, bytes that look like attributes are no evidence.
        guard sopInstanceUID == nil, warnings.contains(where: { $0.code == .noPreamble }) else { return nil }
        return problem(.malformed, "it has no preamble, no pixels and no SOP Instance UID")
    }

    private func problem(_ code: DICOMError.Code, _ reason: String) -> DICOMError {
        DICOMError(code: code, subject: "file", reason: reason + "; fetch it again")
    }
}

extension DICOMHeader {
    /// Whether the header describes an image: it has rows, or its SOP class is one that must hold pixels.
    func saysImage(sopClassUID: String?) -> Bool {
        if rows != nil { return true }
        guard let uid = sopClassUID, uid.hasPrefix(Self.storage) else { return false }
        let parts = uid.dropFirst(Self.storage.count).split(separator: ".")
        guard let family = parts.first.flatMap({ Int($0) }) else { return false }
        return Self.imageFamilies.contains(family) && !Self.exceptions.contains(uid)
    }

    private static let storage = "1.2.840.10008.5.1.4.1.1."
    /// CR and DX, CT, US, MR, NM, secondary capture, XA, RF, XRF, X-ray 3D, intravascular, visible light, PET.
    /// **Source** PS3.4 annex B.5.
    private static let imageFamilies: Set<Int> = [1, 2, 3, 4, 6, 7, 12, 13, 14, 20, 128, 130]
    /// MR Spectroscopy has spectra instead of pixels.
    private static let exceptions: Set<String> = ["1.2.840.10008.5.1.4.1.1.4.2"]
}
