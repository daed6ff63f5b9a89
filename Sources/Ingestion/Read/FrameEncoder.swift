internal import Imaging
internal import PixelCodec

/// Turns a decoded frame into what is stored of it: statistics, digest, encoded bands of rows.
struct FrameEncoder: Sendable {
    let codec: BloscCodec
    /// A band of rows is at most this large before encoding.
    static let tileByteLimit = 64 << 20

    struct Encoded: Sendable {
        let pixels: PixelDescription
        let statistics: PixelStatistics
        let digest: PixelDigest
        let tiles: [EncodedTile]
    }

    /// Encodes losslessly; `codeStream` is kept instead where the source is itself a lossy stream of these pixels.
    func encode(_ frame: PixelBuffer, codeStream: [UInt8]? = nil) throws -> Encoded {
        let tiles: [EncodedTile] =
            if let codeStream, codeStream.count <= Self.tileByteLimit {
                [EncodedTile(firstRow: 0, rowCount: frame.rows, encoding: .jpeg, bytes: codeStream)]
            } else {
                try bands(of: frame)
            }
        return Encoded(
            pixels: PixelDescription(
                type: frame.type, rows: frame.rows, columns: frame.columns, samplesPerPixel: frame.samplesPerPixel),
            statistics: frame.statistics(), digest: PixelDigest(of: frame), tiles: tiles)
    }

    private func bands(of frame: PixelBuffer) throws -> [EncodedTile] {
        let rowBytes = max(1, frame.columns * frame.samplesPerPixel * frame.type.byteCount)
        let height = max(1, min(frame.rows, Self.tileByteLimit / rowBytes))
        if height == frame.rows {
            return [
                EncodedTile(firstRow: 0, rowCount: height, encoding: .blosc, bytes: try codec.encode(frame))
            ]
        }
        return try stride(from: 0, to: frame.rows, by: height).map { first in
            let count = min(height, frame.rows - first)
            let band = try PixelBuffer(
                type: frame.type, rows: count, columns: frame.columns, samplesPerPixel: frame.samplesPerPixel,
                bytes: Array(frame.bytes[first * rowBytes..<(first + count) * rowBytes]))
            return EncodedTile(firstRow: first, rowCount: count, encoding: .blosc, bytes: try codec.encode(band))
        }
    }
}
