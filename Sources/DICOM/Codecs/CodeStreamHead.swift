/// What a JPEG, JPEG-LS or JPEG 2000 code stream says of its image before the samples.
///
/// Read here and not by the decoders, so that a size is compared with the header before a decoder allocates for it.
/// **Source** ISO/IEC 10918-1 B.2.2 (SOF), 14495-1 C.2.2, 15444-1 A.5.1 (SIZ) and I.5.4 (jp2c).
struct CodeStreamHead: Sendable, Equatable {
    enum Coding: Sendable, Equatable { case jpeg, jpegLS, jpeg2000 }

    var coding: Coding
    var rows = 0
    var columns = 0
    var components = 0
    /// Bits of a sample.
    var precision = 0
    /// JPEG 2000 only; the others know no sign.
    var isSigned = false
    /// Components are labelled R, G, B.
    var isLabelledRGB = false
    /// A JFIF segment, which means YCbCr.
    var isJFIF = false
    /// Where the code stream begins in the bytes: after the boxes of a JP2 file, else 0.
    var start = 0
    var tileCount = 1

    /// `nil` where the bytes are no such code stream, or end before the size.
    init?(_ stream: ArraySlice<UInt8>) {
        var reader = CodeStreamReader(stream)
        if let start = reader.jpeg2000Start() {
            self.init(coding: .jpeg2000)
            self.start = start
            guard readSIZ(&reader, at: start) else { return nil }
        } else if reader.number(at: 0, count: 2) == 0xFFD8 {
            self.init(coding: .jpeg)
            guard readMarkers(&reader) else { return nil }
        } else {
            return nil
        }
    }

    private init(coding: Coding) { self.coding = coding }

    private mutating func readSIZ(_ reader: inout CodeStreamReader, at start: Int) -> Bool {
        // SOC, SIZ, Lsiz, Rsiz; then Xsiz Ysiz XOsiz YOsiz XTsiz YTsiz XTOsiz YTOsiz Csiz, and per component Ssiz XRsiz YRsiz.
        let fields = (0..<8).compactMap { reader.number(at: start + 8 + 4 * $0, count: 4) }
        guard fields.count == 8, let components = reader.number(at: start + 40, count: 2),
            let size = reader.number(at: start + 42, count: 1), fields[0] > fields[2], fields[1] > fields[3],
            fields[4] > 0, fields[5] > 0, fields[6] <= fields[2], fields[7] <= fields[3]
        else { return false }
        columns = fields[0] - fields[2]
        rows = fields[1] - fields[3]
        self.components = components
        precision = size & 0x7F + 1
        isSigned = size & 0x80 != 0
        let across = (fields[0] - fields[6] + fields[4] - 1) / fields[4]
        tileCount = across * ((fields[1] - fields[7] + fields[5] - 1) / fields[5])
        return true
    }

    private mutating func readMarkers(_ reader: inout CodeStreamReader) -> Bool {
        var position = 2
        while let marker = reader.marker(&position), let length = reader.number(at: position, count: 2), length >= 2 {
            switch marker {
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: return readSOF(&reader, at: position)
            case 0xF7:
                coding = .jpegLS
                return readSOF(&reader, at: position)
            case 0xE0...0xEF: isJFIF = isJFIF || reader.bytes(at: position + 2, count: 4) == Array("JFIF".utf8)
            case 0xD9, 0xDA: return false
            default: break
            }
            position += length
        }
        return false
    }

    private mutating func readSOF(_ reader: inout CodeStreamReader, at position: Int) -> Bool {
        guard let precision = reader.number(at: position + 2, count: 1),
            let rows = reader.number(at: position + 3, count: 2),
            let columns = reader.number(at: position + 5, count: 2),
            let components = reader.number(at: position + 7, count: 1)
        else { return false }
        (self.precision, self.rows, self.columns, self.components) = (precision, rows, columns, components)
        let labels = (0..<min(components, 4)).compactMap { reader.number(at: position + 8 + 3 * $0, count: 1) }
        isLabelledRGB = labels == [0x52, 0x47, 0x42] || labels == [0x72, 0x67, 0x62]
        return true
    }
}

/// Big-endian numbers of a code stream; what lies beyond its end is `nil`.
private struct CodeStreamReader {
    private let stream: ArraySlice<UInt8>

    init(_ stream: ArraySlice<UInt8>) { self.stream = stream }

    func number(at offset: Int, count: Int) -> Int? {
        bytes(at: offset, count: count)?.reduce(0) { $0 << 8 | Int($1) }
    }

    func bytes(at offset: Int, count: Int) -> [UInt8]? {
        guard offset >= 0, offset <= stream.count - count else { return nil }
        return Array(stream[stream.startIndex + offset..<stream.startIndex + offset + count])
    }

    /// The code of the next marker, fill bytes skipped; `position` moves behind it.
    func marker(_ position: inout Int) -> Int? {
        guard number(at: position, count: 1) == 0xFF else { return nil }
        while let code = number(at: position, count: 1) {
            position += 1
            if code != 0xFF { return code }
        }
        return nil
    }

    /// Where SOC and SIZ stand: at once, or in the `jp2c` box of a JP2 file.
    func jpeg2000Start() -> Int? {
        let mark = 0xFF4F_FF51
        if number(at: 0, count: 4) == mark { return 0 }
        guard number(at: 0, count: 4) == 12, bytes(at: 4, count: 4) == Array("jP  ".utf8) else { return nil }
        var offset = 12
        while let length = number(at: offset, count: 4), let kind = bytes(at: offset + 4, count: 4) {
            // A length of 1 announces eight further bytes of it; 0 means up to the end.
            let head = length == 1 ? 16 : 8
            if kind == Array("jp2c".utf8) { return number(at: offset + head, count: 4) == mark ? offset + head : nil }
            guard length >= 8 else { return nil }
            offset += length
        }
        return nil
    }
}
