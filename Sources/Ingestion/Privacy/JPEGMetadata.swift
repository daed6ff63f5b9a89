/// Takes out of a JPEG stream what is not needed to decode it: Exif, comments and other application segments may hold
/// names, dates and places.
///
/// Kept are APP0 (JFIF) and APP14 (Adobe), which say how colours are meant. **Source** ITU-T T.81 B.1.
enum JPEGMetadata {
    private static let comment: UInt8 = 0xFE
    private static let keptSegments: Set<UInt8> = [0xE0, 0xEE]

    /// The stream without metadata; pixels decode alike. Bytes that do not read as segments are left as they are.
    static func stripped(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { return bytes }
        var result = Array(bytes[..<2])
        result.reserveCapacity(bytes.count)
        var position = 2
        while position + 4 <= bytes.count, bytes[position] == 0xFF {
            let marker = bytes[position + 1]
            // Entropy-coded data follows the start of scan, and no metadata comes after it.
            if marker == 0xDA { break }
            let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
            let end = position + 2 + length
            guard length >= 2, end <= bytes.count else { break }
            if !isMetadata(marker) { result += bytes[position..<end] }
            position = end
        }
        return result + bytes[position...]
    }

    private static func isMetadata(_ marker: UInt8) -> Bool {
        marker == comment || ((0xE0...0xEF).contains(marker) && !keptSegments.contains(marker))
    }
}
