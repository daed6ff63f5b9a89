import Glibc

/// Whole-block checks that run over every byte of a table.
enum CSVText {
    /// **Cost** one vectorised pass where all is ASCII.
    static func isUTF8(_ text: [UInt8]) -> Bool {
        var union: UInt8 = 0
        for byte in text { union |= byte }
        return union < 0x80 || String(validating: text, as: UTF8.self) != nil
    }

    /// Where the first zero byte is.
    static func firstNUL(in text: [UInt8], from start: Int) -> Int? {
        unsafe text.withUnsafeBytes { raw in
            guard start < raw.count, let base = raw.baseAddress else { return nil }
            return unsafe memchr(base + start, 0, raw.count - start).map { unsafe UnsafeRawPointer($0) - base }
        }
    }
}
