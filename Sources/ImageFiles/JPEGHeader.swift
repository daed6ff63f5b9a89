/// What a JPEG file says before its pixels, from its marker segments.
///
/// **Source** ITU-T T.81 B.2; Exif 2.32 (orientation); the colour space follows libjpeg's rules for JFIF and Adobe
/// markers.
package struct JPEGHeader: Sendable, Equatable {
    package enum ColourSpace: String, Sendable {
        case grey
        case yCbCr = "ycbcr"
        case rgb
        case cmyk
        case ycck
        case unknown
    }

    package let width: Int
    package let height: Int
    package let components: Int
    /// Bits a sample: 8, or 12 in the extended process.
    package let precision: Int
    package let colourSpace: ColourSpace
    /// SOF2 or its arithmetic-coded twin.
    package let isProgressive: Bool
    /// SOF3, 7, 11, 15: lossless, which the decoder does not read.
    package let isLossless: Bool
    /// Exif's tag 0x0112, 1–8: how a camera was held. Reported, never applied; 1 and absence mean upright.
    package let exifOrientation: Int?

    /// Walks the segments up to the start of the frame.
    ///
    /// **Throws** `notAJPEG`, `truncated`, `corrupt`. **Cost** no decoding; a few hundred bytes are touched.
    package init(_ bytes: [UInt8]) throws(ImageFileError) {
        guard bytes.starts(with: [0xFF, 0xD8]) else {
            throw .jpeg(bytes.isEmpty ? .truncated : .notAJPEG, "the JPEG start marker is absent", at: 0)
        }
        var scan = JPEGSegmentScan(bytes: bytes)
        while let segment = try scan.next() {
            switch segment.marker {
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                try self.init(frame: segment, of: bytes, scan: scan)
                return
            case 0xDA:
                throw .jpeg(.corrupt, "a scan begins before the frame is described", at: segment.body.lowerBound)
            default:
                continue
            }
        }
        throw .jpeg(.corrupt, "it ends without describing a frame", at: bytes.count)
    }

    private init(frame: JPEGSegmentScan.Segment, of bytes: [UInt8], scan: JPEGSegmentScan) throws(ImageFileError) {
        let body = bytes[frame.body]
        let start = frame.body.lowerBound
        guard body.count >= 6, body.count >= 6 + 3 * Int(bytes[start + 5]) else {
            throw .jpeg(.corrupt, "its frame segment is too short", at: start)
        }
        precision = Int(bytes[start])
        height = Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
        width = Int(bytes[start + 3]) << 8 | Int(bytes[start + 4])
        components = Int(bytes[start + 5])
        guard width > 0, height > 0, components > 0 else {
            throw .jpeg(.corrupt, "its frame has no rows, columns or components", at: start)
        }
        isProgressive = [0xC2, 0xC6, 0xCA, 0xCE].contains(frame.marker)
        isLossless = [0xC3, 0xC7, 0xCB, 0xCF].contains(frame.marker)
        exifOrientation = scan.exifOrientation
        let identifiers = (0..<components).map { bytes[start + 6 + 3 * $0] }
        colourSpace = Self.colourSpace(components: identifiers, hasJFIF: scan.hasJFIF, transform: scan.adobeTransform)
    }

    /// libjpeg's `default_decompress_parms`.
    private static func colourSpace(components: [UInt8], hasJFIF: Bool, transform: Int?) -> ColourSpace {
        switch components.count {
        case 1: return .grey
        case 3:
            if hasJFIF { return .yCbCr }
            if let transform { return transform == 0 ? .rgb : .yCbCr }
            return components.elementsEqual("RGB".utf8) ? .rgb : .yCbCr
        case 4:
            return (transform ?? 0) == 0 ? .cmyk : .ycck
        default:
            return .unknown
        }
    }
}
