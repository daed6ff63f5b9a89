/// How the elements of a data set are laid out in bytes (PS3.5 section 7).
enum ElementEncoding: Int32, Sendable {
    // The raw values are those of cdcmtk.h.
    case implicitLittle = 0
    case explicitLittle = 1
    case explicitBig = 2

    var isExplicit: Bool { self != .implicitLittle }
    var isBigEndian: Bool { self == .explicitBig }
}

/// A transfer syntax by its UID: element encoding, deflation, and whether the pixels are stored as they are.
package struct DICOMTransferSyntax: Sendable, Hashable {
    package let uid: String

    package init(uid: String) { self.uid = uid }

    package static let implicitLittleEndian = DICOMTransferSyntax(uid: "1.2.840.10008.1.2")
    package static let explicitLittleEndian = DICOMTransferSyntax(uid: "1.2.840.10008.1.2.1")
    package static let deflatedExplicitLittleEndian = DICOMTransferSyntax(uid: "1.2.840.10008.1.2.1.99")
    package static let explicitBigEndian = DICOMTransferSyntax(uid: "1.2.840.10008.1.2.2")

    /// The registered name, or the UID itself.
    package var name: String { DICOMDictionary.name(ofUID: uid) ?? Self.laterNames[uid] ?? uid }

    /// Names of PS3.6 that came after DCMTK 3.6.7 (to be removed with a DCMTK that has them).
    private static let laterNames = [
        "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
        "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
        "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
        "1.2.840.10008.1.2.4.112": "JPEG XL",
        "1.2.840.10008.1.2.4.201": "High-Throughput JPEG 2000 (Lossless Only)",
        "1.2.840.10008.1.2.4.202": "High-Throughput JPEG 2000 with RPCL Options (Lossless Only)",
        "1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000",
        "1.2.840.10008.1.2.4.204": "JPIP HTJ2K Referenced",
        "1.2.840.10008.1.2.4.205": "JPIP HTJ2K Referenced Deflate",
    ]

    package var isDeflated: Bool {
        // JPIP Referenced Deflate (…4.95, …4.205) deflates its data set too.
        ["1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"].contains(uid)
    }

    /// True where Pixel Data holds samples, not a code stream.
    package var isNative: Bool {
        [.implicitLittleEndian, .explicitLittleEndian, .deflatedExplicitLittleEndian, .explicitBigEndian].contains(self)
            || uid == Self.generalElectric
    }

    /// GE's private syntax: implicit little-endian with big-endian pixels.
    private static let generalElectric = "1.2.840.113619.5.2"

    var hasBigEndianPixels: Bool { uid == Self.generalElectric || self == .explicitBigEndian }

    var encoding: ElementEncoding {
        switch uid {
        case "1.2.840.10008.1.2", Self.generalElectric: .implicitLittle
        case "1.2.840.10008.1.2.2": .explicitBig
        default: .explicitLittle
        }
    }
}
