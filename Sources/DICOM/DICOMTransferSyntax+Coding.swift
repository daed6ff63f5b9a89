/// How the frames of a transfer syntax are coded.
enum PixelCoding: Sendable, Equatable {
    case native
    /// Native frames in fragments (PS3.5 A.4.11).
    case encapsulatedNative
    case rle
    case jpeg
    case jpegLS
    case jpeg2000
    /// Each frame deflated (PS3.5 A.4.14).
    case deflatedFrame
    /// JPEG XL, video, JPIP: recognised, and why no frame is given.
    case refused(String)
    case unknown
}

extension DICOMTransferSyntax {
    /// **Source** PS3.6 table A-1; the retired JPEG processes of PS3.5-1998 among them.
    var pixelCoding: PixelCoding {
        if isNative { return .native }
        guard uid.hasPrefix("1.2.840.10008.1.2.") else { return .unknown }
        let suffix = String(uid.dropFirst("1.2.840.10008.1.2.".count))
        if suffix == "5" { return .rle }
        if suffix == "1.98" { return .encapsulatedNative }
        if suffix == "8.1" { return .deflatedFrame }
        let parts = suffix.split(separator: ".")
        guard parts.count > 1, parts[0] == "4", let number = Int(parts[1]) else { return .unknown }
        return switch number {
        case 50...66, 70: .jpeg
        case 80, 81: .jpegLS
        case 90...93, 201...203: .jpeg2000
        case 94, 95, 204, 205: .refused("its pixels lie on a JPIP server and not in the file")
        case 100...109: .refused("video is not decoded")
        case 110...112: .refused("JPEG XL is not decoded")
        default: .unknown
        }
    }
}
