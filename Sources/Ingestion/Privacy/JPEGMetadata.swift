/// Takes out of a JPEG stream what is not needed to decode it: Exif, comments and other application segments may hold
/// names, dates and places, and so may bytes behind the end of the image.
///
/// Kept are what JFIF (APP0) and Adobe (APP14) say about colours, without the thumbnail. **Source** ITU-T T.81 B.1.
struct JPEGMetadata {
    private let bytes: [UInt8]
    private var position = 2
    private var result: [UInt8] = [0xFF, 0xD8]

    /// The stream without metadata; pixels decode alike. `nil` for bytes that do not read as segments up to the end of
    /// the image: nobody knows then what they hold.
    static func stripped(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return nil }
        var scan = JPEGMetadata(bytes)
        return scan.run() ? scan.result : nil
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        result.reserveCapacity(bytes.count)
    }

    /// Copies segment by segment; false where the stream ends before its end marker.
    private mutating func run() -> Bool {
        while let marker = nextMarker() {
            switch marker {
            case 0xD9:
                result += [0xFF, 0xD9]
                return true
            case 0x01, 0xD0...0xD8: continue
            default:
                guard let body = nextBody() else { return false }
                if let kept = Self.kept(marker, bytes[body]) { append(marker, kept) }
                if marker == 0xDA { copyCodedData() }
            }
        }
        return false
    }

    /// The next marker behind fill bytes and bytes that belong to no segment.
    private mutating func nextMarker() -> UInt8? {
        while position + 1 < bytes.count {
            let (first, marker) = (bytes[position], bytes[position + 1])
            if first == 0xFF, marker != 0, marker != 0xFF {
                position += 2
                return marker
            }
            position += 1
        }
        return nil
    }

    /// The bytes behind the length of a segment.
    private mutating func nextBody() -> Range<Int>? {
        guard position + 2 <= bytes.count else { return nil }
        let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
        guard length >= 2, position + length <= bytes.count else { return nil }
        defer { position += length }
        return position + 2..<position + length
    }

    /// Entropy-coded data: up to a marker that is neither a stuffed zero nor a restart.
    private mutating func copyCodedData() {
        let start = position
        while position + 1 < bytes.count {
            if bytes[position] == 0xFF {
                let next = bytes[position + 1]
                if next != 0, !(0xD0...0xD7).contains(next) { break }
                position += 1
            }
            position += 1
        }
        result += bytes[start..<min(position, bytes.count)]
    }

    private mutating func append(_ marker: UInt8, _ body: ArraySlice<UInt8>) {
        let length = body.count + 2
        result += [0xFF, marker, UInt8(length >> 8), UInt8(length & 0xFF)]
        result += body
    }

    /// What is kept of a segment; `nil` for metadata.
    private static func kept(_ marker: UInt8, _ body: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        switch marker {
        case 0xE0:
            guard body.count >= 14, body.starts(with: Array("JFIF".utf8) + [0]) else { return nil }
            // The thumbnail that follows has a width and a height of zero then.
            return body.prefix(12) + [0, 0]
        case 0xEE:
            return body.count >= 12 && body.starts(with: "Adobe".utf8) ? body.prefix(12) : nil
        case 0xE1...0xEF, 0xFE: return nil
        default: return body
        }
    }
}
