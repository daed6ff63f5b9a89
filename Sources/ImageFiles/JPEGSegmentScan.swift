/// Walks the marker segments of a JPEG file from its start and keeps what the application segments say.
struct JPEGSegmentScan {
    struct Segment {
        let marker: UInt8
        /// The bytes behind the length field.
        let body: Range<Int>
    }

    let bytes: [UInt8]
    private(set) var hasJFIF = false
    /// The transform byte of Adobe's APP14: 0 none, 1 YCbCr, 2 YCCK.
    private(set) var adobeTransform: Int?
    private(set) var exifOrientation: Int?
    private var position = 2

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next segment; `nil` at the end-of-image marker.
    mutating func next() throws(ImageFileError) -> Segment? {
        let marker = try nextMarker()
        if marker == 0xD9 { return nil }
        guard position + 2 <= bytes.count else { throw .endsInHeader(at: bytes.count) }
        let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
        guard length >= 2 else { throw .jpeg(.corrupt, "a segment has the length \(length)", at: position) }
        let body = position + 2..<position + length
        guard body.upperBound <= bytes.count else { throw .endsInHeader(at: bytes.count) }
        position += length
        note(marker, body)
        return Segment(marker: marker, body: body)
    }

    /// Where the first scan begins. libjpeg would report a file that ends inside its tables as one with wrong tables.
    ///
    /// **Throws** `truncated`, `corrupt`.
    static func firstScan(of bytes: [UInt8]) throws(ImageFileError) -> Int {
        var scan = JPEGSegmentScan(bytes: bytes)
        while let segment = try scan.next() {
            if segment.marker == 0xDA { return segment.body.upperBound }
        }
        throw .jpeg(.corrupt, "it ends without any pixels", at: bytes.count)
    }

    /// Whether the end-of-image marker follows; in coded data FF is never followed by D9.
    static func hasEnd(_ bytes: [UInt8], after start: Int) -> Bool {
        bytes[start...].indices.dropLast().contains { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xD9 }
    }

    /// Skips fill bytes, stray bytes (libjpeg does too) and markers without a body.
    private mutating func nextMarker() throws(ImageFileError) -> UInt8 {
        while position + 1 < bytes.count {
            let marker = bytes[position + 1]
            let isStandalone = marker == 0x01 || (0xD0...0xD8).contains(marker)
            if bytes[position] == 0xFF, marker != 0, marker != 0xFF {
                position += 2
                if !isStandalone { return marker }
            } else {
                position += 1
            }
        }
        throw .endsInHeader(at: bytes.count)
    }

    private mutating func note(_ marker: UInt8, _ range: Range<Int>) {
        let body = bytes[range]
        switch marker {
        case 0xE0 where body.starts(with: Array("JFIF".utf8) + [0]):
            hasJFIF = true
        case 0xE1 where body.starts(with: Array("Exif".utf8) + [0, 0]):
            exifOrientation = exifOrientation ?? Self.orientation(inTIFF: Array(body.dropFirst(6)))
        case 0xEE where body.count >= 12 && body.starts(with: "Adobe".utf8):
            adobeTransform = Int(bytes[range.lowerBound + 11])
        default:
            break
        }
    }

    /// Tag 0x0112 (SHORT) of the first directory of a TIFF structure.
    private static func orientation(inTIFF tiff: [UInt8]) -> Int? {
        guard tiff.count >= 8 else { return nil }
        let reader = ByteReader(bytes: tiff, isBigEndian: tiff[0] == UInt8(ascii: "M"))
        let directory = Int(reader.integer(UInt32.self, at: 4))
        guard directory >= 8, directory + 2 <= tiff.count else { return nil }
        let entryCount = Int(reader.integer(UInt16.self, at: directory))
        for entry in 0..<entryCount {
            let offset = directory + 2 + 12 * entry
            guard offset + 12 <= tiff.count else { return nil }
            guard reader.integer(UInt16.self, at: offset) == 0x0112 else { continue }
            let value = Int(reader.integer(UInt16.self, at: offset + 8))
            return (1...8).contains(value) ? value : nil
        }
        return nil
    }
}

extension ImageFileError {
    fileprivate static func endsInHeader(at end: Int) -> ImageFileError {
        .jpeg(.truncated, "it ends before its pixels begin; copy the file again", at: end)
    }
}
