/// Cuts the dark borders of a photograph away.
package struct BlackBorders: Sendable, Equatable {
    /// A sample is bright where it is greater than this, strictly.
    package let threshold: Double

    package init(threshold: Double) {
        self.threshold = threshold
    }

    /// The rows and columns that hold a pixel of which any channel is bright; `nil` for a picture that is dark
    /// throughout.
    ///
    /// **Source** `crop_black_borders` of "Machine Learning with TensorFlow" (mlwithtf, chapter 8), which leaves the first
    /// pixel of a dark picture.
    package func box(of picture: PixelBuffer) -> PixelBox? {
        let bright = picture.mapSamples(BrightTransfer(threshold: threshold))
        let width = picture.columns * picture.samplesPerPixel
        var box: PixelBox?
        for row in 0..<picture.rows {
            let line = bright[row * width..<(row + 1) * width]
            guard let first = line.firstIndex(of: 1), let last = line.lastIndex(of: 1) else { continue }
            let left = (first - row * width) / picture.samplesPerPixel
            let right = (last - row * width) / picture.samplesPerPixel
            guard let known = box else {
                box = PixelBox(minimumRow: row, minimumColumn: left, maximumRow: row, maximumColumn: right)
                continue
            }
            box = PixelBox(
                minimumRow: known.minimumRow, minimumColumn: min(known.minimumColumn, left), maximumRow: row,
                maximumColumn: max(known.maximumColumn, right))
        }
        return box
    }

    /// The picture within its box; its first pixel alone where it is dark throughout, which `isDark` says.
    package func crop(_ picture: PixelBuffer) throws(ImagingError) -> (picture: PixelBuffer, isDark: Bool) {
        let found = box(of: picture)
        let box = found ?? PixelBox(minimumRow: 0, minimumColumn: 0, maximumRow: 0, maximumColumn: 0)
        return (try picture.cropped(to: box), found == nil)
    }
}

/// 1 where the sample is bright.
private struct BrightTransfer: SampleTransfer {
    let threshold: Double

    func byte(ofStored stored: Double) -> UInt8 { stored > threshold ? 1 : 0 }
}

extension PixelBuffer {
    /// A rectangle of the picture, all channels.
    ///
    /// **Throws** `invalidPixels` for a box that reaches outside.
    package func cropped(to box: PixelBox) throws(ImagingError) -> PixelBuffer {
        precondition(
            box.minimumRow >= 0 && box.minimumColumn >= 0 && box.maximumRow < rows && box.maximumColumn < columns,
            "the box lies within the picture")
        let pixel = samplesPerPixel * type.byteCount
        var kept: [UInt8] = []
        kept.reserveCapacity(box.rowCount * box.columnCount * pixel)
        for row in box.minimumRow...box.maximumRow {
            let start = (row * columns + box.minimumColumn) * pixel
            kept += bytes[start..<start + box.columnCount * pixel]
        }
        return try PixelBuffer(
            type: type, rows: box.rowCount, columns: box.columnCount, samplesPerPixel: samplesPerPixel, bytes: kept)
    }
}
