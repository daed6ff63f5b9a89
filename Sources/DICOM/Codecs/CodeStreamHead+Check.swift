extension CodeStreamHead {
    /// Compares what the code stream says with the header, before anything is allocated.
    ///
    /// **Throws** `codeStreamMismatch` when rows, columns or samples per pixel differ; `unsupportedPixelFormat` for a
    /// precision that no sample type holds.
    func check(_ layout: PixelLayout) throws(DICOMError) {
        guard rows == layout.rows, columns == layout.columns else {
            throw .codeStreamMismatch(
                "a frame is \(rows) x \(columns) pixels by its code stream and \(layout.rows) x \(layout.columns) by the "
                    + "header; check its source")
        }
        guard components == layout.samplesPerPixel else {
            throw .codeStreamMismatch(
                "a frame has \(components) samples per pixel by its code stream and \(layout.samplesPerPixel) by the "
                    + "header; check its source")
        }
        guard (1...32).contains(precision) else {
            throw .unsupportedPixelFormat("a frame has \(precision) bits per sample, and at most 32 are supported")
        }
        guard tileCount <= DecodedSizeLimit.tiles else {
            throw .codeStreamMismatch("a frame is cut into \(tileCount) tiles, which no real image is")
        }
    }
}
