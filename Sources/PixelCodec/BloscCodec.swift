internal import CBlosc
package import Imaging

/// Lossless packing of one frame as a c-blosc 1 buffer, the format of numcodecs and Zarr 2.
///
/// Byte shuffle on samples of the pixel type, blocks small enough that bands of rows unpack alone, one thread: callers
/// are parallel over frames. The bytes depend on the frame, the compressor and the level only.
package struct BloscCodec: Sendable, Equatable {
    package enum Compressor: String, Sendable, CaseIterable {
        /// Fast enough to feed a training loader.
        case lz4
        /// About a third smaller on CT and five times slower to unpack.
        case zstd
    }

    package let compressor: Compressor
    /// 1 (fastest) to 9 (smallest).
    package let level: Int

    /// Bytes of a block, the grain of partial reads. The library splits LZ4 blocks into one stream per byte of a sample
    /// and enlarges them accordingly: 64 KiB for samples of one or two bytes, 128 KiB for four, 256 KiB for eight.
    static let blockByteCount = 32 * 1024
    /// `BLOSC_MAX_BUFFERSIZE`; the macro is an expression that Swift does not import.
    static let maximumByteCount = Int(Int32.max) - headerByteCount
    static let headerByteCount = Int(BLOSC_MIN_HEADER_LENGTH)

    package init(compressor: Compressor = .lz4, level: Int = 5) {
        precondition((1...9).contains(level), "blosc levels are 1 to 9")
        self.compressor = compressor
        self.level = level
    }

    /// Packs a frame.
    ///
    /// **Throws** `tooLarge` beyond 2 GiB, `encodingFailed` when the library lacks the compressor.
    /// **Cost** noise does not shrink: at most 16 bytes more than the samples.
    package func encode(_ buffer: PixelBuffer) throws(PixelCodecError) -> [UInt8] {
        guard buffer.bytes.count <= Self.maximumByteCount else {
            throw .tooLarge(byteCount: buffer.bytes.count, limit: Self.maximumByteCount)
        }
        // Packed into scratch and copied at its final size: an array of full capacity would keep twice the memory.
        let capacity = buffer.bytes.count + Self.headerByteCount
        let outcome = unsafe withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 16) { scratch in
            let status = unsafe buffer.bytes.withUnsafeBytes { source in
                unsafe blosc_compress_ctx(
                    Int32(level), Int32(BLOSC_SHUFFLE), buffer.type.byteCount, source.count, source.baseAddress,
                    scratch.baseAddress, capacity, compressor.rawValue, Self.blockByteCount, 1)
            }
            return unsafe (status: status, packed: [UInt8](scratch.prefix(max(0, Int(status)))))
        }
        guard outcome.status > 0 else {
            throw .encodingFailed(
                reason: "the blosc library cannot pack with \(compressor.rawValue) (code \(outcome.status))")
        }
        return outcome.packed
    }
}
