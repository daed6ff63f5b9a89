import CDCMTK

@testable import DICOM

/// Headers as DCMTK reads them.
enum DCMTKReference {
    /// **Throws** `malformed` when nothing could be read.
    static func header(
        _ bytes: [UInt8], in range: Range<Int>, encoding: ElementEncoding
    ) throws(DICOMError) -> DICOMHeader {
        guard !range.isEmpty else { return .empty }
        var buffer = unsafe cdcmtk_buffer()
        var error = cdcmtk_error()
        let status = unsafe bytes.withUnsafeBufferPointer { whole -> Int32 in
            guard let base = whole.baseAddress else { return Int32(cdcmtk_failed) }
            return unsafe cdcmtk_read_data_set(
                base + range.lowerBound, range.count, encoding.rawValue, &buffer, &error)
        }
        defer { unsafe cdcmtk_buffer_free(&buffer) }
        guard status != cdcmtk_failed else { throw .malformed("data set", reason: "DCMTK could not parse it") }
        var reader = DCMTKTokenReader(
            tokens: unsafe [UInt8](UnsafeBufferPointer(start: buffer.bytes, count: buffer.count)))
        return try reader.header()
    }
}
