internal import CDCMTK

/// The calls into DCMTK that take and give whole buffers; nothing unsafe leaves this file.
enum DCMTKFunctions {
    /// Inflates a deflated data set (PS3.5 A.5) of at most `limit` bytes; `isWhole` is false when the input ends early.
    static func inflate(
        _ bytes: [UInt8], from start: Int, limit: Int
    ) throws(DICOMError) -> (bytes: [UInt8], isWhole: Bool) {
        let (status, inflated, _) = unsafe taking { out, error in
            unsafe bytes.withUnsafeBufferPointer { whole in
                guard let base = whole.baseAddress, start < whole.count else { return Int32(cdcmtk_failed) }
                return unsafe cdcmtk_inflate(base + start, whole.count - start, limit, out, error)
            }
        }
        switch Int(status) {
        case cdcmtk_ok: return (inflated, true)
        case cdcmtk_partial: return (inflated, false)
        case cdcmtk_too_large:
            throw DICOMError(
                code: .inflatedTooLarge, subject: "data set",
                reason: "it inflates to more than \(limit) bytes; raise the limit if it is meant to", offset: start)
        default:
            throw DICOMError(
                code: .damagedDeflateStream, subject: "data set", reason: "its deflate stream cannot be read",
                offset: start)
        }
    }

    /// Writes a Part 10 file from a token stream.
    static func write(tokens: [UInt8], syntax: DICOMTransferSyntax) throws(DICOMError) -> [UInt8] {
        let (status, file, reason) = unsafe taking { out, error in
            unsafe tokens.withUnsafeBufferPointer { whole in
                guard let base = whole.baseAddress else { return Int32(cdcmtk_failed) }
                return unsafe cdcmtk_write_file(base, whole.count, syntax.uid, out, error)
            }
        }
        guard status == cdcmtk_ok else { throw .unwritable(reason: "DCMTK could not write it: \(reason)") }
        return file
    }

    /// Runs a call that fills a buffer, copies the buffer out and frees it.
    private static func taking(
        _ call: (UnsafeMutablePointer<cdcmtk_buffer>, UnsafeMutablePointer<cdcmtk_error>) -> Int32
    ) -> (status: Int32, bytes: [UInt8], reason: String) {
        var buffer = unsafe cdcmtk_buffer()
        var error = cdcmtk_error()
        let status = unsafe call(&buffer, &error)
        defer { unsafe cdcmtk_buffer_free(&buffer) }
        let bytes = unsafe [UInt8](UnsafeBufferPointer(start: buffer.bytes, count: buffer.count))
        return (status, bytes, text(of: &error))
    }

    static func text(of error: inout cdcmtk_error) -> String {
        unsafe withUnsafeBytes(of: &error.message) { message in
            unsafe String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
