internal import CPNG
import Glibc

/// One libpng reader over borrowed bytes.
@safe
struct PNGReader: ~Copyable {
    let header: PNGHeader
    private let handle: OpaquePointer

    /// The bytes must outlive the reader.
    init(lending source: UnsafeBufferPointer<UInt8>) throws(ImageFileError) {
        guard let base = source.baseAddress else { throw .png(.truncated, "it is empty", at: 0) }
        var made: OpaquePointer?
        var fields = cpng_header()
        try unsafe Self.check { message, capacity in
            unsafe cpng_reader_create(base, source.count, &made, &fields, message, capacity)
        }
        guard let handle = unsafe made else { throw .png(.outOfMemory, "libpng could not start") }
        guard let colour = PNGHeader.Colour(rawValue: fields.color_type) else {
            unsafe cpng_reader_destroy(handle)
            throw .png(.corrupt, "its colour type is unknown")
        }
        unsafe self.handle = handle
        header = PNGHeader(
            width: Int(fields.width), height: Int(fields.height), bitDepth: Int(fields.bit_depth), colour: colour,
            isInterlaced: fields.is_interlaced != 0, hasTransparency: fields.has_transparency != 0)
    }

    deinit { unsafe cpng_reader_destroy(handle) }

    /// All samples; to be called once.
    borrowing func samples(asStored: Bool) throws(ImageFileError) -> [UInt8] {
        let byteCount = asStored ? header.storedByteCount : header.decodedByteCount
        var samples = [UInt8](repeating: 0, count: byteCount)
        let count = samples.count
        let handle = unsafe self.handle
        try unsafe Self.check { message, capacity in
            unsafe samples.withUnsafeMutableBufferPointer { target in
                guard let base = target.baseAddress else { return CPNG_CORRUPT }
                return unsafe cpng_reader_read(handle, asStored ? 1 : 0, base, count, message, capacity)
            }
        }
        return samples
    }

    static func encode(
        _ pixels: [UInt8], header: cpng_header, method: PNGMethod, note: PNGNote?
    ) throws(ImageFileError) -> [UInt8] {
        var made: UnsafeMutablePointer<UInt8>?
        var count = 0
        var header = header
        let key = note.map { Array($0.key.utf8CString) }
        let text = note.map { Array($0.text.utf8CString) }
        try unsafe check { message, capacity in
            unsafe withOptionalPointers(key, text) { key, text in
                var options = unsafe cpng_options(
                    compression: Int32(method.level), strategy: method.strategy.rawValue,
                    filters: method.filters.rawValue, key: key, text: text)
                return unsafe cpng_encode(
                    pixels, pixels.count, &header, &options, &made, &count, message, capacity)
            }
        }
        defer { unsafe cpng_free(made) }
        return unsafe [UInt8](UnsafeBufferPointer(start: made, count: count))
    }

    private static func withOptionalPointers<R>(
        _ first: [CChar]?, _ second: [CChar]?, _ body: (UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> R
    ) -> R {
        guard let first, let second else { return body(nil, nil) }
        return unsafe first.withUnsafeBufferPointer { first in
            unsafe second.withUnsafeBufferPointer { second in unsafe body(first.baseAddress, second.baseAddress) }
        }
    }

    /// Runs one C entry point and turns its status and its line of text into an error.
    private static func check(
        _ call: (UnsafeMutablePointer<CChar>, Int) -> cpng_status
    ) throws(ImageFileError) {
        let capacity = 160
        var status = CPNG_OK
        let text = unsafe String(unsafeUninitializedCapacity: capacity) { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { message in
                guard let base = message.baseAddress else { return 0 }
                unsafe base.pointee = 0
                status = unsafe call(base, capacity)
                return unsafe strnlen(base, capacity)
            }
        }
        switch status {
        case CPNG_OK: return
        case CPNG_TRUNCATED: throw .png(.truncated, "\(text); copy the file again")
        case CPNG_NO_MEMORY: throw .png(.outOfMemory, text)
        default: throw .png(.corrupt, "libpng says \"\(text)\"")
        }
    }
}
