package import Imaging
package import PixelCodec

/// One slice as the warehouse holds it: what it is, and its encoded pixels.
package struct StoredSlice: Sendable {
    package struct Tile: Sendable {
        package let firstRow: Int
        package let rowCount: Int
        package let encoding: PixelEncoding
        package let bytes: [UInt8]
    }

    package let patientID: Int64
    package let seriesID: Int64
    package let sliceID: Int64
    package let sliceIndex: Int
    package let type: PixelType
    package let rows: Int
    package let columns: Int
    package let samplesPerPixel: Int
    package let rescale: Rescale?
    package let digest: [UInt8]
    package internal(set) var tiles: [Tile]

    /// Stored values. **Shape** `[rows][columns][samplesPerPixel]`.
    ///
    /// **Throws** `PixelCodecError` when a tile does not unpack or the tiles do not cover the slice.
    package func pixels() throws -> PixelBuffer {
        if tiles.count == 1, let tile = tiles.first, tile.firstRow == 0, tile.rowCount == rows {
            return try decode(tile)
        }
        var bytes: [UInt8] = []
        var nextRow = 0
        for tile in tiles {
            guard tile.firstRow == nextRow else { break }
            bytes += try decode(tile).bytes
            nextRow += tile.rowCount
        }
        guard nextRow == rows else {
            throw PixelCodecError(
                code: .shapeMismatch, subject: "stored", reason: "the tiles cover \(nextRow) of \(rows) rows")
        }
        return try PixelBuffer(
            type: type, rows: rows, columns: columns, samplesPerPixel: samplesPerPixel, bytes: bytes)
    }

    /// Whether the pixels are those that were ingested.
    package func isIntact() throws -> Bool { try intactPixels() != nil }

    /// The pixels, if they are those that were ingested.
    func intactPixels() throws -> PixelBuffer? {
        let found = try pixels()
        return PixelDigest(of: found).bytes == digest ? found : nil
    }

    private func decode(_ tile: Tile) throws -> PixelBuffer {
        try PixelDecoder.decode(
            encoding: tile.encoding, bytes: tile.bytes, type: type, rows: tile.rowCount, columns: columns,
            samplesPerPixel: samplesPerPixel)
    }
}
