/// Counts set pixels and their bounding box run by run.
struct MaskExtent {
    let columns: Int
    private(set) var voxelCount = 0
    private(set) var box: PixelBox?

    init(columns: Int) { self.columns = columns }

    /// Adds the set pixels `start..<end` of the row-major raster.
    mutating func add(start: Int, end: Int) {
        voxelCount += end - start
        let first = (row: start / columns, column: start % columns)
        let last = (row: (end - 1) / columns, column: (end - 1) % columns)
        let crossesRows = first.row != last.row
        let minimumColumn = crossesRows ? 0 : first.column
        let maximumColumn = crossesRows ? columns - 1 : last.column
        guard let known = box else {
            box = PixelBox(
                minimumRow: first.row, minimumColumn: minimumColumn, maximumRow: last.row,
                maximumColumn: maximumColumn)
            return
        }
        box = PixelBox(
            minimumRow: known.minimumRow, minimumColumn: min(known.minimumColumn, minimumColumn),
            maximumRow: last.row, maximumColumn: max(known.maximumColumn, maximumColumn))
    }
}

/// Writes runs as LEB128 lengths.
struct RunEncoder {
    private(set) var bytes: [UInt8] = []
    private(set) var extent: MaskExtent

    init(columns: Int) { extent = MaskExtent(columns: columns) }

    mutating func append(start: Int, end: Int, isSet: Bool) {
        if isSet { extent.add(start: start, end: end) }
        var length = UInt(end - start)
        while length >= 0x80 {
            bytes.append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        bytes.append(UInt8(length))
    }
}

/// Reads runs and refuses everything that `RunEncoder` would not have written.
struct RunReader {
    struct Run {
        let start: Int
        let end: Int
        let isSet: Bool
    }

    private let bytes: [UInt8]
    private let pixelCount: Int
    private var offset = 0
    private var position = 0
    private var isSet = false

    init(bytes: [UInt8], pixelCount: Int) {
        self.bytes = bytes
        self.pixelCount = pixelCount
    }

    /// The next run; `nil` at the proper end. **Throws** `invalidMask`.
    mutating func next() throws(ImagingError) -> Run? {
        if offset == bytes.count {
            guard position == pixelCount else {
                throw .invalidMask(reason: "its runs cover \(position) of \(pixelCount) pixels")
            }
            return nil
        }
        let isFirst = offset == 0
        let length = try nextLength()
        guard length > 0 || isFirst else { throw .invalidMask(reason: "it holds an empty run") }
        guard length <= pixelCount - position else {
            throw .invalidMask(reason: "its runs cover more than \(pixelCount) pixels")
        }
        defer {
            position += length
            isSet.toggle()
        }
        return Run(start: position, end: position + length, isSet: isSet)
    }

    private mutating func nextLength() throws(ImagingError) -> Int {
        var length = 0
        var shift = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            guard shift < 56 else { throw .invalidMask(reason: "a run length exceeds 56 bits") }
            length |= Int(byte & 0x7F) << shift
            if byte < 0x80 {
                guard byte != 0 || shift == 0 else { throw .invalidMask(reason: "a run length is padded with zeros") }
                return length
            }
            shift += 7
        }
        throw .invalidMask(reason: "its last run length is cut short")
    }
}
