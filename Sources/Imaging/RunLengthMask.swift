/// A binary mask of one frame as run lengths, the form of `annotation_mask`.
///
/// `bytes` are the lengths of alternating runs over the row-major raster, each an unsigned LEB128 number (seven bits a
/// byte, low first, high bit set on all but the last byte). The first run counts zeros and may be 0; every other run is
/// at least 1; the lengths add up to rows x columns. Each mask therefore has exactly one encoding.
package struct RunLengthMask: Sendable, Equatable {
    package let rows: Int
    package let columns: Int
    package let bytes: [UInt8]
    /// Pixels that are set.
    package let voxelCount: Int
    /// The smallest box around them; `nil` for an empty mask.
    package let boundingBox: PixelBox?

    /// Encodes a raster in which every byte but 0 is set.
    ///
    /// **Shape** `[rows][columns]`. **Throws** `invalidMask` when the raster has another size.
    /// **Cost** one pass, eight pixels a step inside a run.
    package init(mask: [UInt8], rows: Int, columns: Int) throws(ImagingError) {
        guard rows > 0, columns > 0, mask.count == rows * columns else {
            throw .invalidMask(reason: "a raster of \(mask.count) pixels is not \(rows) rows of \(columns) columns")
        }
        var runs = RunEncoder(columns: columns)
        unsafe mask.withUnsafeBytes { raster in
            var position = 0
            var isSet = false
            while position < raster.count {
                let end =
                    if isSet { unsafe firstZero(in: raster, from: position) } else {
                        unsafe firstNonZero(in: raster, from: position)
                    }
                runs.append(start: position, end: end, isSet: isSet)
                position = end
                isSet.toggle()
            }
        }
        self.init(rows: rows, columns: columns, bytes: runs.bytes, extent: runs.extent)
    }

    /// **Throws** `invalidMask` when the raster has another size.
    package init(mask: [Bool], rows: Int, columns: Int) throws(ImagingError) {
        try self.init(mask: mask.map { $0 ? 1 : 0 }, rows: rows, columns: columns)
    }

    /// Adopts stored runs.
    ///
    /// **Throws** `invalidMask` unless they are the one valid encoding of a mask of this size.
    package init(rows: Int, columns: Int, bytes: [UInt8]) throws(ImagingError) {
        guard rows > 0, columns > 0 else {
            throw .invalidMask(reason: "rows and columns must be positive")
        }
        var reader = RunReader(bytes: bytes, pixelCount: rows * columns)
        var extent = MaskExtent(columns: columns)
        while let run = try reader.next() {
            if run.isSet { extent.add(start: run.start, end: run.end) }
        }
        self.init(rows: rows, columns: columns, bytes: bytes, extent: extent)
    }

    private init(rows: Int, columns: Int, bytes: [UInt8], extent: MaskExtent) {
        self.rows = rows
        self.columns = columns
        self.bytes = bytes
        voxelCount = extent.voxelCount
        boundingBox = extent.box
    }

    /// The raster of 0 and 1.
    ///
    /// **Shape** `[rows][columns]`.
    package func decoded() -> [UInt8] {
        var raster = [UInt8](repeating: 0, count: rows * columns)
        forEachSetRun { run in
            raster.replaceSubrange(run, with: repeatElement(1, count: run.count))
        }
        return raster
    }

    /// Visits the set pixels as ranges of the row-major raster, in order; a range may cross rows.
    package func forEachSetRun(_ body: (Range<Int>) -> Void) {
        var reader = RunReader(bytes: bytes, pixelCount: rows * columns)
        // The runs were checked by the initialisers, so the reader ends without an error.
        while let run = try? reader.next() {
            if run.isSet { body(run.start..<run.end) }
        }
    }
}

/// The first byte at or after `start` that is not 0, or the end.
private func firstNonZero(in raster: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start
    while position &+ 8 <= raster.count {
        let word = unsafe UInt64(littleEndian: raster.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        if word != 0 { return position &+ word.trailingZeroBitCount / 8 }
        position &+= 8
    }
    while position < raster.count, unsafe raster[position] == 0 { position &+= 1 }
    return position
}

/// The first byte at or after `start` that is 0, or the end. The lowest bit of `(w - 0x01…) & ~w & 0x80…` marks it.
private func firstZero(in raster: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start
    while position &+ 8 <= raster.count {
        let word = unsafe UInt64(littleEndian: raster.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
        if zeros != 0 { return position &+ zeros.trailingZeroBitCount / 8 }
        position &+= 8
    }
    while position < raster.count, unsafe raster[position] != 0 { position &+= 1 }
    return position
}
