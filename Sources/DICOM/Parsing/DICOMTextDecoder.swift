internal import CDCMTK

/// Text of a data set as UTF-8, by DCMTK's and iconv's tables.
enum DICOMTextDecoder {
    struct Decoded {
        let utf8: [UInt8]
        /// It held bytes that the character set does not have.
        let isLossy: Bool
        /// No usable character set was named.
        let isAssumed: Bool
    }

    /// True where the bytes mean the same in every character set: ASCII without escape sequences.
    static func isPlain(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.allSatisfy { $0 < 0x80 && $0 != 0x1B } }

    /// PS3.5 6.1.2: the texts to which Specific Character Set applies.
    static func isAffected(_ vr: DICOMVR) -> Bool { [.LO, .LT, .PN, .SH, .ST, .UC, .UT].contains(vr) }

    /// - Parameter characterSet: the value of (0008,0005), backslashes included; empty where there is none.
    static func decode(_ bytes: ArraySlice<UInt8>, _ vr: DICOMVR, characterSet: String) -> Decoded {
        var flags: UInt8 = 0
        var buffer = unsafe cdcmtk_buffer()
        var error = cdcmtk_error()
        let status = unsafe bytes.withUnsafeBufferPointer { text -> Int32 in
            guard let base = text.baseAddress else { return Int32(cdcmtk_failed) }
            return unsafe cdcmtk_decode_text(
                characterSet, vr.rawValue, base, text.count, &buffer, &flags, &error)
        }
        defer { unsafe cdcmtk_buffer_free(&buffer) }
        guard status == cdcmtk_ok else {
            return Decoded(utf8: bytes.map { $0 < 0x80 ? $0 : 0x3F }, isLossy: true, isAssumed: false)
        }
        return Decoded(
            utf8: unsafe [UInt8](UnsafeBufferPointer(start: buffer.bytes, count: buffer.count)),
            isLossy: Int(flags) & cdcmtk_flag_lossy_text != 0, isAssumed: Int(flags) & cdcmtk_flag_assumed_text != 0)
    }
}
