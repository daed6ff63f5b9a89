#if _endian(big)
    #error("Pixel buffers are little-endian in memory; a big-endian machine needs a swap in withElements.")
#endif

/// One frame of stored values, exactly as the source holds them: no rescale, no window, no resize.
///
/// **Shape** `[rows][columns][samplesPerPixel]`, C order, samples interleaved, little-endian.
package struct PixelBuffer: Sendable, Equatable {
    package let type: PixelType
    package let rows: Int
    package let columns: Int
    package let samplesPerPixel: Int
    package let bytes: [UInt8]

    /// Adopts raw little-endian samples.
    ///
    /// **Throws** `shapeMismatch` when a side is not positive or the bytes are not exactly the samples of the shape.
    package init(
        type: PixelType, rows: Int, columns: Int, samplesPerPixel: Int = 1, bytes: [UInt8]
    ) throws(ImagingError) {
        let expected = try Self.byteCount(type: type, rows: rows, columns: columns, samplesPerPixel: samplesPerPixel)
        guard bytes.count == expected else {
            throw .shapeMismatch(
                "pixel buffer",
                reason: "\(rows) x \(columns) x \(samplesPerPixel) \(type.rawValue) samples take \(expected) bytes "
                    + "but \(bytes.count) were given")
        }
        self.type = type
        self.rows = rows
        self.columns = columns
        self.samplesPerPixel = samplesPerPixel
        self.bytes = bytes
    }

    /// Copies typed samples.
    ///
    /// **Throws** `shapeMismatch` as above.
    package init<T: PixelElement>(
        rows: Int, columns: Int, samplesPerPixel: Int = 1, elements: [T]
    ) throws(ImagingError) {
        let bytes = unsafe elements.withUnsafeBytes { unsafe [UInt8]($0) }
        try self.init(
            type: T.pixelType, rows: rows, columns: columns, samplesPerPixel: samplesPerPixel, bytes: bytes)
    }

    package var pixelCount: Int { rows * columns }

    /// Samples of all channels.
    package var elementCount: Int { rows * columns * samplesPerPixel }

    /// Bytes that a frame of this shape occupies.
    ///
    /// **Throws** `shapeMismatch` when a side is not positive or the product does not fit an `Int`.
    package static func byteCount(
        type: PixelType, rows: Int, columns: Int, samplesPerPixel: Int
    ) throws(ImagingError) -> Int {
        guard rows > 0, columns > 0, samplesPerPixel > 0 else {
            throw .shapeMismatch("pixel buffer", reason: "rows, columns and samples per pixel must be positive")
        }
        var product = type.byteCount
        for side in [rows, columns, samplesPerPixel] {
            let (next, overflow) = product.multipliedReportingOverflow(by: side)
            guard !overflow else {
                throw .shapeMismatch("pixel buffer", reason: "rows x columns x samples overflow the address space")
            }
            product = next
        }
        return product
    }
}
