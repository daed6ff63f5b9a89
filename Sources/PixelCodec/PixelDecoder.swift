internal import ImageFiles
package import Imaging

/// Unpacks a row of `slice_pixels`, whatever its encoding.
package enum PixelDecoder {
    /// The frame that the bytes hold.
    ///
    /// **Throws** `corrupt` when they do not unpack, `shapeMismatch` when they hold another type or shape than the
    /// catalogue says.
    package static func decode(
        encoding: PixelEncoding, bytes: [UInt8], type: PixelType, rows: Int, columns: Int, samplesPerPixel: Int
    ) throws(PixelCodecError) -> PixelBuffer {
        switch encoding {
        case .blosc:
            return try BloscCodec.decode(
                bytes, type: type, rows: rows, columns: columns, samplesPerPixel: samplesPerPixel)
        case .jpeg:
            let frame = try decodeJPEG(bytes)
            guard frame.type == type, frame.rows == rows, frame.columns == columns,
                frame.samplesPerPixel == samplesPerPixel
            else {
                throw .shapeMismatch(
                    .jpeg,
                    reason: "it unpacks to \(frame.rows) x \(frame.columns) x \(frame.samplesPerPixel) "
                        + "\(frame.type.rawValue) samples and \(rows) x \(columns) x \(samplesPerPixel) "
                        + "\(type.rawValue) were expected")
            }
            return frame
        }
    }

    private static func decodeJPEG(_ bytes: [UInt8]) throws(PixelCodecError) -> PixelBuffer {
        do {
            return try JPEGCodec.decode(bytes)
        } catch {
            throw .corrupt(.jpeg, reason: "the code stream does not unpack; ingest its source again", underlying: error)
        }
    }
}
