internal import CZlib

/// How deflated data is wrapped.
enum DeflateFraming {
    /// RFC 1952; members may follow one another.
    case gzip
    /// RFC 1950 (a `.zraw` of MetaImage) or gzip, whichever the bytes begin with; one stream.
    case zlib
}

/// One inflation in progress; owns zlib's state.
@safe
struct GzipInflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    /// How much of the compressed bytes is consumed.
    private(set) var position = 0
    private let framing: DeflateFraming

    init(framing: DeflateFraming = .gzip) throws(ImageFileError) {
        self.framing = framing
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status =
            switch framing {
            case .gzip: unsafe czlib_gunzip_begin(stream)
            case .zlib: unsafe czlib_inflate_begin(stream)
            }
        guard status == Z_OK else {
            unsafe stream.deallocate()
            throw .gzip(.outOfMemory, "zlib could not start")
        }
        unsafe self.stream = stream
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Appends up to `room` bytes of content; `true` when the content is complete.
    ///
    /// **Throws** `truncated` when the compressed bytes are used up first; what was inflated has been appended.
    mutating func append(
        upTo room: Int, of bytes: [UInt8], to content: inout [UInt8]
    ) throws(ImageFileError) -> Bool {
        let start = content.count
        let capacity = min(room, Int(UInt32.max))
        let input = min(bytes.count - position, Int(UInt32.max))
        var status = Z_OK
        var consumed = 0
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            unsafe bytes.withUnsafeBufferPointer { source in
                // zlib does not write to its input; its C type lacks the const.
                unsafe stream.pointee.next_in = source.baseAddress.map {
                    unsafe UnsafeMutablePointer(mutating: $0 + position)
                }
                unsafe stream.pointee.avail_in = UInt32(input)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(capacity)
                status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                consumed = unsafe input - Int(stream.pointee.avail_in)
                count = unsafe capacity - Int(stream.pointee.avail_out)
            }
        }
        position += consumed
        if start == 0 { content = piece } else { content.append(contentsOf: piece) }
        return try isFinished(after: status, produced: piece.count, of: bytes)
    }

    private mutating func isFinished(
        after status: Int32, produced: Int, of bytes: [UInt8]
    ) throws(ImageFileError) -> Bool {
        switch status {
        case Z_STREAM_END:
            if framing == .zlib { return true }
            return try skipToNextMember(of: bytes) == false
        case Z_OK where produced > 0 || position < bytes.count:
            return false
        case Z_OK, Z_BUF_ERROR:
            throw .gzip(.truncated, "the compressed data ends early; copy the file again", at: position)
        case Z_MEM_ERROR:
            throw .gzip(.outOfMemory, "zlib has no memory", at: position)
        default:
            let code: ImageFileError.Code = position < 10 ? .notAGzip : .corrupt
            throw .gzip(code, "the compressed data is damaged; copy the file again", at: position)
        }
    }

    /// Prepares the member that follows; `false` when only padding is left.
    private mutating func skipToNextMember(of bytes: [UInt8]) throws(ImageFileError) -> Bool {
        while position < bytes.count, bytes[position] == 0 { position += 1 }
        guard position < bytes.count else { return false }
        guard GzipInflate.isGzip(bytes[position...]) else {
            throw .gzip(.corrupt, "bytes that are no gzip data follow the content", at: position)
        }
        unsafe inflateReset(stream)
        return true
    }
}
