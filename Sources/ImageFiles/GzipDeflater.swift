internal import CZlib

/// One compression in progress; owns zlib's state. The header has no time and no name: same input, same bytes.
@safe
struct GzipDeflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>

    /// **Throws** `invalidRequest` for a level outside 0–9, `outOfMemory`.
    init(level: Int, framing: DeflateFraming = .gzip) throws(ImageFileError) {
        guard (0...9).contains(level) else { throw .gzip(.invalidRequest, "the compression level is not 0 to 9") }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status =
            switch framing {
            case .gzip: unsafe czlib_gzip_begin(stream, Int32(level))
            case .zlib: unsafe czlib_zlib_begin(stream, Int32(level))
            }
        guard status == Z_OK else {
            unsafe stream.deallocate()
            throw .gzip(.outOfMemory, "zlib could not start")
        }
        unsafe self.stream = stream
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// What zlib gives out for this piece of content; with `isLast`, also everything it still holds and the trailer.
    mutating func deflate(_ bytes: [UInt8], isLast: Bool) throws(ImageFileError) -> [UInt8] {
        guard bytes.count <= Int(UInt32.max) else { throw .gzip(.invalidRequest, "a piece exceeds 4 GiB") }
        var compressed: [UInt8] = []
        var status = Z_OK
        var isDrained = false
        unsafe bytes.withUnsafeBufferPointer { source in
            // zlib does not write to its input; its C type lacks the const.
            unsafe stream.pointee.next_in = source.baseAddress.map { unsafe UnsafeMutablePointer(mutating: $0) }
            unsafe stream.pointee.avail_in = UInt32(source.count)
            while !isDrained {
                let piece = unsafe [UInt8](unsafeUninitializedCapacity: 262_144) { target, count in
                    unsafe stream.pointee.next_out = target.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(target.count)
                    status = unsafe CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    count = unsafe target.count - Int(stream.pointee.avail_out)
                }
                compressed += piece
                isDrained = piece.count < 262_144 || status == Z_STREAM_END || status == Z_STREAM_ERROR
            }
        }
        guard status == Z_STREAM_END || status == Z_OK || status == Z_BUF_ERROR else {
            throw .gzip(.outOfMemory, "zlib could not compress")
        }
        return compressed
    }
}
