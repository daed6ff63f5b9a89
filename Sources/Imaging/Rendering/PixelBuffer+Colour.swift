extension ColourPalette {
    /// The colours of a frame of indices.
    ///
    /// **Shape** `[rows][columns][3]`. Entries of more than 8 bits keep their upper 8.
    package func render8Bit(_ indices: PixelBuffer) throws(ImagingError) -> PixelBuffer {
        let tables = [red, green, blue]
        let channels = tables.map { table in indices.mapSamples(PaletteTransfer(table: table)) }
        var bytes = [UInt8](repeating: 0, count: indices.pixelCount * 3)
        for (channel, levels) in channels.enumerated() {
            for pixel in 0..<levels.count { bytes[pixel * 3 + channel] = levels[pixel] }
        }
        return try PixelBuffer(
            type: .u8, rows: indices.rows, columns: indices.columns, samplesPerPixel: 3, bytes: bytes)
    }
}

private struct PaletteTransfer: SampleTransfer {
    let table: LookupTable

    func byte(ofStored stored: Double) -> UInt8 {
        let entry = table.entry(for: stored)
        return UInt8(truncatingIfNeeded: table.bits > 8 ? entry >> UInt16(table.bits - 8) : entry)
    }
}

extension PixelBuffer {
    /// RGB of interleaved 8-bit luminance and chrominance.
    ///
    /// **Source** DICOM PS3.3 C.7.6.3.1.2, YBR_FULL, inverted; to the nearest level.
    package func convertedFromYBR() throws(ImagingError) -> PixelBuffer {
        precondition(type == .u8 && samplesPerPixel == 3, "YBR has three bytes a pixel")
        var rgb = bytes
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let luminance = Double(bytes[start])
            let blue = Double(bytes[start + 1]) - 128
            let red = Double(bytes[start + 2]) - 128
            rgb[start] = Self.level(luminance + 1.402 * red)
            rgb[start + 1] = Self.level(luminance - (0.114 * 1.772 * blue + 0.299 * 1.402 * red) / 0.587)
            rgb[start + 2] = Self.level(luminance + 1.772 * blue)
        }
        return try PixelBuffer(type: .u8, rows: rows, columns: columns, samplesPerPixel: 3, bytes: rgb)
    }

    private static func level(_ value: Double) -> UInt8 { UInt8(min(max(value, 0), 255).rounded()) }
}
