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
        let samples = try unsafe filled(expected) { target throws(PixelCodecError) in
            try unsafe packed.withUnsafeBufferPointer { source throws(PixelCodecError) in
                try unsafe decode(UnsafeRawBufferPointer(source), into: target)
            }
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
        let rowByteCount = expected / rows
        let samples = try unsafe filled(band.count * rowByteCount) { target throws(PixelCodecError) in
            try unsafe packed.withUnsafeBufferPointer { source throws(PixelCodecError) in
                try unsafe decodeRows(
                    band, of: UnsafeRawBufferPointer(source), rows: rows, rowByteCount: rowByteCount, into: target)
            }
        }
        return try frame(samples, type: type, rows: band.count, columns: columns, samplesPerPixel: samplesPerPixel)
    }

    /// Unpacks a whole buffer into memory of the caller, as large as its samples.
    ///
    /// **Throws** as `decode`. **Cost** no copy.
    package static func decode(
        _ packed: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(PixelCodecError) {
        _ = try unsafe checkedHeader(of: packed, expecting: target.count)
        let status = unsafe blosc_decompress_ctx(packed.baseAddress, target.baseAddress, target.count, 1)
        guard Int(status) == target.count else { throw .corruptBlock }
    }

    /// Unpacks a band of rows into memory of the caller, touching only the blocks that hold it.
    ///
    /// - Parameter rows: Of the whole frame, each of `rowByteCount` bytes.
    /// **Throws** as `decodeRows`.
    package static func decodeRows(
        _ band: Range<Int>, of packed: UnsafeRawBufferPointer, rows: Int, rowByteCount: Int,
        into target: UnsafeMutableRawBufferPointer
    ) throws(PixelCodecError) {
        let itemByteCount = try unsafe checkedHeader(of: packed, expecting: rows * rowByteCount)
        guard rowByteCount % itemByteCount == 0 else {
            throw .shapeMismatch(.blosc, reason: "its items of \(itemByteCount) bytes do not divide a row")
        }
        let itemsPerRow = rowByteCount / itemByteCount
        let wanted = band.count * rowByteCount
        precondition(target.count == wanted && band.lowerBound >= 0 && band.upperBound <= rows, "the band fits")
        let status = unsafe blosc_getitem(
            packed.baseAddress, Int32(band.lowerBound * itemsPerRow), Int32(band.count * itemsPerRow),
            target.baseAddress)
        guard Int(status) == wanted else { throw .corruptBlock }
    }

    /// Bytes of one item, once the header is sound and promises exactly `expected` bytes.
    private static func checkedHeader(
        of packed: UnsafeRawBufferPointer, expecting expected: Int
    ) throws(PixelCodecError) -> Int {
        guard packed.count >= headerByteCount, packed.count <= Int(Int32.max) else {
            throw .corrupt(.blosc, reason: "\(packed.count) bytes are no blosc buffer")
        }
        var unpackedByteCount = 0
        var itemByteCount = 0
        var flags: Int32 = 0
        unsafe blosc_cbuffer_metainfo(packed.baseAddress, &itemByteCount, &flags)
        let status = unsafe blosc_cbuffer_validate(packed.baseAddress, packed.count, &unpackedByteCount)
        guard status == 0, itemByteCount > 0 else {
            throw .corrupt(.blosc, reason: "the \(packed.count) bytes are cut short or no blosc buffer")
        }
        guard unpackedByteCount == expected else {
            throw .shapeMismatch(.blosc, reason: "they hold \(unpackedByteCount) bytes and the shape takes \(expected)")
        }
        return itemByteCount
    }

    /// Bytes that the body writes, every one of them unless it throws.
    private static func filled(
        _ byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) throws(PixelCodecError) -> Void
    ) throws(PixelCodecError) -> [UInt8] {
        var failure: PixelCodecError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { target, count in
            do throws(PixelCodecError) {
                try unsafe body(
                    UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[..<byteCount]))
                count = byteCount
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
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
