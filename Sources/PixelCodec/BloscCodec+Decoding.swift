internal import CBlosc
package import Imaging

// The header of a blosc buffer names its compressor, so unpacking needs no codec value. Nothing is trusted: the library
// checks the header and the block offsets, we check the size against the shape, both before a byte is written.
extension BloscCodec {
    /// Unpacks a whole frame.
    ///
    /// **Throws** `corrupt` for damaged bytes, `shapeMismatch` when they hold another number of bytes than the shape.
    package static func decode(
        _ packed: [UInt8], type: PixelType, rows: Int, columns: Int, samplesPerPixel: Int = 1
    ) throws(PixelCodecError) -> PixelBuffer {
        let expected = try frameByteCount(type: type, rows: rows, columns: columns, samplesPerPixel: samplesPerPixel)
        _ = try checkedHeader(of: packed, expecting: expected)
        var status: Int32 = 0
        let samples = unsafe [UInt8](unsafeUninitializedCapacity: expected) { target, count in
            status = unsafe packed.withUnsafeBytes { source in
                unsafe blosc_decompress_ctx(source.baseAddress, target.baseAddress, expected, 1)
            }
            count = Int(status) == expected ? expected : 0
        }
        guard Int(status) == expected else {
            throw .corrupt(.blosc, reason: "a block does not unpack; fetch the frame from its source again")
        }
        return try frame(samples, type: type, rows: rows, columns: columns, samplesPerPixel: samplesPerPixel)
    }

    /// Unpacks a band of rows, touching only the blocks that hold it.
    ///
    /// **Shape** of the result `[band.count][columns][samplesPerPixel]`; `rows` is that of the whole frame.
    /// **Throws** as `decode`, and `shapeMismatch` for an empty band or one outside the frame.
    package static func decodeRows(
        _ band: Range<Int>, of packed: [UInt8], type: PixelType, rows: Int, columns: Int, samplesPerPixel: Int = 1
    ) throws(PixelCodecError) -> PixelBuffer {
        let expected = try frameByteCount(type: type, rows: rows, columns: columns, samplesPerPixel: samplesPerPixel)
        guard !band.isEmpty, band.lowerBound >= 0, band.upperBound <= rows else {
            throw .shapeMismatch(.blosc, reason: "the band of rows is empty or outside the \(rows) rows of the frame")
        }
        let itemByteCount = try checkedHeader(of: packed, expecting: expected)
        let rowByteCount = expected / rows
        guard rowByteCount % itemByteCount == 0 else {
            throw .shapeMismatch(.blosc, reason: "its items of \(itemByteCount) bytes do not divide a row")
        }
        let itemsPerRow = rowByteCount / itemByteCount
        let wanted = band.count * rowByteCount
        var status: Int32 = 0
        let samples = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { target, count in
            status = unsafe packed.withUnsafeBytes { source in
                unsafe blosc_getitem(
                    source.baseAddress, Int32(band.lowerBound * itemsPerRow), Int32(band.count * itemsPerRow),
                    target.baseAddress)
            }
            count = Int(status) == wanted ? wanted : 0
        }
        guard Int(status) == wanted else {
            throw .corrupt(.blosc, reason: "a block does not unpack; fetch the frame from its source again")
        }
        return try frame(samples, type: type, rows: band.count, columns: columns, samplesPerPixel: samplesPerPixel)
    }

    /// Bytes of one item, once the header is sound and promises exactly `expected` bytes.
    private static func checkedHeader(of packed: [UInt8], expecting expected: Int) throws(PixelCodecError) -> Int {
        guard packed.count >= headerByteCount, packed.count <= Int(Int32.max) else {
            throw .corrupt(.blosc, reason: "\(packed.count) bytes are no blosc buffer")
        }
        var unpackedByteCount = 0
        var itemByteCount = 0
        var flags: Int32 = 0
        let status = unsafe packed.withUnsafeBytes { source in
            unsafe blosc_cbuffer_metainfo(source.baseAddress, &itemByteCount, &flags)
            return unsafe blosc_cbuffer_validate(source.baseAddress, source.count, &unpackedByteCount)
        }
        guard status == 0, itemByteCount > 0 else {
            throw .corrupt(.blosc, reason: "the \(packed.count) bytes are cut short or no blosc buffer")
        }
        guard unpackedByteCount == expected else {
            throw .shapeMismatch(.blosc, reason: "they hold \(unpackedByteCount) bytes and the shape takes \(expected)")
        }
        return itemByteCount
    }

    private static func frameByteCount(
        type: PixelType, rows: Int, columns: Int, samplesPerPixel: Int
    ) throws(PixelCodecError) -> Int {
        do {
            return try PixelBuffer.byteCount(
                type: type, rows: rows, columns: columns, samplesPerPixel: samplesPerPixel)
        } catch {
            throw .shapeMismatch(.blosc, reason: "the shape asked for is impossible", underlying: error)
        }
    }

    private static func frame(
        _ samples: [UInt8], type: PixelType, rows: Int, columns: Int, samplesPerPixel: Int
    ) throws(PixelCodecError) -> PixelBuffer {
        do {
            return try PixelBuffer(
                type: type, rows: rows, columns: columns, samplesPerPixel: samplesPerPixel, bytes: samples)
        } catch {
            throw .shapeMismatch(.blosc, reason: "the unpacked samples do not fill the shape", underlying: error)
        }
    }
}
